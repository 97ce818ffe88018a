"""What every channel promises, whatever its network is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from channels.contract import Button, DeliveryFailed, Outgoing, Rejected, RejectReason, Sender
from tests.channels.email.network import email_network
from tests.channels.memory_log import MemoryLog
from tests.channels.networks import ALICE, BOB, Network, Trouble, pressed
from tests.channels.slack.network import slack_network
from tests.channels.telegram.network import telegram_network
from tests.channels.web.network import web_network

NETWORKS: dict[str, Callable[[MemoryLog], AbstractAsyncContextManager[Network]]] = {
    "email": email_network,
    "slack": slack_network,
    "telegram": telegram_network,
    "web": web_network,
}
BUTTONS = (Button("Yes", "/yes"), Button("No", "/no"), Button("I do not know", "/unknown"))


@pytest.fixture(params=NETWORKS)
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    """Each channel in turn, in front of a desk of its own."""
    async with NETWORKS[request.param](MemoryLog()) as opened:
        assert opened.channel.kind == request.param
        yield opened


async def asked(network: Network) -> Outgoing:
    """Alice has written, and is asked something with buttons."""
    assert (await network.says("hello from alice")).acknowledged
    question = network.says_to_alice("Is it switched on?", BUTTONS)
    await network.shows(question)
    return question


async def test_what_is_said_is_stored_and_acknowledged(network: Network) -> None:
    assert (await network.says("My printer says é 漢 🖨️ <b>&amp;")).acknowledged
    (received,) = network.desk.received
    assert received.text == "My printer says é 漢 🖨️ <b>&amp;"
    assert received.channel == network.channel.kind
    assert received.press is None
    assert received.choice is None
    assert received.command is None


async def test_nothing_is_acknowledged_that_is_not_stored(network: Network) -> None:
    network.desk.accepting_fails = ConnectionError("the database is away")
    assert not (await network.says("hello")).acknowledged
    assert network.desk.received == []
    network.desk.accepting_fails = None
    assert (await network.says_again()).acknowledged
    assert [received.text for received in network.desk.received] == ["hello"]


async def test_a_message_that_comes_again_is_acknowledged_and_stored_once(network: Network) -> None:
    await network.says("hello")
    assert (await network.says_again()).acknowledged
    assert (await network.says("hello")).acknowledged, "said twice is another message"
    assert [received.text for received in network.desk.received] == ["hello", "hello"]


async def test_what_the_desk_refuses_is_told_to_the_sender_and_not_brought_again(network: Network) -> None:
    network.desk.accepting_fails = Rejected(RejectReason.TOO_LONG)
    outcome = await network.says("hello")
    assert outcome.acknowledged
    assert outcome.told


async def test_customers_are_told_apart_by_what_the_network_calls_them(network: Network) -> None:
    await network.says("hello from alice", ALICE)
    await network.says("hello from bob", BOB)
    await network.says("again from alice", ALICE)
    addresses = [received.address for received in network.desk.received]
    assert addresses[0] == addresses[2] != addresses[1]
    assert not any("Alex" in address for address in addresses)


async def test_an_event_nobody_has_heard_of_changes_nothing(network: Network) -> None:
    await network.does_something_new()
    assert network.desk.received == []
    assert (await network.says("hello")).acknowledged
    assert [received.text for received in network.desk.received] == ["hello"]


# Buttons


async def test_buttons_are_shown_and_a_press_says_which(network: Network) -> None:
    assert (await network.says("hello from alice")).acknowledged
    question = network.says_to_alice("Is it switched on?", BUTTONS)
    (seen,) = await network.shows(question)
    assert seen.buttons == ("Yes", "No", "I do not know")
    assert (await network.presses(question, 1)).acknowledged
    if network.channel.capabilities.buttons:
        assert pressed(network.desk.received[-1], question) == BUTTONS[1]
    else:
        assert network.desk.received[-1].text == "2"


@pytest.mark.parametrize("typed", ["No", "no", "2", "2.", "/no"])
async def test_a_title_or_number_may_be_typed_and_is_no_press(network: Network, typed: str) -> None:
    await asked(network)
    assert (await network.says(typed)).acknowledged
    answer = network.desk.received[-1]
    assert (answer.text, answer.press, answer.choice) == (typed, None, None)


async def test_of_more_buttons_than_a_network_can_show_none_is_lost(network: Network) -> None:
    await network.says("hello from alice")
    many = tuple(Button(f"Room {number}", f"/room{number}") for number in range(101, 161))
    seen = await network.shows(network.says_to_alice("Which room?", many))
    shown = "\n".join([*(one.text for one in seen), *(title for one in seen for title in one.buttons)])
    assert [button.title for button in many if button.title not in shown] == []


# What is sent


async def test_a_long_text_arrives_whole(network: Network) -> None:
    await network.says("hello from alice")
    text = "\n\n".join(f"{number}. Look at the cable 🔌 of printer {number}. " * 7 for number in range(1, 25))
    assert 6_000 < len(text) < 8_000
    seen = await network.shows(network.says_to_alice(text, BUTTONS))
    assert words("".join(f"{one.text}\n" for one in seen)) == words(text)
    assert [one.buttons for one in seen][-1] == ("Yes", "No", "I do not know")


async def test_what_looks_like_markup_is_shown_as_it_was_written(network: Network) -> None:
    await network.says("hello from alice")
    text = "<b>no</b> & &amp; _x_ [a](b) ~c~ <script>alert(1)</script> <!channel> {{d}}"
    (seen,) = await network.shows(network.says_to_alice(text))
    assert seen.text == text


def words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


@pytest.mark.parametrize("trouble", Trouble)
async def test_a_network_in_trouble_is_told_apart(network: Network, trouble: Trouble) -> None:
    if not isinstance(network.channel, Sender):
        pytest.skip("clients fetch")
    if trouble not in network.troubles:
        pytest.skip("cannot happen there")
    await network.says("hello from alice")
    network.trouble(trouble)
    with pytest.raises(DeliveryFailed) as caught:
        await network.shows(network.says_to_alice("hello"))
    failed = caught.value
    assert failed.detail
    assert failed.permanent == (trouble in {Trouble.GONE, Trouble.REFUSED})
    assert failed.unreachable == (trouble is Trouble.GONE)
    assert failed.unknown == (trouble is Trouble.SILENT)
    if trouble is Trouble.TOO_FAST:
        assert failed.retry_after is not None
        assert 1 < failed.retry_after <= 2
    else:
        assert failed.retry_after is None


async def test_what_failed_is_tried_again_by_whoever_asks_and_by_nobody_else(network: Network) -> None:
    if not isinstance(network.channel, Sender):
        pytest.skip("clients fetch")
    await network.says("hello from alice")
    network.trouble(Trouble.BROKEN)
    message = network.says_to_alice("hello")
    with pytest.raises(DeliveryFailed):
        await network.shows(message)
    assert [seen.text for seen in await network.shows(message)] == ["hello"]
