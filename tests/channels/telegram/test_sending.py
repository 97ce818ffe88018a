"""Sending when Telegram says no, says nothing, or says not so fast."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from channels.contract import Author, Button, DeliveryFailed, File, Outgoing
from channels.telegram.channel import TelegramChannel
from channels.telegram.flood import Gate
from tests.channels.memory_log import MemoryLog
from tests.channels.telegram.conftest import running
from tests.channels.telegram.fake_api import ALICE, BOB, FakeTelegram, cut, error, too_many
from tests.channels.telegram.reading import length

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def hello(desk: MemoryLog, who: int = ALICE, text: str = "hello") -> Outgoing:
    return desk.say(str(who), text)


async def attempt(channel: TelegramChannel, message: Outgoing) -> DeliveryFailed | None:
    """Send it once; returns how it failed, if it did."""
    try:
        await channel.send(message)
    except DeliveryFailed as failed:
        return failed
    return None


async def refused(channel: TelegramChannel, message: Outgoing) -> DeliveryFailed:
    """Send what cannot be sent; returns why."""
    failed = await attempt(channel, message)
    assert failed is not None
    return failed


@pytest.mark.parametrize(
    ("code", "description", "permanent", "unreachable"),
    [
        (403, "Forbidden: bot was blocked by the user", True, True),
        (403, "Forbidden: user is deactivated", True, True),
        (403, "Forbidden: bot can't initiate conversation with a user", True, True),
        (400, "Bad Request: chat not found", True, True),
        (400, "Bad Request: PEER_ID_INVALID", True, True),
        (400, "Bad Request: message is too long", True, False),
        (413, "Request Entity Too Large", True, False),
        (401, "Unauthorized", False, False),
        (500, "Internal Server Error", False, False),
        (502, "Bad Gateway", False, False),
        (503, "Service Unavailable", False, False),
        (504, "Gateway Timeout", False, False),
    ],
)
async def test_what_telegram_answers_decides_whether_to_try_again(
    telegram: FakeTelegram,
    channel: TelegramChannel,
    desk: MemoryLog,
    code: int,
    description: str,
    permanent: bool,
    unreachable: bool,
) -> None:
    telegram.answers["sendMessage"].append(lambda: error(code, description))
    failed = await refused(channel, hello(desk))
    assert (failed.permanent, failed.unreachable, failed.unknown) == (permanent, unreachable, False)
    assert failed.retry_after is None
    # The SDK leaves out the kind of the error.
    assert description.removeprefix("Bad Request: ").lower() in failed.detail.lower()


async def test_a_group_that_became_another_chat_takes_nothing_more(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    answer = error(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-100)
    telegram.answers["sendMessage"].append(lambda: answer)
    assert (await refused(channel, hello(desk))).permanent


async def test_a_server_that_is_away_is_tried_again(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    await telegram.stop()
    failed = await refused(channel, hello(desk))
    assert (failed.permanent, failed.unknown) == (False, False)


async def test_an_answer_that_does_not_come_leaves_it_open_whether_the_message_arrived(
    telegram: FakeTelegram, desk: MemoryLog
) -> None:
    telegram.held["sendMessage"] = asyncio.Event()
    async with running(telegram, patience=0.05) as channel:
        failed = await refused(channel, hello(desk))
    telegram.held["sendMessage"].set()
    assert (failed.permanent, failed.unknown) == (False, True)


async def test_so_does_a_connection_that_is_cut_and_an_answer_that_is_no_answer(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.answers["sendMessage"] += [cut, lambda: web.Response(text="<html>captive portal</html>")]
    assert (await refused(channel, hello(desk))).unknown
    assert (await refused(channel, hello(desk))).unknown


async def test_a_429_closes_that_chat_only(telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog) -> None:
    telegram.answers["sendMessage"].append(lambda: too_many(30))
    assert (await refused(channel, hello(desk))).retry_after == 30
    asked = len(telegram.made("sendMessage"))
    again = await refused(channel, hello(desk))
    assert again.retry_after is not None
    assert 29 < again.retry_after <= 30
    assert len(telegram.made("sendMessage")) == asked, "Telegram was not left alone"
    with pytest.raises(DeliveryFailed):
        await channel.typing(str(ALICE), "")
    await channel.send(hello(desk, BOB))
    assert telegram.texts(BOB) == ["hello"]


async def test_a_storm_of_429_delivers_everything_once_and_in_order(telegram: FakeTelegram, desk: MemoryLog) -> None:
    for _ in range(10):
        telegram.answers["sendMessage"] += [lambda: too_many(0.01), lambda: None, lambda: error(500, "storm")]
    async with running(telegram) as channel:
        for number in range(20):
            message = hello(desk, text=f"{number}")
            while failed := await attempt(channel, message):  # as the deliver worker does
                assert not failed.permanent
                assert not failed.unknown
                await asyncio.sleep(failed.retry_after or 0)
    assert telegram.texts() == [f"{number}" for number in range(20)]


async def test_one_call_that_takes_too_long_is_given_up(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.parts.WITHIN", 0.01)
    telegram.held["sendMessage"] = asyncio.Event()
    assert (await refused(channel, hello(desk))).unknown
    telegram.held["sendMessage"].set()


async def test_a_customer_who_is_spoken_to_too_fast_waits_for_nobody_else(
    telegram: FakeTelegram, desk: MemoryLog
) -> None:
    async with running(telegram, gate=Gate(rate=1000, burst=1000, chat_rate=0.1, chat_burst=2)) as channel:
        for _ in range(2):
            await channel.send(hello(desk))
        failed = await refused(channel, hello(desk))
        assert failed.retry_after is not None
        assert 9 < failed.retry_after <= 10
        await channel.send(hello(desk, BOB))
    assert len(telegram.texts(ALICE)) == 2


# Messages of several parts


async def test_a_long_text_arrives_whole_in_parts_with_the_buttons_under_the_last(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    text = "\n\n".join(f"**Step {number}.** " + "Look at it & think 🤔. " * 40 for number in range(1, 12))
    await channel.send(desk.say(str(ALICE), text, buttons=(Button("Done", "/done"),)))
    assert len(telegram.shown) > 2
    assert all(length(shown.text) <= 4096 for shown in telegram.shown)
    assert [shown.titles for shown in telegram.shown] == [[]] * (len(telegram.shown) - 1) + [["Done"]]
    assert " ".join(" ".join(telegram.texts()).split()) == " ".join(text.replace("**", "").split())


async def test_a_message_that_fails_in_the_middle_goes_on_where_it_was(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    message = hello(desk, text="\n\n".join(letter * 3000 for letter in "abc"))
    telegram.answers["sendMessage"] += [lambda: None, lambda: error(500, "oops")]
    failed = await refused(channel, message)
    assert failed.progress == 1
    async with running(telegram) as another:  # a process that knows nothing but what is stored
        await another.send(replace(message, progress=1))
    assert [text[0] for text in telegram.texts()] == ["a", "b", "c"]


async def test_a_message_that_has_to_wait_for_its_turn_in_the_middle_goes_on_there(
    telegram: FakeTelegram, desk: MemoryLog
) -> None:
    message = hello(desk, text="\n\n".join(letter * 3000 for letter in "abc"))
    async with running(telegram, gate=Gate(rate=1000, burst=1000, chat_rate=0.1, chat_burst=2)) as channel:
        failed = await refused(channel, message)
    assert failed.retry_after is not None
    assert failed.progress == 2


async def test_files_go_as_what_they_are(telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog) -> None:
    files = (File("screen.png", "image/png", PNG), File("log.txt", "text/plain", b"all is lost"))
    await channel.send(replace(hello(desk, text="Look at <this>"), files=files))
    assert [(shown.kind, shown.text, shown.file) for shown in telegram.shown] == [
        ("message", "Look at <this>", None),
        ("photo", "", ("screen.png", PNG)),
        ("document", "", ("log.txt", b"all is lost")),
    ]


async def test_a_short_text_stands_under_its_one_file(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    message = replace(hello(desk, text="Look at **this**"), files=(File("screen.png", "image/png", PNG),))
    await channel.send(message)
    assert [(shown.kind, shown.text) for shown in telegram.shown] == [("photo", "Look at this")]


async def test_a_picture_that_telegram_does_not_show_goes_as_a_file(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.answers["sendPhoto"].append(lambda: error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await channel.send(replace(hello(desk), files=(File("long.png", "image/png", PNG),)))
    assert [(shown.kind, shown.text) for shown in telegram.shown] == [("document", "hello")]


async def test_a_technician_is_named(telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog) -> None:
    await channel.send(desk.say(str(ALICE), "I am looking into it.", author=Author.TECHNICIAN, name="Tess <T>"))
    assert telegram.texts() == ["Tess <T>\nI am looking into it."]


async def test_a_message_answers_the_one_it_is_an_answer_to(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    await channel.send(replace(hello(desk), reply_to=f"{ALICE}:42"))
    await channel.send(replace(hello(desk), reply_to="a-message-of-the-web-chat"))
    first, second = telegram.made("sendMessage")
    assert first["reply_parameters"] == {"message_id": 42, "allow_sending_without_reply": True}
    assert "reply_parameters" not in second
