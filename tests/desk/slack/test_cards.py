"""How cards and messages look, in both languages and within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Attachment, Author, Choice, Owner
from desk.model.ticket import MAJOR, State
from desk.slack import cards
from desk.slack.blocks import Message, escape
from desk.slack.texts import Spoken
from tests.desk.slack.pictures import CARD, CONVERSATION, RUN, TICKET, picture, said

EN, NL = Spoken()("en"), Spoken()("nl")
URL = "https://help.example.org"


def texts_in(block: Any) -> Iterator[dict[str, Any]]:
    if isinstance(block, dict):
        if block.get("type") in {"plain_text", "mrkdwn"}:
            yield block
        for value in block.values():
            yield from texts_in(value)
    elif isinstance(block, (list, tuple)):
        for value in block:
            yield from texts_in(value)


def words(message: Message) -> str:
    return " | ".join(text["text"] for text in texts_in(list(message.blocks)))


def test_a_card_says_who_what_why_how_urgent_and_since_when() -> None:
    english, dutch = words(cards.card(EN, picture(), URL)), words(cards.card(NL, picture(), URL))
    for part in ("FL-1001 · Wi-Fi is slow", "Alice", "web chat, English", "2, high", "Network team", "Waiting"):
        assert part in english
    assert "Diagnosis did not solve it" in english
    assert "Slow Wi-Fi (not solved): 2 steps tried, last: Is it better with a cable? → skipped" in english
    assert "Look at the access point" in english
    for part in ("webchat, Engels", "2, hoog", "Netwerkteam", "Wachtend", "2 stappen geprobeerd", "overgeslagen"):
        assert part in dutch


@pytest.mark.parametrize(
    ("conversation", "state", "said"),
    [
        ({}, "queue", "Waiting"),
        (
            {"owner": Owner.TECHNICIAN, "technician": 8, "technician_name": "T<ess>"},
            "technician:8",
            "With T&lt;ess&gt;",
        ),
        ({"owner": Owner.BOT}, "bot", "With the assistant"),
        ({"owner": Owner.BOT, "closed": True}, "closed", "Closed"),
    ],
)
def test_a_card_says_how_it_stands(conversation: dict[str, Any], state: str, said: str) -> None:
    shown = picture(**conversation)
    assert cards.state(shown) == state
    assert words(cards.card(EN, shown, URL)).partition("\n")[2].startswith(said)
    assert cards.changed(EN, shown).text


def test_a_resolved_case_is_called_so() -> None:
    shown = picture(replace(TICKET, state=State.RESOLVED), owner=Owner.BOT, closed=True)
    assert "Resolved" in words(cards.card(EN, shown, URL))


def test_a_card_needs_neither_ticket_nor_diagnosis_nor_name() -> None:
    shown = picture(None, (), customer_name=None, reason=None, waiting_since=None, language=None)
    assert "Visitor 5" in words(cards.card(EN, shown, URL))
    assert "nothing was tried yet" in words(cards.card(EN, shown, URL))


def test_a_major_incident_is_seen_at_once() -> None:
    shown = cards.card(EN, picture(replace(TICKET, priority=MAJOR)), URL)
    assert words(shown).startswith(":rotating_light:")
    assert "Major incident" in words(shown)


def test_the_same_card_has_the_same_digest_and_another_one_another() -> None:
    assert cards.card(EN, picture(), URL).digest == cards.card(EN, picture(), URL).digest
    assert cards.card(EN, picture(), URL).digest != cards.card(EN, picture(waiting_since=None), URL).digest


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (said("Hello"), "*Alice* | Hello"),
        (said("Try this", Author.BOT), "*Assistant* | Try this"),
        (said("hm", Author.TECHNICIAN, name="Tess", internal=True), "*Tess* · internal note | hm"),
        (
            said("Hi", Author.TECHNICIAN, name="Tess", delivery="claimed"),
            "*Tess* to Alice, web chat | Hi | :hourglass_flowing_sand: On its way to Alice",
        ),
        (
            said("Hi", Author.BOT, delivery="failed", delivery_error="gone"),
            "*Assistant* | Hi | :warning: Not delivered to Alice: gone | Send again",
        ),
        (said("Tess is here", Author.DESK, delivery="done"), "*Desk* | Tess is here"),
        (
            said("", attachments=(Attachment(1, "<x>|y.png", "image/png", 9),)),
            f"*Alice* | Files: <{URL}/desk/files/1|&lt;x&gt; y.png>",
        ),
    ],
)  # fmt: skip
def test_a_message_says_whose_it_is_and_how_its_delivery_goes(message: Any, shown: str) -> None:
    assert words(cards.message(EN, CONVERSATION, CARD, message, URL)) == shown


def test_a_pressed_button_reads_as_such() -> None:
    pressed = replace(said("yes"), choice=Choice("Yes, please", "/yes"))
    assert "koos ‘Yes, please’" in words(cards.message(NL, CONVERSATION, CARD, pressed, URL))


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_nothing_anybody_writes_is_a_mention_or_a_link(text: str) -> None:
    shown = picture(replace(TICKET, subject=text, note=text), customer_name=text or None)
    for message in (cards.card(EN, shown, URL), cards.message(EN, shown.conversation, CARD, said(text), URL)):
        for found in (*texts_in(list(message.blocks)), {"type": "mrkdwn", "text": message.text}):
            if found["type"] == "mrkdwn":
                ours = [part for part in found["text"].split("<")[1:] if not part.startswith("!date^")]
                assert ours == [], found
    assert "<" not in escape(text)


def test_however_much_is_said_it_keeps_within_slacks_limits() -> None:
    run = replace(RUN, title="t" * 300, steps=tuple(replace(step, question="q" * 5000) for step in RUN.steps))
    ticket = replace(TICKET, subject="s" * 500, note="n" * 9000)
    shown = picture(ticket, (run,), customer_name="c" * 200)
    long = said("w" * 8000, Author.TECHNICIAN, name="n" * 200, delivery="failed", delivery_error="e" * 9000)
    opening = replace(shown, opening=(long,) * 10)
    for message in (
        cards.card(EN, shown, URL),
        cards.message(EN, shown.conversation, CARD, long, URL),
        cards.opening(EN, opening),
    ):
        assert len(message.blocks) <= 50
        assert len(message.text) <= 4000
        for text in texts_in(list(message.blocks)):
            assert 1 <= len(text["text"]) <= 3000
    whole = cards.message(EN, shown.conversation, CARD, long, URL)
    assert words(whole).count("w") >= 8000, "nothing of what was said is cut"
