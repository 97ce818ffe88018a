"""The email channel's words, read once from ``locale/<language>.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "nl")


def spoken(language: str | None) -> str:
    """The language that somebody who speaks `language` is addressed in."""
    return language if language in LANGUAGES else LANGUAGES[0]


def words(key: str, language: str | None, **values: object) -> str:
    """The words at the path `key` (``choose.one``), with `values` filled in."""
    found: Any = _words(spoken(language))
    for part in key.split("."):
        found = found[part]
    return str(found).format(**values)


def section(key: str, language: str | None) -> Mapping[str, str]:
    """All words below `key`, for a template."""
    found: Mapping[str, str] = _words(spoken(language))[key]
    return found


@cache
def _words(language: str) -> Mapping[str, Any]:
    folder = resources.files("channels.email") / "locale"
    loaded: Mapping[str, Any] = yaml.safe_load((folder / f"{language}.yml").read_text("utf-8"))
    return loaded
