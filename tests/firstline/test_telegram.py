"""The whole app on Telegram: the real SDK, a Telegram and an engine of our own, and the real record between them."""

from __future__ import annotations

import asyncio
import hmac
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.contract import Incoming
from channels.telegram.webhook import secret
from desk import clock, conversations
from desk.model.alert import Kind
from desk.store import alerts, messages
from desk.store.database import Database
from firstline.product import Product
from firstline.settings import Settings, read_settings
from firstline.web import web_app
from tests.channels.telegram.fake_api import ALICE, BOB, TOKEN, USERNAME, FakeTelegram, fake_telegram
from tests.fake_engine import Body, FakeEngine, is_it_on, say
from tests.firstline.app_process import app_process
from tests.firstline.conftest import Start
from tests.waiting import eventually, until

SECRET_KEY = "a secret key for tests"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    """Telegram's end of the network."""
    async with fake_telegram() as running:
        yield running


@pytest.fixture
def environment(tmp_path: Path, engine: FakeEngine, telegram: FakeTelegram) -> dict[str, str]:
    """What is set for an installation with a bot."""
    return {
        "FIRSTLINE_DATA_DIR": str(tmp_path),
        "FIRSTLINE_ENGINE_URL": engine.url,
        "FIRSTLINE_ENGINE_TIMEOUT_SECONDS": "20",
        "FIRSTLINE_TELEGRAM_TOKEN": TOKEN,
        "FIRSTLINE_TELEGRAM_API_URL": telegram.url,
        "FIRSTLINE_SECRET_KEY": SECRET_KEY,
    }


@pytest.fixture
def settings(environment: dict[str, str], database_url: str, tmp_path: Path) -> Settings:
    """The same with a record of its own."""
    return read_settings({**environment, "FIRSTLINE_DATABASE_URL": database_url}, tmp_path / ".env")[0]


async def stored(app: Product, conversation: int = 1) -> list[str]:
    found = await app.database.read(lambda tx: messages.after(tx, conversation, 0))
    return [message.text for message in found]


async def test_a_question_is_answered_by_a_button(start: Start, telegram: FakeTelegram, engine: FakeEngine) -> None:
    engine.script = is_it_on
    async with start() as app:
        telegram.says("My printer does not print")
        await until(lambda: telegram.shown)
        (question,) = telegram.shown
        assert (question.text, question.titles) == ("Is it on?", ["Yes", "No"])
        telegram.presses(question, "No")
        telegram.presses(question, "Yes")
        await until(lambda: len(telegram.shown) > 1)
        assert telegram.texts() == ["Is it on?\n\n✓ No", "You chose /no"]
        assert await stored(app) == ["My printer does not print", "Is it **on**?", "No", "You chose /no"]
    assert [turn["choice"] for turn in engine.turns] == [None, "/no"]


async def test_while_the_assistant_thinks_it_is_seen_to_type(
    start: Start, telegram: FakeTelegram, engine: FakeEngine
) -> None:
    async def thoughtful(_: Body) -> Body:
        await until(lambda: telegram.made("sendChatAction"), 1.5)
        return say("hello")

    engine.script = thoughtful
    async with start():
        telegram.says("hello")
        await until(lambda: telegram.shown)
    assert telegram.texts() == ["hello"]


async def test_an_answer_may_be_typed_and_quoting_the_question_changes_nothing(
    start: Start, telegram: FakeTelegram, engine: FakeEngine
) -> None:
    quoted = {"message_id": 5, "chat": {"id": ALICE, "type": "private"}, "text": "Is it on?"}
    async with start() as app:
        telegram.says("2", reply_to_message=quoted)
        await until(lambda: telegram.shown)
        assert (await stored(app))[0] == "> Is it on?\n2"
    assert [turn["text"] for turn in engine.turns] == ["2"]


async def test_a_press_from_a_conversation_that_is_not_hers_is_nothing(
    start: Start, telegram: FakeTelegram, engine: FakeEngine
) -> None:
    engine.script = is_it_on
    async with start():
        telegram.says("help", BOB)
        telegram.says("help")
        await until(lambda: len(telegram.shown) == 2)
        of_alice = next(shown for shown in telegram.shown if shown.chat == ALICE)
        of_bob = next(shown for shown in telegram.shown if shown.chat == BOB)
        forged = {"id": "q", "from": {"id": ALICE}, "data": of_bob.buttons[0]["callback_data"]}
        message = {"message_id": of_alice.number, "chat": {"id": ALICE, "type": "private"}}
        telegram.happens(callback_query={**forged, "message": message})
        await until(lambda: telegram.made("answerCallbackQuery"))
    assert "not in use any more" in telegram.made("answerCallbackQuery")[0]["text"]
    assert all(turn["choice"] is None for turn in engine.turns)


async def test_files_an_edit_and_a_command(start: Start, telegram: FakeTelegram) -> None:
    async with start() as app:
        message = telegram.sends_file(b"all is lost", caption="It says this")
        await until(lambda: telegram.shown)
        telegram.happens(edited_message={**message, "caption": "It says that"})
        telegram.says("/help")
        await until(lambda: len(telegram.shown) > 1)
        (first, *_) = await app.database.read(lambda tx: messages.after(tx, 1, 0))
        assert (first.text, [file.name for file in first.attachments]) == ("It says that", ["log.txt"])


