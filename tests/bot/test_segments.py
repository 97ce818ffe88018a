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
        ("hij is traag en teams geluid doet het ook niet", ["hij is traag", "teams geluid doet het ook niet"]),
        ("it is slow and teams has no sound either", ["it is slow", "teams has no sound either"]),
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


def test_a_list_that_counts_parts_a_mail_also_within_a_line() -> None:
    mail = "I have two problems: 1. no wifi here 2. the printer is dead. It stands on floor 2. Please help me"
    assert [(each.text.strip(), each.further) for each in SEGMENTER.sentences(mail)] == [
        ("I have two problems:", False),
        ("no wifi here", True),
        ("the printer is dead.", True),
        ("It stands on floor 2.", False),
        ("Please help me", False),
    ]


@pytest.mark.parametrize(
    ("text", "besides"),
    [
        ("2, and my scanner fails too", ["my scanner fails too"]),
        ("2, en mijn scanner doet het ook niet", ["mijn scanner doet het ook niet"]),
        ("option 2, and also my mailbox is full", ["my mailbox is full"]),
        ("my printer does not print and my mouse is dead too", []),
        ("my laptop crashed and my documents are gone", []),
        ("and my mouse is dead too", []),
        ("2", []),
    ],
)
def test_what_is_said_behind_a_few_words_is_found(text: str, besides: list[str]) -> None:
    assert [clause.text for clause in SEGMENTER.besides(text)] == besides


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
