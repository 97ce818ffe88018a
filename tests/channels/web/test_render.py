"""What browsers get."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import segno

from channels.contract import Accepted, Attachment, Author, Button, Outgoing, Owner, Way
from channels.web import render
from tests.channels.memory_log import QUIET

QUESTION = Outgoing(
    conversation=1,
    seq=2,
    channel="web",
    address="alice",
    author=Author.BOT,
    text="Is it on?",
    sent_at=datetime(2030, 1, 1, 12, tzinfo=UTC),
    language="en",
    buttons=(Button("Yes", "answer:p:power:yes"),),
)


def link(attachment: Attachment) -> str:
    return f"files/{attachment.id}"


def test_a_question_carries_its_buttons() -> None:
    assert render.message(QUESTION, link) == {
        "type": "message",
        "seq": 2,
        "id": None,
        "author": "bot",
        "name": None,
        "text": "Is it on?",
        "buttons": [{"title": "Yes", "payload": "answer:p:power:yes"}],
        "at": "2030-01-01T12:00:00+00:00",
        "attachments": [],
        "language": "en",
    }


def test_a_file_is_named_with_where_it_is() -> None:
    shot = Attachment(id=7, name="één.png", type="image/png", size=1200)
    assert render.message(replace(QUESTION, attachments=(shot,)), link)["attachments"] == [
        {"id": 7, "name": "één.png", "type": "image/png", "size": 1200, "url": "files/7"}
    ]


def test_ones_own_message_carries_the_id_it_was_sent_under() -> None:
    own = replace(QUESTION, author=Author.CUSTOMER, external_id="m1", buttons=())
    assert render.message(own, link)["id"] == "m1"


def test_a_welcome_says_how_things_stand_and_where_the_end_is() -> None:
    there = replace(QUIET, owner=Owner.TECHNICIAN, technician="Tess", last_seq=9)
    assert render.welcome("alice.sig", "nl", there, 20_000_000) == {
        "type": "welcome",
        "token": "alice.sig",
        "language": "nl",
        "situation": {
            "owner": "technician",
            "technician": "Tess",
            "closed": False,
            "assistant": "ready",
            "typing": False,
        },
        "last": 9,
        "max_length": 8_000,
        "max_files": 10,
        "max_file": 20_000_000,
    }


def test_accepted_and_rejected_name_the_message() -> None:
    assert render.accepted("m1", Accepted(1, 5, duplicate=True)) == {"type": "accepted", "id": "m1", "seq": 5}
    assert render.rejected("m1", "empty", "Nothing there.") == {
        "type": "rejected",
        "id": "m1",
        "code": "empty",
        "text": "Nothing there.",
    }


def test_a_link_is_also_drawn_for_the_camera_of_a_phone() -> None:
    link = "https://help.example.org/?continue=AAAAAAAAABFw3tN_c0de_c0de-c0d"
    frame: Any = render.elsewhere([Way("web", link), Way("slack", words="/support link c0de")])
    drawn = frame["ways"][0]["code"]
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn["path"])]
    dark = {(x + step, y) for x, y, length in runs for step in range(length)}
    expected = segno.make_qr(link).matrix
    assert drawn["size"] == len(expected)
    assert dark == {(x, y) for y, row in enumerate(expected) for x, module in enumerate(row) if module}
    assert frame["ways"][1]["code"] is None