async def test_a_customer_who_blocks_the_bot_is_out_of_reach_and_the_technician_hears_it(
    start: Start, telegram: FakeTelegram, engine: FakeEngine
) -> None:
    asked = asyncio.Event()

    async def slow(body: Body) -> Body:
        telegram.blocked.add(ALICE)
        asked.set()
        return say("too late")

    engine.script = slow
    async with start() as app:
        telegram.says("hello")
        await asyncio.wait_for(asked.wait(), 30)

        async def alert() -> list[Kind]:
            found = await app.database.read(alerts.all_open)
            return [one.kind for one in found if one.kind is Kind.UNDELIVERED]

        assert await eventually(alert)
        view = await app.database.read(lambda tx: conversations.view(tx, 1))
        assert "blocked" in str(view.messages[-1].delivery_error)


async def test_a_link_from_web_chat_goes_on_in_telegram(
    start: Start, telegram: FakeTelegram, settings: Settings
) -> None:
    async with start() as app:
        accepted = await app.log.accept(Incoming("web", "alice", "1", "My printer does not print", clock.now()))

        async def answered() -> bool:
            return len(await stored(app, accepted.conversation)) > 1

        await eventually(answered)  # in the web chat, which she has closed: nobody fetches it
        elsewhere = await app.log.elsewhere("web", "alice")
        assert elsewhere is not None
        links = {way.channel: way.link or "" for way in elsewhere.ways}
        assert set(links) == {"web", "telegram"}
        telegram.says("/start " + links["telegram"].removeprefix(f"https://t.me/{USERNAME}?start="))
        await until(lambda: telegram.shown)
        telegram.says("it still does not")
        await until(lambda: any("it still does not" in text for text in telegram.texts()))
        texts = await stored(app, accepted.conversation)
    assert texts[0] == "My printer does not print"
    assert "it still does not" in texts


async def test_telegram_calls_with_its_secret_and_nobody_without(
    start: Start, telegram: FakeTelegram, environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    from httpx import ASGITransport, AsyncClient

    given = {
        **environment,
        "FIRSTLINE_DATABASE_URL": database_url,
        "FIRSTLINE_PUBLIC_URL": "https://help.example.org",
        "FIRSTLINE_TELEGRAM_WEBHOOK": "1",
    }
    async with start(settings=read_settings(given, tmp_path / ".env")[0]) as app:
        await until(lambda: telegram.webhook)
        assert telegram.webhook["url"] == "https://help.example.org/channels/telegram/webhook"
        right = telegram.webhook["secret_token"]
        assert hmac.compare_digest(right, secret(SECRET_KEY.encode(), TOKEN))
        transport = ASGITransport(web_app(app), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="https://help.example.org") as web:

            async def call(token: str | None, body: object) -> int:
                headers = {b"X-Telegram-Bot-Api-Secret-Token": token.encode("latin-1")} if token is not None else {}
                answer = await web.post("/channels/telegram/webhook", headers=headers, json=body)
                return answer.status_code

            update = {"update_id": 1, "message": telegram.message(text="hello")}
            assert await call(None, update) == 403
            assert await call("wrong", update) == 403
            assert await call("é", update) == 403
            assert await call(right, update) == 200
            assert await call(right, update) == 200, "the same again"
            assert await call(right, {"update_id": 2, "brain_wave": {}}) == 200
            assert await call(right, "x" * (1 << 20)) == 400
            await until(lambda: telegram.shown)
            assert await stored(app) == ["hello", "You said: hello"]


# Killed


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Database:
    """The record that the processes share, as we see it."""
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    return Database(f"sqlite:///{tmp_path / 'firstline.db'}")


@pytest.mark.slow
async def test_killed_before_and_after_the_commit_a_message_is_there_once_and_answered_once(
    environment: dict[str, str], telegram: FakeTelegram, engine: FakeEngine, database: Database, tmp_path: Path
) -> None:
    async def received() -> list[str]:
        found = await database.read(lambda tx: messages.after(tx, 1, 0))
        return [message.text for message in found]

    # Before: the process has the update, and waits for the file that came with it.
    telegram.held["getFile"] = asyncio.Event()
    telegram.sends_file(b"all is lost", caption="It says this")
    async with app_process(environment, tmp_path, "--only", "listen") as process:
        await until(lambda: telegram.made("getFile"), 30)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert telegram.confirmed == 0
    telegram.held.pop("getFile").set()

    # After: the desk has it, and Telegram is not told.
    async with app_process(environment, tmp_path) as process:
        await until(lambda: telegram.shown, 30)
        telegram.held["getUpdates"] = asyncio.Event()
        telegram.says("are you there?")
        await until(lambda: len(telegram.shown) > 1)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    telegram.held.pop("getUpdates").set()
    await until(lambda: telegram.confirmed > max(telegram.updates))
    telegram.confirmed = 0  # as if the dead process's last poll had not arrived

    async with app_process(environment, tmp_path, "--only", "listen"):
        await until(lambda: telegram.confirmed > max(telegram.updates), 30)
    assert await received() == [
        "It says this",
        "You said: It says this",
        "are you there?",
        "You said: are you there?",
    ]
    assert telegram.texts() == ["You said: It says this", "You said: are you there?"]
    log = (tmp_path / "app.log").read_text()
    assert TOKEN not in log, "the bot's token is in the log"


async def test_whoever_asks_for_a_link_is_offered_the_other_channels_that_are_on(
    start: Start, telegram: FakeTelegram, settings: Settings
) -> None:
    async with start(settings=settings.model_copy(update={"public_url": "https://help.example.org"})) as app:
        telegram.says("/link")
        (said,) = await until(telegram.texts)
        assert "In a browser: https://help.example.org/?continue=" in said
        assert "Telegram" not in said
        assert "Slack" not in said
        code = said.split("continue=")[1][:32]
        await app.log.join("web", "alice", "", code)
        assert (await app.log.news("web", "alice", 0)).messages[0].text == "/link"
