"""Every word in every language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import channels.web
from channels.texts import load
from channels.web.connection import UNAVAILABLE
from channels.web.parse import FrameCode
from channels.web.uploads import BUSY, FILE_GONE, INTERRUPTED

WEB = Path(channels.web.__file__).parent


def words(language: str) -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((WEB / f"locale/{language}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("code", [*FrameCode, UNAVAILABLE, BUSY, INTERRUPTED, FILE_GONE])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_refusal_is_worded(code: str, language: str) -> None:
    assert load("channels.web").say(f"errors.{code}", language)


def test_every_word_of_the_widget_is_used_and_known() -> None:
    scripts = "".join(file.read_text(encoding="utf-8") for file in sorted((WEB / "static").glob("*.js")))
    for key in words("en")["widget"]:
        assert f'"{key}"' in scripts, f"{key} is worded but never shown"
    for key in re.findall(r'\bt\("(\w+)"', scripts):
        assert key in words("en")["widget"], f"{key} is shown but not worded"


def test_no_script_makes_markup_of_text() -> None:
    for file in sorted((WEB / "static").glob("*.js")):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", file.read_text()), file
