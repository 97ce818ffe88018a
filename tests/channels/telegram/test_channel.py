"""The real SDK against a Telegram of our own: what people do, and what they see."""

from __future__ import annotations

import pytest

from channels.contract import (
    Button,
    Command,
    DeliveryFailed,
    Inviting,
    Listener,
    Order,
    Press,
    Rejected,
    RejectReason,
    Sender,
    Typist,
    Way,
    Webhook,
)
from channels.telegram.channel import TelegramChannel, create
from tests.channels.memory_log import MemoryLog
from tests.channels.telegram.conftest import confirmed, listening
from tests.channels.telegram.fake_api import ALICE, BOB, TOKEN, USERNAME, FakeTelegram, error, too_many

BUTTONS = (Button("Yes", "/affirm"), Button("No", "/deny"))


def test_it_is_every_kind_of_channel(channel: TelegramChannel) -> None:
    assert isinstance(channel, Sender)
    assert isinstance(channel, Typist)
    assert isinstance(channel, Listener)
    assert isinstance(channel, Webhook)


def test_it_is_made_of_settings() -> None:
    made_of_settings = create({"telegram_token": TOKEN, "secret_key": "s"})
    assert made_of_settings.kind == "telegram"
    assert made_of_settings.routes(MemoryLog()) is None


# What people send


