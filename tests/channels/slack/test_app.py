"""The Bolt app: what is acknowledged, and whose listeners come first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from channels.slack.app import SlackApp
from tests.background import running
from tests.channels.slack import events
from tests.channels.slack.fake_slack import FakeSlack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


def app_for(slack: FakeSlack) -> SlackApp:
    return SlackApp(token=slack.token, app_token=slack.app_token, api_url=slack.api_url, ping=0.05)


async def test_an_event_is_acknowledged_when_its_listener_has_returned(slack: FakeSlack) -> None:
    app = app_for(slack)
    stored = asyncio.Event()

    async def store(event: Any) -> None:
        await stored.wait()

    app.bolt.event("message")(store)
    async with running(app.listen()):
        assert await slack.push(events.message(), seconds=0.1) is None
        stored.set()
        assert await slack.push(events.message())


async def test_an_event_whose_listener_fails_is_not_acknowledged(slack: FakeSlack) -> None:
    app = app_for(slack)

    async def fail(event: Any) -> None:
        raise OSError("the database is gone")

    app.bolt.event("message")(fail)
    async with running(app.listen()):
        assert await slack.push(events.message(), seconds=0.1) is None


async def test_an_event_is_not_acknowledged_while_slack_does_not_tell_whose_token_it_is(slack: FakeSlack) -> None:
    app = app_for(slack)
    seen: list[str] = []

    async def store(event: Any) -> None:
        seen.append(event["text"])

    app.bolt.event("message")(store)
    slack.fails("auth.test", status=503)
    slack.fails("auth.test", "fatal_error")
    async with running(app.listen()):
        assert await slack.push(events.message("one"), seconds=0.1) is None
        assert await slack.push(events.message("two"), seconds=0.1) is None
        assert seen == []
        assert await slack.push(events.message("two"), retry=1)
        assert seen == ["two"]


async def test_whoever_registers_first_has_the_event(slack: FakeSlack) -> None:
    app = app_for(slack)
    seen: list[str] = []

    async def in_ours(event: Any) -> bool:
        return bool(event["channel"] == "C-TECHNICIANS")

    async def of_the_desk(event: Any) -> None:
        seen.append("desk")

    async def of_the_customer(event: Any) -> None:
        seen.append("customer")

    app.bolt.event("message", matchers=[in_ours])(of_the_desk)
    app.bolt.event("message")(of_the_customer)
    async with running(app.listen()):
        await slack.push(events.message(channel="C-TECHNICIANS", channel_type="channel"))
        await slack.push(events.message())
    assert seen == ["desk", "customer"]


async def test_a_dropped_socket_is_opened_again(slack: FakeSlack) -> None:
    app = app_for(slack)

    async def store(event: Any) -> None:
        pass

    app.bolt.event("message")(store)
    async with running(app.listen()):
        await slack.connected()
        await slack.drop_sockets()
        assert await slack.push(events.message())


async def test_a_refused_token_for_the_socket_ends_listening_with_slacks_reason(slack: FakeSlack) -> None:
    slack.socket_refused = "invalid_auth"
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await app_for(slack).listen()
