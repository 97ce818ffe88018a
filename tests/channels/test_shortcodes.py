"""Emoji that are written by their names."""

from __future__ import annotations

import pytest

from channels.shortcodes import shown


def rich(*elements: dict[str, object]) -> list[dict[str, object]]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Hi "}, *elements]}
    return [{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [section]}]}]


def emoji(name: str, points: object = None, **more: object) -> dict[str, object]:
    return {"type": "emoji", "name": name, "unicode": points, **more}


@pytest.mark.parametrize(
    ("text", "element", "read"),
    [
        ("Hi :wave:", emoji("wave", "1f44b"), "Hi 👋"),
        (":+1::+1: at 10:30:15", emoji("+1", "1f44d"), "👍👍 at 10:30:15"),
        ("Hi :wave::skin-tone-3:", emoji("wave", "1f44b-1f3fc", skin_tone=3), "Hi 👋🏼"),
        ("Hi :wave::skin-tone-3:", emoji("wave::skin-tone-3", "1f44b-1f3fc"), "Hi 👋🏼"),
        (":man-heart-man:", emoji("man-heart-man", "1f468-200d-2764-fe0f-200d-1f468"), "👨‍❤️‍👨"),
        (":our_logo: :wave:", emoji("our_logo"), ":our_logo: :wave:"),
        (":wave:", emoji("wave", "110000"), ":wave:"),
        (":wave:", emoji("wave", "d83d-dc4b"), ":wave:"),
        (":wave:", emoji("wave", "x"), ":wave:"),
    ],
)
def test_emoji_are_read_as_people_see_them(text: str, element: dict[str, object], read: str) -> None:
    assert shown(text, rich(element)) == read


@pytest.mark.parametrize("blocks", [None, [], {}, "x", [1, None, {"elements": 3}]])
def test_without_rich_text_names_stay(blocks: object) -> None:
    assert shown(":wave:", blocks) == ":wave:"