async def test_a_message_reaches_the_desk_and_is_confirmed(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    message = telegram.says("My printer does not print")
    async with listening(channel, desk):
        await confirmed(telegram)
    (received,) = desk.received
    assert received.text == "My printer does not print"
    assert received.address == str(ALICE)
    assert received.external_id == f"{ALICE}:{message['message_id']}"
    assert (received.name, received.language) == ("Alice", "en")


async def test_what_cannot_be_read_is_said_kindly(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.happens(message=telegram.message(game={"title": "Chess"}))
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.received == []
    assert "cannot read this kind of message" in telegram.texts()[0]


async def test_updates_of_an_unknown_type_are_counted_and_confirmed(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "channels")
    for _ in range(3):
        telegram.happens(message={"chat": {"type": "private", "id": 5}, "from": {"id": 5}, "brain_wave": {}})
    telegram.happens(message={}, brain_wave={"alpha": 1})
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.received == []
    assert channel.ignored["message without words: brain_wave"] == 3
    assert caplog.text.count("brain_wave") == 1


async def test_a_file_comes_with_its_message(telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog) -> None:
    telegram.sends_file(b"all is lost", caption="This is what it says")
    async with listening(channel, desk):
        await confirmed(telegram)
    (received,) = desk.received
    assert received.text == "This is what it says"
    assert [(file.name, file.type, file.content) for file in received.attachments] == [
        ("log.txt", "text/plain", b"all is lost")
    ]


async def test_a_file_that_is_too_large_is_refused_and_what_was_said_with_it_is_kept(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    big = {"file_id": "big", "file_size": 20_000_001, "file_name": "film.mov"}
    telegram.happens(message=telegram.message(document=big, caption="see for yourself"))
    telegram.happens(message=telegram.message(document=big))
    async with listening(channel, desk):
        await confirmed(telegram)
    assert [received.text for received in desk.received] == ["see for yourself\n(film.mov did not arrive)"]
    assert (
        telegram.texts()
        == ["film.mov is too large for us (20 MB at most). Please send a smaller file, or a photo of what matters."] * 2
    )
    assert telegram.made("getFile") == []


async def test_a_file_whose_size_telegram_kept_to_itself_is_refused_when_it_is_known(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.files["big"] = bytes(20_000_001)
    telegram.happens(message=telegram.message(document={"file_id": "big", "file_name": "film.mov"}))
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.received == []
    assert "too large" in telegram.texts()[0]


async def test_a_file_that_does_not_arrive_holds_up_nothing(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.answers["getFile"].append(lambda: error(502, "Bad Gateway"))
    telegram.sends_file(b"x")
    telegram.says("are you there?")
    async with listening(channel, desk):
        await confirmed(telegram)
    assert [received.text for received in desk.received] == ["are you there?"]
    assert telegram.texts() == ["log.txt did not arrive. Please send it again."]


async def test_a_file_that_comes_byte_by_byte_is_given_up(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.telegram.failures.FETCHED_WITHIN", 0.1)
    telegram.dripping = True
    telegram.sends_file(b"x")
    telegram.says("are you there?")
    async with listening(channel, desk):
        await confirmed(telegram)
    assert [received.text for received in desk.received] == ["are you there?"]
    assert telegram.texts() == ["log.txt did not arrive. Please send it again."]


async def test_a_message_that_the_desk_refuses_is_answered_in_the_senders_language(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    desk.accepting_fails = Rejected(RejectReason.TOO_FAST)
    message = telegram.message(text="help")
    message["from"]["language_code"] = "nl-BE"
    telegram.happens(message=message)
    async with listening(channel, desk):
        await confirmed(telegram)
    assert telegram.texts() == ["Je bent erg snel! Wacht even en stuur dat opnieuw."]


async def test_commands_go_to_the_desk_as_orders(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.says(f"/ticket@{USERNAME} FL-1042")
    for _ in range(2):
        async with listening(channel, desk):
            await confirmed(telegram)
    assert desk.received[0].command == Command(Order.TICKET, "FL-1042")
    told = {call.get("language_code"): call["commands"] for call in telegram.made("setMyCommands")}
    assert set(told) == {None, "en", "nl"}
    assert len(telegram.made("setMyCommands")) == 3
    assert {command["command"] for command in told["nl"]} == {order.value for order in Order}


async def test_a_courtesy_that_is_not_taken_holds_up_nothing(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    telegram.answers["setMyCommands"] += [lambda: too_many(30)]
    telegram.answers["answerCallbackQuery"] += [lambda: error(400, "Bad Request: query is too old")]
    telegram.answers["editMessageText"] += [lambda: error(400, "Bad Request: message can't be edited")]
    await channel.send(desk.say(str(ALICE), "Is it switched on?", buttons=BUTTONS))
    telegram.presses(telegram.shown[0], "Yes")
    async with listening(channel, desk):
        await confirmed(telegram)
    assert len(desk.received) == 1
    assert len(telegram.made("answerCallbackQuery")) == len(telegram.made("editMessageText")) == 1


async def test_an_edited_message_is_a_new_version(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    message = telegram.says("My printr")
    telegram.happens(edited_message={**message, "text": "My printer", "edit_date": message["date"] + 5})
    async with listening(channel, desk):
        await confirmed(telegram)
    (edit,) = desk.edits
    assert (edit.external_id, edit.text) == (desk.received[0].external_id, "My printer")


async def test_a_link_with_a_code_leads_on_with_a_conversation(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    desk.codes["code-of-alice"] = "nl"
    telegram.says("/start code-of-alice")
    telegram.says("/start an-old-code", BOB)
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.joins == [("telegram", str(ALICE), "", "code-of-alice")]
    assert telegram.texts(ALICE) == []
    assert "not valid any more" in telegram.texts(BOB)[0]
    assert desk.received == []


async def test_who_blocks_the_bot_is_unreachable(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    chat = telegram.message()["chat"]
    for status in ("kicked", "member"):
        telegram.happens(my_chat_member={"chat": chat, "from": chat, "new_chat_member": {"status": status}})
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.unreachables == [("telegram", str(ALICE), "my_chat_member: kicked")]


async def test_in_a_group_it_says_once_where_it_can_be_spoken_to_and_then_only_when_it_is_called(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    group = {"id": -77, "type": "supergroup", "title": "Everybody"}
    added = {"old_chat_member": {"status": "left"}, "new_chat_member": {"status": "member"}}
    telegram.happens(my_chat_member={"chat": group, "from": {"id": ALICE}, **added})
    telegram.happens(message={**telegram.message(text="what is for lunch?"), "chat": group})
    async with listening(channel, desk):
        await confirmed(telegram)
    assert desk.received == []
    (said,) = telegram.texts(-77)
    assert f"https://t.me/{USERNAME}" in said
    other = {"id": -78, "type": "group", "title": "Others"}
    mention = {"type": "mention", "offset": 3, "length": len(USERNAME) + 1}
    called = {**telegram.message(text=f"😀 @{USERNAME} help", entities=[mention]), "chat": other}
    telegram.happens(message=called)
    command = {"type": "bot_command", "offset": 0, "length": len(USERNAME) + 6}
    telegram.happens(message={**telegram.message(text=f"/help@{USERNAME}", entities=[command]), "chat": other})
    async with listening(channel, desk):
        await confirmed(telegram)
    assert len(telegram.texts(-78)) == 1
    assert telegram.made("sendMessage")[-1]["reply_parameters"]["message_id"] == called["message_id"]
    assert desk.received == []


# What people see


async def test_a_message_is_shown_as_it_was_meant(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    receipt = await channel.send(desk.say(str(ALICE), "Press **Ctrl** & `<Esc>`", buttons=BUTTONS))
    (shown,) = telegram.shown
    assert (shown.text, shown.titles) == ("Press Ctrl & <Esc>", ["Yes", "No"])
    assert receipt.external_id == f"{ALICE}:{shown.number}"


async def test_a_pressed_keyboard_is_replaced_by_the_choice(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    said = desk.say(str(ALICE), "Is it switched on?", buttons=BUTTONS)
    await channel.send(said)
    (shown,) = telegram.shown
    telegram.presses(shown, "No")
    async with listening(channel, desk):
        await confirmed(telegram)
    (received,) = desk.received
    assert received.press == Press(said.conversation, said.seq, 1)
    assert (shown.text, shown.buttons) == ("Is it switched on?\n\n✓ No", [])
    assert [call.get("text") for call in telegram.made("answerCallbackQuery")] == [None]


async def test_a_second_press_is_answered_kindly_and_changes_nothing(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    await channel.send(desk.say(str(ALICE), "Is it switched on?", buttons=BUTTONS))
    (shown,) = telegram.shown
    for title in ("No", "No", "Yes"):
        telegram.presses(shown, title)
    async with listening(channel, desk):
        await confirmed(telegram)
    assert len(desk.received) == 1
    assert shown.text == "Is it switched on?\n\n✓ No"
    hints = [call.get("text") for call in telegram.made("answerCallbackQuery")]
    assert hints == [None, "You have already chosen here.", "You have already chosen here."]


async def test_a_button_that_is_no_longer_in_use_says_so_and_goes(
    telegram: FakeTelegram, channel: TelegramChannel, desk: MemoryLog
) -> None:
    await channel.send(desk.say(str(ALICE), "Is it switched on?", buttons=BUTTONS))
    (shown,) = telegram.shown
    desk.accepting_fails = Rejected(RejectReason.UNKNOWN_BUTTON)
    telegram.presses(shown, "Yes")
    async with listening(channel, desk):
        await confirmed(telegram)
    assert (shown.text, shown.buttons) == ("Is it switched on?", [])
    assert "not in use any more" in telegram.made("answerCallbackQuery")[0]["text"]


async def test_typing_is_shown(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    await channel.typing(str(ALICE), "")
    assert [(call["chat_id"], call["action"]) for call in telegram.made("sendChatAction")] == [(str(ALICE), "typing")]
    telegram.blocked.add(ALICE)
    with pytest.raises(DeliveryFailed):
        await channel.typing(str(ALICE), "")


# Coming here from elsewhere


async def test_a_link_starts_the_bot_with_the_code(channel: TelegramChannel) -> None:
    assert isinstance(channel, Inviting)
    assert await channel.invitation("c0de") == Way("telegram", f"https://t.me/{USERNAME}?start=c0de")


async def test_without_the_bots_name_there_is_no_link_until_telegram_tells_it(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    telegram.answers["getMe"].append(lambda: error(500, "oops"))
    assert await channel.invitation("c0de") is None
    assert await channel.invitation("c0de") is not None
