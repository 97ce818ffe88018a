"""What the desk itself says to customers, in their language. The sentences stand in the YAML files beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

DEFAULT = "en"
LANGUAGES = ("en", "nl")


@cache
def _words(language: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(resources.files(__name__).joinpath(f"{language}.yml").read_text("utf-8"))
    return loaded


def _spoken(language: str | None) -> Mapping[str, Any]:
    return _words(language if language in LANGUAGES else DEFAULT)


def sentence(key: str, language: str | None, **values: object) -> str:
    """The sentence `key` in `language` (English when the product does not speak it), with `values` filled in."""
    return str(_spoken(language)[key]).strip().format(**values)


def word(group: str, key: str, language: str | None) -> str:
    """What `key` is called in `group`; the group's ``other`` where it has no name of its own."""
    names: Mapping[str, str] = _spoken(language)[group]
    return names.get(key) or names["other"]


def name(group: str, position: int, language: str | None) -> str:
    """A name by its position: ``days`` from Monday, ``months`` from January, both from 0."""
    names: Sequence[str] = _spoken(language)[group]
    return names[position]
