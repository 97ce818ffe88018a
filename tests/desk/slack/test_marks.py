"""What technicians emphasise in Slack reaches customers emphasised, not with signs of Slack's."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.slack import marks
from desk.slack.parse import Said, message, readable, reply, reply_in


@pytest.mark.parametrize(
    ("sent", "ours"),
    [
        ("&gt;&gt; Press *both* keys", "Press **both** keys"),
        ("&gt;&gt; *Note:* it is _not_ ~broken~ gone", "**Note:** it is not broken gone"),
        ("&gt;&gt; *_both_* and _*both*_", "**both** and **both**"),
        ("&gt;&gt; 2*3*4 and a_b_c and ~/x/~y", "2*3*4 and a_b_c and ~/x/~y"),
        ("&gt;&gt; * one\n* two", "* one\n* two"),
        ("&gt;&gt; run `a *b* c`", "run `a *b* c`"),
        ("&gt;&gt; run ```ipconfig /all\n\n*x*```", "run `ipconfig /all`\n\n`*x*`"),
        ("&gt;&gt; see <https://example.org/_a_*b*|*the* page>", "see *the* page (https://example.org/_a_*b*)"),
        ("&gt;&gt; **bold** already", "**bold** already"),
        ("Note for *us*", None),
        ("*&gt;&gt; not a reply*", None),
    ],
)
def test_a_text_is_read_with_slacks_marks(sent: str, ours: str | None) -> None:
    assert reply({"text": sent}) == ours


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def test_rich_text_tells_what_is_meant() -> None:
    link = {"type": "link", "url": "https://example.org/a", "text": "the page"}
    parts = [
        section(
            text(">> Hello "), {"type": "user", "user_id": "U2"}, text(", 2*3*4 is "), text("bold \nindeed", bold=True)
        ),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 0,
            "offset": 1,
            "elements": [section(text("press "), text("F1", code=True)), section(text("see "), link)],
        },
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section(text("so", italic=True))]},
        {"type": "rich_text_preformatted", "elements": [text("ipconfig\nexit")]},
        {"type": "rich_text_quote", "elements": [text("it jams")]},
        section({"type": "emoji", "name": "wave", "unicode": "1f44b"}),
    ]
    event = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "ts": "2.0",
        "thread_ts": "1.0",
        "text": "&gt;&gt; Hello",
    }
    said = message({"team_id": "T1", "event": {**event, "blocks": [{"type": "rich_text", "elements": parts}]}})
    assert isinstance(said, Said)
    assert said.reply == (
        "Hello @U2, 2*3*4 is **bold** \n**indeed**\n2. press `F1`\n3. see the page (https://example.org/a)\n"
        "  - so\n`ipconfig`\n`exit`\n> it jams\n👋"
    )


def test_blocks_that_no_person_writes_are_not_read() -> None:
    assert marks.of_blocks([{"type": "section", "text": {"type": "mrkdwn", "text": ">> no"}}]) is None
    assert reply({"text": "&gt;&gt; *yes*", "blocks": [{"type": "section"}]}) == "**yes**"


@given(st.text(alphabet="*_~`<>&;a \n"))
def test_no_text_of_marks_breaks_it_or_makes_a_reply_of_a_note(words: str) -> None:
    assert (reply({"text": words}) is None) == (reply_in(readable(words)) is None)


@pytest.mark.parametrize("unit", ["*a ", "*", "*_", "`", "```", "<", "_a_"])
def test_a_text_of_nothing_but_marks_is_read_in_a_moment(unit: str) -> None:
    began = time.process_time()
    reply({"text": f"&gt;&gt; {unit * (40_000 // len(unit))}x"})
    assert time.process_time() - began < 5
