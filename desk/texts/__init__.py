"""What the desk itself says to customers, in their language. The sentences stand in the YAML files beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

DEFAULT = "en"
LANGUAGES = ("en", "nl")


@cache
def _sentences(language: str) -> Mapping[str, str]:
    loaded = yaml.safe_load(resources.files(__name__).joinpath(f"{language}.yml").read_text("utf-8"))
    return {str(key): str(value).strip() for key, value in loaded.items()}


def sentence(key: str, language: str | None, **values: object) -> str:
    """The sentence `key` in `language` (English when the product does not speak it), with `values` filled in."""
    return _sentences(language if language in LANGUAGES else DEFAULT)[key].format(**values)
