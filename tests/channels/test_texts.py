"""What channels themselves say, in every language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from channels.contract import RejectReason
from channels.texts import Texts, load

CHANNELS = ["email", "slack", "telegram", "web"]
_DIFFERS = {"orders"}
"""Sections in which each language has words of its own."""


def shape(said: Any) -> Any:
    """The keys, and which words each sentence leaves open."""
    if isinstance(said, dict):
        return {key: shape(value) for key, value in said.items() if key not in _DIFFERS}
    if isinstance(said, list):
        return [shape(value) for value in said]
    return set(re.findall(r"\{\w+\}", said))


@pytest.mark.parametrize("kind", CHANNELS)
def test_dutch_says_everything_english_says_with_the_same_values(kind: str) -> None:
    texts = load(f"channels.{kind}")
    assert texts.languages == ("en", "nl")
    assert shape(texts._languages["en"]) == shape(texts._languages["nl"])


@pytest.mark.parametrize("reason", RejectReason)
@pytest.mark.parametrize("kind", ["slack", "telegram", "web"])
def test_every_refusal_is_worded_in_every_language(kind: str, reason: RejectReason) -> None:
    texts = load(f"channels.{kind}")
    said = [texts.say(f"errors.{reason}", language, name="a.zip", limit=20) for language in texts.languages]
    assert len(set(said)) == 2
    assert all(said)


TEXTS = Texts({"en": {"hello": "Hello {name}", "choose": {"one": "Which?"}}, "nl": {"hello": "Hallo {name}"}})


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (["nl-BE"], "nl"),
        (["NL"], "nl"),
        (["fy", None, "nl"], "nl"),
        ([7, "en_GB"], "en"),
        (["fy"], None),
        ([None], None),
        ([""], None),
        ([], None),
    ],
)
def test_the_first_language_that_is_spoken_is_chosen(wishes: list[object], language: str | None) -> None:
    assert TEXTS.spoken(*wishes) == language


def test_a_sentence_is_said_in_the_language_or_else_in_english() -> None:
    assert [TEXTS.say("hello", language, name="Alice") for language in ("nl", "fy", None)] == [
        "Hallo Alice",
        "Hello Alice",
        "Hello Alice",
    ]
    assert TEXTS.say("choose.one", "en") == "Which?"
    assert TEXTS.section("choose", None) == {"one": "Which?"}
