"""The client of the engine: every way in which a turn can fail is told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.procedures.state import Run, Spot, State
from channels.contract import Assistant, Attachment, Author, Button, Choice, Owner
from desk.engine import Engine, read_turn
from desk.model.conversation import Conversation, Message, Reason
from desk.model.turn import EngineDown, EngineFailed, EngineLate
from tests.fake_engine import Body, FakeEngine, fake_engine, say
from tests.waiting import eventually

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONVERSATION = Conversation(
    id=17,
    customer=1,
    channel="web",
    address="alice",
    thread="",
    owner=Owner.BOT,
    technician=None,
    technician_name=None,
    closed=False,
    episode=2,
    revision=1,
    last_seq=3,
    last_public_seq=3,
    language="nl",
    reason=None,
    waiting_since=None,
    created_at=NOW,
    updated_at=NOW,
)


PICTURE = Attachment(id=1, name="screen.png", type="image/png", size=3)


def message(text: str, choice: Choice | None = None) -> Message:
    return Message(9, 17, 3, Author.CUSTOMER, None, None, text, False, (), choice, None, "x", NOW)


@pytest.fixture
async def server() -> AsyncIterator[FakeEngine]:
    """The other end."""
    async with fake_engine() as running:
        yield running


@pytest.fixture
async def engine(server: FakeEngine) -> AsyncIterator[Engine]:
    """The client."""
    async with Engine(server.url, "secret", wake=timedelta(seconds=30)) as client:
        yield client


async def test_a_turn_carries_token_episode_message_and_language(engine: Engine, server: FakeEngine) -> None:
    await engine.turn(CONVERSATION, message("Mijn printer is stuk"), 5)
    assert server.tokens == ["Bearer secret"]
    assert server.turns == [
        {
            "conversation": "17.2",
            "message_id": "9",
            "text": "Mijn printer is stuk",
            "choice": None,
            "language": "nl",
            "files": 0,
            "channel": "web",
            "style": "chat",
            "context": None,
        }
    ]


@pytest.mark.parametrize(
    ("conversation", "message_", "told"), [("de", "nl", "nl"), ("fr", None, None), (None, "en", "en")]
)
async def test_a_language_that_the_assistant_does_not_speak_is_not_told_to_it(
    engine: Engine, server: FakeEngine, conversation: str | None, message_: str | None, told: str | None
) -> None:
    heard = replace(message("Bitte"), language=message_)
    await engine.turn(replace(CONVERSATION, language=conversation), heard, 5)
    assert server.turns[0]["language"] == told


async def test_a_turn_tells_how_many_files_came_with_it(engine: Engine, server: FakeEngine) -> None:
    await engine.turn(CONVERSATION, replace(message("Look"), attachments=(PICTURE, PICTURE)), 5)
    assert server.turns[0]["files"] == 2


async def test_a_mail_is_answered_in_the_style_of_letters(engine: Engine, server: FakeEngine) -> None:
    await engine.turn(CONVERSATION, message("Mijn printer is stuk"), 5, letters=True)
    assert [turn["style"] for turn in server.turns] == ["letter"]


async def test_the_first_turn_after_a_give_back_tells_where_the_procedures_were_left(
    engine: Engine, server: FakeEngine
) -> None:
    state = State().to_json()
    await engine.turn(replace(CONVERSATION, summary=""), message("Ja"), 5, state)
    assert server.turns[0]["context"] == {"summary": "", "procedure_state": state}


async def test_an_answer_says_where_the_procedures_stand(engine: Engine, server: FakeEngine) -> None:
    state = State((Run("1", "lamp", 1, (Spot("lamp", "bulb"),)),), ("1",)).to_json()

    async def script(_: Body) -> Body:
        return say("Is there light?", procedure_state=state)

    server.script = script
    assert (await engine.turn(CONVERSATION, message("hello"), 5)).procedure_state == state


async def test_a_pressed_button_is_sent_apart_from_text(engine: Engine, server: FakeEngine) -> None:
    await engine.turn(CONVERSATION, message("Ja", Choice("Ja", "answer:p:power:yes")), 5)
    assert (server.turns[0]["text"], server.turns[0]["choice"]) == ("Ja", "answer:p:power:yes")


async def test_an_engine_that_takes_too_long_is_late(engine: Engine, server: FakeEngine) -> None:
    async def never(_: Body) -> Body:
        await asyncio.Event().wait()
        return say("too late")

    server.script = never
    with pytest.raises(EngineLate) as failed:
        await engine.turn(CONVERSATION, message("hello"), 0.1)
    assert failed.value.reason is Reason.ENGINE_LATE


async def test_an_engine_that_refuses_connections_is_down(engine: Engine, server: FakeEngine) -> None:
    await server.stop()
    with pytest.raises(EngineDown):
        await engine.turn(CONVERSATION, message("hello"), 5)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500, text="boom"),
        lambda: web.Response(text="not json"),
        lambda: web.json_response({**say("x"), "messages": []}),
        lambda: web.json_response({"messages": [{"text": ""}], "language": "en"}),
        lambda: web.json_response({**say("x"), "handover": {"reason": "no such reason"}}),
        lambda: web.json_response({**say("x"), "procedure_state": {"runs": [1]}}),
    ],
)
async def test_errors_and_answers_with_nothing_to_say_are_failures(
    engine: Engine, server: FakeEngine, answer: object
) -> None:
    async def script(_: Body) -> web.Response:
        assert callable(answer)
        made = answer()
        assert isinstance(made, web.Response)
        return made

    server.script = script
    with pytest.raises(EngineFailed):
        await engine.turn(CONVERSATION, message("hello"), 5)


async def test_an_engine_that_never_answered_is_waking_and_afterwards_down() -> None:
    async with Engine("http://127.0.0.1:9", "secret", wake=timedelta(milliseconds=200)) as engine:
        assert not await engine.check()
        assert engine.assistant is Assistant.WAKING

        async def is_down() -> bool:
            return engine.assistant is Assistant.DOWN

        assert await eventually(is_down)


async def test_an_engine_that_was_ready_and_is_gone_is_down_not_waking(engine: Engine, server: FakeEngine) -> None:
    assert await engine.check()
    await server.stop()
    assert not await engine.check()
    assert engine.assistant is Assistant.DOWN


def test_a_turn_is_read_whole() -> None:
    turn = read_turn(
        b"""{"messages": [{"text": "Is it on?", "buttons": [{"title": "Yes", "payload": "answer:p:power:yes"}]}],
        "language": "en", "understanding": {"intent": "p"}, "handover": {"reason": "asked", "ticket": "FL-1"},
        "resolved": true, "procedures": [{"run": "1", "procedure": "p", "version": 3, "title": "P", "state": "active",
        "steps": [{"position": 1, "step": "power", "kind": "ask", "question": "Is it on?", "answer": "yes",
        "answer_text": "Yes", "result": "answered", "message_id": "9"}], "pending": "cable",
        "untried": [{"step": "cable", "title": "Cable"}], "facts": {"os": "mac"}}]}"""
    )
    assert turn.replies[0].buttons == (Button("Yes", "answer:p:power:yes"),)
    assert (turn.handover, turn.resolved) == (Reason.ASKED, True)
    assert (turn.runs[0].steps[0].answer_text, turn.runs[0].untried[0].step) == ("Yes", "cable")
