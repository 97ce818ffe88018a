"""The words and the layout of mails to technicians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from desk.texts import DEFAULT, LANGUAGES


@cache
def _words(language: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(resources.files(__name__).joinpath(f"{language}.yml").read_text("utf-8"))
    return loaded


@cache
def _layouts() -> Environment:
    return Environment(
        loader=PackageLoader(__name__, "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def spoken(language: str | None) -> str:
    """The language a mail is written in for somebody who prefers `language`."""
    return language if language in LANGUAGES else DEFAULT


def words(key: str, language: str | None, **values: object) -> str:
    """The words at the path `key` (``alert.what.waiting``), with `values` filled in."""
    found: Any = _words(spoken(language))
    for part in key.split("."):
        found = found[part]
    return str(found).format(**values)


def lay_out(
    subject: str,
    lines: Sequence[str],
    facts: Sequence[tuple[str, str]],
    link: tuple[str, str],
    why: str,
    language: str | None,
) -> tuple[str, str]:
    """A mail's two bodies, plain text and HTML. `link`: what stands on the button, and where it leads."""
    button, address = link
    values = {
        "subject": subject,
        "lines": lines,
        "facts": facts,
        "button": button,
        "address": address,
        "why": why,
        "language": spoken(language),
    }
    text, html = (_layouts().get_template(f"layout.{kind}").render(values) for kind in ("txt", "html"))
    return text, html
