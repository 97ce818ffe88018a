"""Messages that tell several problems, taken apart."""

from __future__ import annotations

import pytest

from bot.segments import Segmenter

SEGMENTER = Segmenter.read()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("my printer is offline and my mouse doesn't click", ["my printer is offline", "my mouse doesn't click"]),
        ("1. vpn is down 2. outlook is slow", ["vpn is down", "outlook is slow"]),
        ("- wifi is slow\n- printer jammed", ["wifi is slow", "printer jammed"]),
        ("I can't print. Also, the wifi drops.", ["I can't print", "the wifi drops"]),
        ("mijn scherm blijft zwart, ook doet mijn muis niks", ["mijn scherm blijft zwart", "doet mijn muis niks"]),
        ("de vpn valt weg en mijn mailbox is vol", ["de vpn valt weg", "mijn mailbox is vol"]),
    ],
)
def test_several_problems_are_parted(text: str, clauses: list[str]) -> None:
    assert [clause.text for clause in SEGMENTER.clauses(text)] == clauses


def test_in_a_mail_sentences_go_on_with_the_story_unless_they_announce_another_problem() -> None:
    mail = "The printer is off, its display dark. Also I restarted it. Another thing: my mailbox is full.\n2. no wifi"
    assert [(each.text, each.further) for each in SEGMENTER.sentences(mail)] == [
        ("The printer is off, its display dark.", False),
        ("Also I restarted it.", False),
        ("my mailbox is full.", True),
        ("no wifi", True),
    ]


@pytest.mark.parametrize(
    "text",
    ["my laptop is slow", "search and replace the toner", "mijn collega's ook", "version 2.1 does not start"],
)
def test_one_problem_stays_whole(text: str) -> None:
    assert [clause.text for clause in SEGMENTER.clauses(text)] == [text]


def test_a_clause_says_where_it_stands() -> None:
    text = "Hi,\n\n1) the wifi drops;  2) besides that my screen flickers!"
    assert all(text[clause.start :].startswith(clause.text) for clause in SEGMENTER.clauses(text))


@pytest.mark.parametrize("text", ["", " ", "...", "👍", "\n\n-\n"])
def test_nothing_said_has_no_clauses(text: str) -> None:
    assert SEGMENTER.clauses(text) == []


def test_a_log_is_not_taken_for_hundreds_of_problems() -> None:
    assert len(SEGMENTER.clauses("it is broken. " * 500)) <= 12
