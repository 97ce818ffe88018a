"""What a customer quotes is not what they say."""

from __future__ import annotations

import pytest

from desk.model.quote import without_quote


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("yes", "yes"),
        ("> Is it on?\n> Really?\nyes\n> no quote here", "yes\n> no quote here"),
        ("> only a quote", "> only a quote"),
        ("5 > 4", "5 > 4"),
        ("", ""),
        (">\n2", "2"),
    ],
)
def test_what_stands_behind_the_quote_is_meant(text: str, own: str) -> None:
    assert without_quote(text) == own
