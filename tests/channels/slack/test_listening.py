"""What customers do in Slack, through the real SDKs and Slack's socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.contract import Command, Order
from channels.slack.channel import SlackChannel
from tests.channels.memory_keep import MemoryKeep
from tests.channels.slack import events
from tests.channels.slack.conftest import Desk, Make, listening
from tests.channels.slack.fake_slack import FakeSlack
from tests.waiting import eventually

PDF = "application/pdf"


async def received(desk: Desk, count: int) -> None:
    async def enough() -> bool:
        return len(desk.received) >= count

    await eventually(enough)


async def calls(slack: FakeSlack, method: str, count: int = 1) -> list[dict[str, Any]]:
    async def enough() -> bool:
        return len(slack.calls(method)) >= count

    await eventually(enough)
    return [call.args for call in slack.calls(method)]


@pytest.mark.usefixtures("channel")
async def test_a_direct_message_reaches_the_desk_with_name_and_language(slack: FakeSlack, desk: Desk) -> None:
    sent = events.message("Mijn printer &lt;2e verdieping&gt; print niet", user=events.BOB)
    assert await slack.push(sent)
    await received(desk, 1)
    incoming = desk.received[0]
    assert (incoming.channel, incoming.address, incoming.thread) == ("slack", "T1:U2", "")
    assert incoming.external_id == f"DU2:{sent['event']['ts']}".replace("DU", "D")
    assert incoming.text == "Mijn printer <2e verdieping> print niet"
    assert (incoming.name, incoming.language) == ("Bob", "nl")


@pytest.mark.usefixtures("channel")
async def test_slack_is_answered_though_who_it_is_cannot_be_asked_yet(slack: FakeSlack, desk: Desk) -> None:
    slack.users_blocked = asyncio.Event()
    assert await slack.push(events.message("first"), seconds=2)
    assert await slack.push(events.message("second"), seconds=2)
    assert desk.received == []
    slack.users_blocked.set()
    await received(desk, 2)
    assert desk.texts == ["first", "second"]
    assert len(slack.calls("users.info")) == 1


@pytest.mark.usefixtures("channel")
async def test_who_is_mentioned_is_named_and_nobody_waits_for_it(slack: FakeSlack, desk: Desk) -> None:
    slack.users_blocked = asyncio.Event()
    sent = events.message("<@U2> and <@U9> said so, mail a@UB.example")
    assert await slack.push(sent, seconds=2)
    slack.users_blocked.set()
    await received(desk, 1)
    assert desk.texts == ["@Bob and @u9 said so, mail a@UB.example"]
    await slack.push(events.changed(sent, "<@U2> said so"))

    async def edited() -> bool:
        return bool(desk.edits)

    await eventually(edited)
    assert desk.edits[0].text == "@Bob said so"


@pytest.mark.usefixtures("channel")
async def test_a_file_is_fetched_after_slack_was_answered_and_comes_with_its_words(
    slack: FakeSlack, desk: Desk
) -> None:
    slack.files_blocked = asyncio.Event()
    shared = slack.file("screen.png", b"picture")
    assert await slack.push(events.message("See this", files=[shared], subtype="file_share"), seconds=2)
    assert await slack.push(events.message("Do you see it?"), seconds=2)
    assert desk.received == []
    slack.files_blocked.set()
    await received(desk, 2)
    assert desk.texts == ["See this", "Do you see it?"]
    assert [(file.name, file.type, file.content) for file in desk.received[0].attachments] == [
        ("screen.png", "image/png", b"picture")
    ]


@pytest.mark.usefixtures("channel")
async def test_files_that_cannot_be_had_are_named_in_the_customers_language(slack: FakeSlack, desk: Desk) -> None:
    gone = slack.file("gone.png", b"x")
    del slack.files["gone.png"]
    files = [
        slack.file("large.zip", b"x", size=5_000_000),
        slack.file("liar.zip", b"x" * 1_000_001, size=10),
        gone,
        {**slack.file("elsewhere.png", b"x"), "url_private_download": "https://example.org/elsewhere.png"},
        {"id": "F9", "mode": "hidden_by_limit", "name": "old.png"},
        {"id": "F8", "mode": "external", "name": "plan", "url_private": "https://docs.example.org/plan"},
        slack.file("good.png", b"good"),
    ]
    await slack.push(events.message("kijk", user=events.BOB, files=files, subtype="file_share"))
    await received(desk, 1)
    incoming = desk.received[0]
    assert [file.name for file in incoming.attachments] == ["good.png"]
    assert incoming.text.splitlines()[0] == "kijk"
    for name in ("large.zip", "liar.zip", "gone.png", "elsewhere.png", "old.png"):
        assert f"Het bestand {name}" in incoming.text
    assert "groter dan 1 MB" in incoming.text
    assert "(Het bestand plan staat niet bij Slack: https://docs.example.org/plan)" in incoming.text


@pytest.mark.usefixtures("channel")
async def test_where_a_file_of_another_organisation_is_is_asked_for(slack: FakeSlack, desk: Desk) -> None:
    known = slack.file("theirs.png", b"theirs")
    slack.known_files[known["id"]] = known
    shared = {"id": known["id"], "file_access": "check_file_info", "mode": "hosted"}
    await slack.push(events.message("", files=[shared], subtype="file_share"))
    await received(desk, 1)
    assert desk.received[0].attachments[0].content == b"theirs"


@pytest.mark.usefixtures("channel")
async def test_what_slack_sends_again_is_the_same_message(slack: FakeSlack, desk: Desk) -> None:
    sent = events.message("once")
    for retry in (None, 1, 2):
        assert await slack.push(sent, retry=retry)
    await slack.push(events.message("the next"))
    await received(desk, 2)
    assert desk.texts == ["once", "the next"]


@pytest.mark.usefixtures("channel")
async def test_what_the_desk_cannot_store_is_not_acknowledged_and_is_stored_when_slack_sends_it_again(
    slack: FakeSlack, desk: Desk
) -> None:
    await slack.push(events.message("hello"))
    await received(desk, 1)
    desk.accepting_fails = OSError("the database is gone")
    sent = events.message("lost?")
    assert await slack.push(sent, seconds=0.2) is None
    desk.accepting_fails = None
    assert await slack.push(sent, retry=1)
    assert desk.texts == ["hello", "lost?"]


async def test_what_a_process_had_promised_when_it_died_the_next_one_does(
    slack: FakeSlack, desk: Desk, make: Make, keep: MemoryKeep
) -> None:
    slack.files_blocked = asyncio.Event()
    async with listening(make(), desk):
        shared = slack.file("screen.png", b"picture")
        assert await slack.push(events.message("See this", files=[shared], subtype="file_share"))
        await calls(slack, "users.info")
        for task in asyncio.all_tasks():
            if "Intake._later" in repr(task.get_coro()):
                task.cancel()  # kill -9 leaves nothing that could still do it
    slack.files_blocked.set()
    assert desk.received == []
    async with listening(make(), desk):
        await received(desk, 1)
    assert desk.received[0].attachments[0].content == b"picture"

    async def empty() -> bool:
        return not [kind for kind, _ in keep.texts if kind == "event"]

    await eventually(empty)


@pytest.mark.parametrize(("place", "kind"), [("C1", "channel"), ("G1", "group")])  # old private channels are "G…"
@pytest.mark.usefixtures("channel")
async def test_a_mention_is_a_conversation_in_its_thread_and_goes_on_there_without_mentions(
    slack: FakeSlack, desk: Desk, place: str, kind: str
) -> None:
    first = events.mention("my screen is black", channel=place)
    root = first["event"]["ts"]
    await slack.push(first)
    await slack.push(events.message("still black", channel=place, channel_type=kind, thread_ts=root))
    bob = {"user": events.BOB, "channel": place, "channel_type": kind}
    await slack.push(events.message("mine too", thread_ts=root, **bob))
    await slack.push(events.message("lunch?", **bob))
    await slack.push(events.mention("mine too!", user=events.BOB, channel=place, thread_ts=root))
    await received(desk, 3)
    assert [(one.address, one.thread, one.text) for one in desk.received] == [
        ("T1:U1", f"{place}:{root}", "my screen is black"),
        ("T1:U1", f"{place}:{root}", "still black"),
        ("T1:U2", f"{place}:{root}", "mine too!"),
    ]


@pytest.mark.usefixtures("channel")
async def test_our_own_messages_and_those_of_other_bots_are_none(slack: FakeSlack, desk: Desk) -> None:
    await slack.push(events.message("ours", user="UBOT", bot_id="B1"))
    await slack.push(events.message("another's", user="U99", bot_id="B99"))
    await slack.push(events.message("", subtype="bot_message", bot_id="B99"))
    await slack.push(events.event({"type": "reaction_added", "user": "U1", "reaction": "eyes"}))
    await slack.push(events.event({"type": "something_new"}))
    assert await slack.push(events.message("a person"))
    await received(desk, 1)
    assert desk.texts == ["a person"]


@pytest.mark.usefixtures("channel")
async def test_edits_and_deletions_follow_their_message(slack: FakeSlack, desk: Desk) -> None:
    sent = events.message("my pritner")
    await slack.push(sent)
    await slack.push(events.changed(sent, "my printer"))
    await slack.push(events.changed(sent, "my pritner"))  # a preview was added
    await slack.push(events.deleted(sent))

    async def edited() -> bool:
        return len(desk.edits) == 2

    await eventually(edited)
    external_id = desk.received[0].external_id
    assert [(edit.external_id, edit.address, edit.text) for edit in desk.edits] == [
        (external_id, "T1:U1", "my printer"),
        (external_id, "T1:U1", None),
    ]


@pytest.mark.usefixtures("channel")
async def test_commands(slack: FakeSlack, desk: Desk) -> None:
    told = [
        await slack.push(events.command(name, text), "slash_commands")
        for name, text in (
            ("/support", "my printer &amp; screen are off"),
            ("/support", ""),
            ("/support", "status"),
            ("/support", "status of my printer?"),
            ("/support", "taal nl"),
            ("/support", "link abc-123"),
            ("/support", "koppel"),
            ("/ticket", "FL-1042"),
        )
    ]
    await received(desk, 8)
    assert all("direct message" in one["payload"]["text"] for one in told if one)
    assert [one.command for one in desk.received] == [
        None,
        Command(Order.HELP),
        Command(Order.STATUS),
        None,
        Command(Order.LANGUAGE, "nl"),
        Command(Order.LINK, "abc-123"),
        Command(Order.LINK),
        Command(Order.TICKET, "FL-1042"),
    ]
    assert desk.texts[0] == "my printer & screen are off"
    assert {(one.address, one.thread) for one in desk.received} == {("T1:U1", "")}
    assert len({one.external_id for one in desk.received}) == 8


@pytest.mark.usefixtures("channel")
async def test_the_home_tab_speaks_the_language_of_who_opens_it(slack: FakeSlack, desk: Desk) -> None:
    opened = {"type": "app_home_opened", "user": "U2", "channel": "D2", "tab": "home", "event_ts": "1.1"}
    await slack.push(events.event(opened))
    (args,) = await calls(slack, "views.publish")
    assert args["user_id"] == "U2"
    assert args["view"]["blocks"][0]["text"]["text"] == "IT-support"
    buttons = [one for block in args["view"]["blocks"] for one in block.get("elements", ())]
    assert buttons[0]["url"] == "slack://app?team=T1&id=A1&tab=messages"
    dutch = next(one for one in buttons if one["text"]["text"] == "Nederlands")
    pressed = events.press(dutch, user="U2", channel="", message={"ts": ""}, container={"type": "view"})
    await slack.push({**pressed, "channel": None, "message": None}, "interactive")
    await received(desk, 1)
    assert (desk.received[0].command, desk.received[0].address) == (Command(Order.LANGUAGE, "nl"), "T1:U2")


@pytest.mark.usefixtures("channel")
async def test_each_thread_with_the_assistant_is_a_conversation(slack: FakeSlack, desk: Desk) -> None:
    await slack.push(events.message("before there were any", thread_ts="1.0"))
    started = {"user_id": "U1", "context": {}, "channel_id": "D1", "thread_ts": "2.0"}
    await slack.push(events.event({"type": "assistant_thread_started", "assistant_thread": started}))
    (prompts,) = await calls(slack, "assistant.threads.setSuggestedPrompts")
    assert prompts["title"] == "Hello! What is not working?"
    await slack.push(events.message("in a thread", thread_ts="2.0"))
    await received(desk, 2)
    assert [one.thread for one in desk.received] == ["", "D1:2.0"]


async def test_typing_is_shown_in_threads_with_the_assistant_only(slack: FakeSlack, channel: SlackChannel) -> None:
    for thread in ("", "C1:1.0", "D1:2.0"):
        await channel.typing("T1:U2", thread)
    (args,) = await calls(slack, "assistant.threads.setStatus")
    assert (args["channel_id"], args["thread_ts"]) == ("D1", "2.0")
    assert args["status"] == "kijkt ernaar …"


@pytest.mark.usefixtures("channel")
async def test_what_cannot_be_stored_as_text_is_refused_in_words(slack: FakeSlack, desk: Desk) -> None:
    assert await slack.push(events.message("\x00"))
    (args,) = await calls(slack, "chat.postEphemeral")
    assert (args["channel"], args["user"]) == ("D1", "U1")
    assert "plain text" in args["text"]
    assert desk.received == []


@pytest.mark.usefixtures("channel")
async def test_a_message_longer_than_the_desk_takes_goes_along_as_a_file(slack: FakeSlack, desk: Desk) -> None:
    await slack.push(events.message("word " * 4_000))
    await received(desk, 1)
    incoming = desk.received[0]
    assert len(incoming.text) <= 8_000
    assert incoming.attachments[0].name == "message.txt"
    assert incoming.attachments[0].content.decode() == ("word " * 4_000).strip()


@pytest.mark.usefixtures("channel")
async def test_messages_of_many_people_at_once_in_any_order_all_arrive_once(slack: FakeSlack, desk: Desk) -> None:
    sent = [events.message(f"{number}", user=f"U{10 + number % 7}") for number in range(40)]
    await asyncio.gather(*(slack.push(one) for one in [*sent, *reversed(sent)]))
    await received(desk, 40)
    assert sorted(desk.texts, key=int) == [str(number) for number in range(40)]


@pytest.mark.usefixtures("channel")
@pytest.mark.parametrize("length", [6_990, 7_500, 7_999, 8_000, 9_000])
async def test_no_length_of_text_and_number_of_files_makes_a_message_unacceptable(
    slack: FakeSlack, desk: Desk, length: int
) -> None:
    files = [slack.file(f"{'name' * 30}{number}.png", b"x", size=10**9 if number < 9 else 1) for number in range(25)]
    await slack.push(events.message("x" * length, files=files, subtype="file_share"))
    await received(desk, 1)
    assert len(desk.received[0].text) <= 8_000
    assert "message.txt" in [file.name for file in desk.received[0].attachments] or length < 7_000


async def test_who_sends_the_words_of_an_invitation_goes_on_in_slack(
    slack: FakeSlack, channel: SlackChannel, desk: Desk
) -> None:
    way = await channel.invitation("c0de")
    assert way is not None
    assert way.words is not None
    command, _, text = way.words.partition(" ")
    await slack.push(events.command(command, text), "slash_commands")
    await received(desk, 1)
    assert desk.received[0].command == Command(Order.LINK, "c0de")
