"""How updates come in: by polling or by being called, and what is confirmed when."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from channels.telegram.channel import TelegramChannel
from tests.channels.memory_log import MemoryLog
from tests.channels.telegram.conftest import SECRET, confirmed, listening, running
from tests.channels.telegram.fake_api import ALICE, BOB, FakeTelegram, error, too_many
from tests.waiting import until

HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def test_nothing_is_confirmed_before_the_desk_has_it(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    desk.accepting_fails = ConnectionError("the database is away")
    number = telegram.happens(message=telegram.message(text="hello"))
    with pytest.raises(ConnectionError):
        await channel.listen(desk)
    assert telegram.confirmed <= number
    desk.accepting_fails = None
    async with listening(channel, desk):
        await confirmed(telegram)
    assert [received.text for received in desk.received] == ["hello"]


async def test_a_chat_that_fails_keeps_no_other_from_being_heard(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    class Picky(MemoryLog):
        async def accept(self, incoming):  # type: ignore[no-untyped-def]
            if incoming.address == str(ALICE):
                raise ConnectionError("not this one")
            return await super().accept(incoming)

    desk = Picky()
    telegram.says("one")
    telegram.says("two", BOB)
    with pytest.raises(ConnectionError):
        await channel.listen(desk)
    assert [received.text for received in desk.received] == ["two"]
    assert telegram.confirmed == 0


async def test_updates_that_come_twice_and_in_disorder_are_messages_once(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    for number in range(20):
        telegram.says(f"{number}")
    telegram.again()
    async with listening(channel, desk):
        await confirmed(telegram)
    assert [received.text for received in desk.received] == [f"{number}" for number in range(20)]


async def test_another_process_that_listens_is_left_its_turn(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.telegram.polling.AGAIN", 0.01)
    telegram.answers["getUpdates"].append(lambda: error(409, "Conflict: terminated by other getUpdates request"))
    telegram.answers["getUpdates"].append(lambda: too_many(0.01))
    telegram.says("hello")
    async with listening(channel, desk):
        await confirmed(telegram)
    assert len(desk.received) == 1


async def test_a_storm_of_errors_loses_nothing(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.says("hello")
    for code in (500, 502, 503, 504):
        telegram.answers["getUpdates"].append(lambda code=code: error(code, "storm"))  # type: ignore[misc]
    failures = 0
    while not desk.received:
        task = asyncio.create_task(channel.listen(desk))
        await until(lambda: task.done() or telegram.confirmed)  # noqa: B023
        failures += bool(task.done() and task.exception())
        task.cancel()
    assert failures == 4


async def test_telegram_calls_when_there_is_an_address_for_it(telegram: FakeTelegram, desk: MemoryLog) -> None:
    url = "https://help.example.org/channels/telegram/webhook"
    async with running(telegram, webhook_url=url) as channel, listening(channel, desk):
        await until(lambda: telegram.webhook)
    assert telegram.webhook["url"] == url
    assert telegram.webhook["secret_token"] == SECRET
    assert set(telegram.webhook["allowed_updates"]) == {"message", "edited_message", "callback_query", "my_chat_member"}
    assert telegram.made("getUpdates") == []


async def test_when_telegram_calls_several_times_at_once_each_chat_is_taken_in_in_order(
    telegram: FakeTelegram, desk: MemoryLog
) -> None:
    async with running(telegram, webhook_url="https://help.example.org/webhook") as channel:
        routes = channel.routes(desk)
        assert routes is not None
        held = telegram.held["getFile"] = asyncio.Event()
        telegram.sends_file(b"all is lost", caption="pleese look")
        sent = telegram.updates[max(telegram.updates)]["message"]
        telegram.happens(edited_message={**sent, "caption": "please look", "edit_date": sent["date"] + 5})
        telegram.says("somebody else", BOB)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(routes), base_url="https://help.example.org") as web:
            calls = [
                asyncio.create_task(web.post("/webhook", json=update, headers={HEADER: SECRET}))
                for update in telegram.updates.values()
            ]
            await until(lambda: desk.received)
            assert [one.text for one in desk.received] == ["somebody else"]
            assert desk.edits == []
            held.set()
            assert [(await call).status_code for call in calls] == [200] * 3
    assert [one.text for one in desk.received] == ["somebody else", "pleese look"]
    assert [one.text for one in desk.edits] == ["please look"]
