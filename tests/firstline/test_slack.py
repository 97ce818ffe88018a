"""The whole app on Slack: the real SDKs, a Slack and an engine of our own, and the real record between them."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desk import conversations
from desk.model.alert import Kind
from desk.model.work import WorkState
from desk.store import alerts, channel_states, messages
from desk.store.database import Database
from firstline.product import Part
from firstline.settings import Settings, read_settings
from tests.channels.slack import events
from tests.channels.slack.fake_slack import FakeSlack, Message, shown
from tests.fake_engine import FakeEngine, is_it_on
from tests.firstline.app_process import app_process
from tests.firstline.conftest import Start
from tests.waiting import eventually, until


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Slack's end of the network."""
    async with FakeSlack() as running:
        running.users["U1"] = {"real_name": "Alice", "locale": "en-GB"}
        yield running


@pytest.fixture
def environment(tmp_path: Path, engine: FakeEngine, slack: FakeSlack) -> dict[str, str]:
    """What is set for an installation with an app in one workspace."""
    return {
        "FIRSTLINE_DATA_DIR": str(tmp_path),
        "FIRSTLINE_ENGINE_URL": engine.url,
        "FIRSTLINE_ENGINE_TIMEOUT_SECONDS": "20",
        "FIRSTLINE_SLACK_BOT_TOKEN": slack.token,
        "FIRSTLINE_SLACK_APP_TOKEN": slack.app_token,
        "FIRSTLINE_SLACK_API_URL": slack.api_url,
        "FIRSTLINE_SECRET_KEY": "a secret key for tests",
    }


@pytest.fixture
def settings(environment: dict[str, str], database_url: str, tmp_path: Path) -> Settings:
    """The same with a record of its own."""
    return read_settings({**environment, "FIRSTLINE_DATABASE_URL": database_url}, tmp_path / ".env")[0]


def as_pressed(message: Message) -> dict[str, Any]:
    return {"ts": message.ts, "text": message.text, "blocks": message.blocks, "thread_ts": message.thread_ts}


async def test_a_question_is_answered_by_a_button(start: Start, slack: FakeSlack, engine: FakeEngine) -> None:
    engine.script = is_it_on
    async with start() as app:
        assert await slack.push(events.message("My printer does not print"))
        await until(slack.said)
        (question,) = slack.said()
        assert shown(question) == "Is it on?"
        buttons = question.blocks[-1]["elements"]
        for button in (buttons[1], buttons[0]):
            pressed = events.press(button, channel="D1", message=as_pressed(question))
            assert await slack.push({**pressed, "response_url": f"{slack.url}/response/r"}, "interactive")
        await until(lambda: len(slack.said()) > 1 and slack.responses and slack.calls("chat.update"))
        assert [shown(said) for said in slack.said()] == ["Is it on?\n✓ No", "You chose /no"]
        assert "already chosen" in slack.responses[0][1]["text"]
        view = await app.database.read(lambda tx: conversations.view(tx, 1))
        assert [message.text for message in view.messages] == [
            "My printer does not print",
            "Is it **on**?",
            "No",
            "You chose /no",
        ]
    assert [turn["choice"] for turn in engine.turns] == [None, "/no"]


async def test_a_command_opens_a_case_in_the_direct_messages_and_orders_are_done_there(
    start: Start, slack: FakeSlack
) -> None:
    async with start():
        assert await slack.push(events.command("/support", "my screen is black"), "slash_commands")
        await until(slack.said)
        assert await slack.push(events.command("/ticket", "FL-9999"), "slash_commands")
        await until(lambda: len(slack.said()) > 1)
    case, order = slack.said()
    assert (case.channel, shown(case)) == ("D1", "You said: my screen is black")
    assert order.channel == "D1"
    assert "FL-9999" in shown(order)


async def test_a_customer_who_is_gone_is_out_of_reach_and_the_technician_hears_it(
    start: Start, slack: FakeSlack
) -> None:
    slack.fails("chat.postMessage", "channel_not_found")
    async with start() as app:
        await slack.push(events.message("hello"))

        async def alert() -> list[Kind]:
            found = await app.database.read(alerts.all_open)
            return [one.kind for one in found if one.kind is Kind.UNDELIVERED]

        assert await eventually(alert)


async def test_a_refused_token_is_told_to_administrators(start: Start, slack: FakeSlack) -> None:
    slack.socket_refused = "invalid_auth"
    async with start(Part.LISTEN) as app:

        async def told() -> str | None:
            state = (await app.database.read(channel_states.everything)).get("slack")
            return state.error if state else None

        assert "invalid_auth" in str(await eventually(told))


async def test_a_storm_of_errors_delays_answers_and_loses_and_doubles_none(start: Start, slack: FakeSlack) -> None:
    async with start() as app:
        await slack.push(events.message("first"))
        await until(slack.said)
        slack.fails("chat.postMessage", status=429, retry_after=0.05, times=5)
        slack.fails("chat.postMessage", status=503)
        sent = [events.message(f"{number}", user=f"U{number % 3 + 1}") for number in range(9)]
        await asyncio.gather(*(slack.push(one) for one in sent))
        await asyncio.gather(*(slack.push(one, retry=1) for one in reversed(sent)))
        await until(lambda: len(slack.said()) == 10, 30)
        assert len(await stored(app.database)) == 8
    assert sorted(shown(said) for said in slack.said()) == sorted(
        ["You said: first", *(f"You said: {number}" for number in range(9))]
    )


async def stored(database: Database) -> list[str]:
    found = await database.read(lambda tx: messages.after(tx, 1, 0))
    return [message.text for message in found]


async def delivered(database: Database) -> bool:
    """Whether the newest message of the first conversation has arrived, and that is written down."""
    found = await database.read(lambda tx: messages.after(tx, 1, 0))
    return bool(found) and found[-1].delivery == WorkState.DONE


# Killed


@pytest.mark.slow
async def test_killed_before_and_after_slack_was_answered_a_message_is_there_once_and_answered_once(
    environment: dict[str, str], slack: FakeSlack, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    database = Database(f"sqlite:///{tmp_path / 'firstline.db'}")
    # After: Slack was answered, and the file is still to be fetched.
    slack.files_blocked = asyncio.Event()
    shared = slack.file("log.txt", b"all is lost", type="text/plain")
    async with app_process(environment, tmp_path, "--only", "listen") as process:
        await slack.connected(seconds=30)
        assert await slack.push(events.message("It says this", files=[shared], subtype="file_share"))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert await stored(database) == []
    slack.files_blocked.set()

    # Before: the process has the event, and cannot commit it, for somebody else is writing.
    second = events.message("are you there?")
    async with app_process(environment, tmp_path) as process:
        await eventually(lambda: delivered(database), 30)
        with database.transaction() as tx:
            tx.connection.exec_driver_sql("UPDATE channel_states SET error = error")
            assert await slack.push(second, seconds=0.3) is None
            process.send_signal(signal.SIGKILL)
            await process.wait()

    async with app_process(environment, tmp_path):
        assert await slack.push(second, retry=1, seconds=30)
        await until(lambda: len(slack.said()) > 1, 30)
        assert await stored(database) == [
            "It says this",
            "You said: It says this",
            "are you there?",
            "You said: are you there?",
        ]
    assert [shown(said) for said in slack.said()] == ["You said: It says this", "You said: are you there?"]
    view = await database.read(lambda tx: conversations.view(tx, 1))
    assert [file.name for file in view.messages[0].attachments] == ["log.txt"]
    database.close()
    log = (tmp_path / "app.log").read_text()
    assert slack.token not in log
    assert "It says this" not in log
