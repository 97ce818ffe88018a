"""What the desk says, as it arrives at Slack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.contract import Author, DeliveryFailed, File, Receipt
from channels.slack.channel import SlackChannel
from tests.channels.memory_keep import MemoryKeep
from tests.channels.slack import events
from tests.channels.slack.conftest import Make
from tests.channels.slack.fake_slack import FakeSlack, shown, shown_block

TEXT = "Is **it** on? See https://example.org/a?b=1&c=2."


@pytest.fixture
def channel(make: Make) -> SlackChannel:
    """It sends, and does not listen."""
    return make()


async def failure(channel: SlackChannel, **message: object) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as raised:
        await channel.send(events.outgoing(**message))  # type: ignore[arg-type]
    return raised.value


async def test_a_message_goes_to_the_direct_messages_and_the_receipt_is_its_id(
    slack: FakeSlack, channel: SlackChannel
) -> None:
    receipt = await channel.send(events.outgoing(TEXT))
    (said,) = slack.said()
    assert (said.channel, said.thread_ts) == ("D1", None)
    assert shown(said) == "Is it on? See https://example.org/a?b=1&c=2."
    assert receipt == Receipt(f"D1:{said.ts}")
    (call,) = slack.calls("chat.postMessage")
    assert (call.token, call.args["unfurl_links"]) == (slack.token, False)
    await channel.send(events.outgoing("again", seq=8))
    assert len(slack.calls("conversations.open")) == 1


async def test_an_answer_to_a_mention_goes_into_its_thread(slack: FakeSlack, channel: SlackChannel) -> None:
    await channel.send(events.outgoing(thread="C1:5.5"))
    (said,) = slack.said()
    assert (said.channel, said.thread_ts) == ("C1", "5.5")
    assert slack.calls("conversations.open") == []


async def test_files_follow_their_words(slack: FakeSlack, channel: SlackChannel) -> None:
    files = (File("guide.pdf", "application/pdf", b"%PDF"), File("map.png", "image/png", b"map"))
    await channel.send(events.outgoing("The guide:", files=files, thread="C1:5.5"))
    words, shared = slack.said()
    assert words.text == "The guide:"
    assert (shared.channel, shared.thread_ts, shared.files) == ("C1", "5.5", ["guide.pdf", "map.png"])
    assert sorted(slack.uploaded.values()) == [("guide.pdf", b"%PDF"), ("map.png", b"map")]


async def test_a_file_without_words(slack: FakeSlack, channel: SlackChannel) -> None:
    await channel.send(events.outgoing("", files=(File("a.txt", "text/plain", b"a"),)))
    assert [said.files for said in slack.said()] == [["a.txt"]]


async def test_a_long_text_comes_whole_and_in_order(slack: FakeSlack, channel: SlackChannel) -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "Word & word. " * 60 for number in range(40))
    await channel.send(events.outgoing(text, author=Author.TECHNICIAN, name="Tess & Co"))
    assert all(len(shown_block(block)) <= 3_000 for said in slack.said() for block in said.blocks)
    name, words = "\n".join(map(shown, slack.said())).split("Support", 1)
    assert name == "Tess & Co · "
    assert words.split() == text.split()


@pytest.mark.parametrize("seconds", [7, 0.5])
async def test_the_pause_that_slack_asks_for_is_handed_on(
    slack: FakeSlack, channel: SlackChannel, seconds: float
) -> None:
    slack.fails("chat.postMessage", status=429, retry_after=seconds)
    failed = await failure(channel)
    assert (failed.retry_after, failed.permanent, failed.unknown) == (seconds, False, False)
    slack.fails("conversations.open", status=429, retry_after=seconds)
    assert (await failure(channel, address="T1:U2")).retry_after == seconds


async def test_a_message_of_several_parts_goes_on_where_it_was_interrupted(slack: FakeSlack, make: Make) -> None:
    message = events.outgoing("\n\n".join("x" * 11_000 for _ in range(3)), files=(File("a", "text/plain", b"a"),))

    async def attempt() -> DeliveryFailed:
        with pytest.raises(DeliveryFailed) as raised:
            await make().send(message)  # a process that knows nothing but what is stored
        return raised.value

    for status in (429, 500, 502, 503):
        slack.fails("*", status=status)
        assert (await attempt()).progress is None, "nothing was begun"
        slack.fails("files.completeUploadExternal", status=503)
        assert (await attempt()).progress == 3
        message = replace(message, progress=3)
    await make().send(message)
    assert [shown(said).count("x") for said in slack.said()] == [11_000] * 3 + [0]
    assert slack.said()[-1].files == ["a"]


@pytest.mark.parametrize(
    ("method", "error", "expected"),
    [
        ("conversations.open", "user_not_found", "unreachable"),
        ("conversations.open", "user_disabled", "unreachable"),
        ("chat.postMessage", "channel_not_found", "unreachable"),
        ("chat.postMessage", "is_archived", "unreachable"),
        ("chat.postMessage", "msg_too_long", "permanent"),
        ("chat.postMessage", "invalid_blocks", "permanent"),
        ("chat.postMessage", "invalid_auth", "temporary"),
        ("chat.postMessage", "token_revoked", "temporary"),
        ("chat.postMessage", "account_inactive", "temporary"),
        ("chat.postMessage", "messages_tab_disabled", "temporary"),
        ("conversations.open", "missing_scope", "temporary"),
        ("chat.postMessage", "fatal_error", "unknown"),
        ("conversations.open", "fatal_error", "temporary"),
    ],
)
async def test_what_slack_says_tells_what_to_do(
    slack: FakeSlack, channel: SlackChannel, method: str, error: str, expected: str
) -> None:
    slack.fails(method, error)
    failed = await failure(channel)
    assert failed.detail == error
    assert _kind(failed) == expected


async def test_a_place_that_takes_nothing_does_not_make_the_customer_unreachable(
    slack: FakeSlack, channel: SlackChannel
) -> None:
    for error in ("channel_not_found", "not_in_channel", "is_archived"):
        slack.fails("chat.postMessage", error)
        assert _kind(await failure(channel, thread="C1:5.5")) == "permanent"


async def test_a_cut_connection_leaves_it_open_whether_it_arrived(slack: FakeSlack, channel: SlackChannel) -> None:
    slack.fails("chat.postMessage", after=True, cut=True)
    assert _kind(await failure(channel)) == "unknown"
    assert len(slack.said()) == 1
    slack.fails("conversations.open", cut=True)
    assert _kind(await failure(channel, address="T1:U2")) == "temporary"
    slack.fails("chat.postMessage", status=504)
    assert _kind(await failure(channel)) == "unknown"


async def test_a_slack_that_is_not_there_is_tried_again(keep: MemoryKeep) -> None:
    from channels.slack.app import SlackApp
    from tests.ports import free_port

    app = SlackApp(token="xoxb-1", api_url=f"http://127.0.0.1:{free_port()}/api")
    assert _kind(await failure(SlackChannel(app, keep))) == "temporary"


def _kind(failed: DeliveryFailed) -> str:
    kinds = ("unreachable", "permanent", "unknown")
    return next((kind for kind in kinds if getattr(failed, kind)), "temporary")
