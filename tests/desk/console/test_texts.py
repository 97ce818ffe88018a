"""In which language the console is read, and how it names days and values."""

from __future__ import annotations

from datetime import date

import pytest

from desk.console import texts


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nl", "nl"),
        ("de, nl;q=0.5", "nl"),
        ("en;q=0.1, nl;q=0.9", "nl"),
        ("nl;q=0, en", "en"),
        ("", "en"),
        ("x;q=y", "en"),
        ("fr", "en"),
    ],
)
def test_the_browsers_first_wish_that_is_spoken_is_fulfilled(header: str, language: str) -> None:
    assert texts.preferred(header, texts.load()) == language


def test_days_are_named_as_people_name_them() -> None:
    dutch, today = texts.load()["nl"], date(2026, 3, 2)
    assert dutch.day(today, today) == "Vandaag"
    assert dutch.day(date(2026, 3, 1), today) == "Gisteren"
    assert dutch.day(date(2026, 2, 27), today) == "vrijdag 27 februari"
    assert texts.load()["en"].day(date(2025, 12, 31), today) == "Wednesday, 31 December 2025"


def test_a_value_without_a_name_is_shown_readably() -> None:
    assert texts.load()["nl"].label("channel", "carrier_pigeon") == "Carrier pigeon"
