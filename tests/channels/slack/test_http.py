"""Slack calls us: signed requests, and the pages of the OAuth flow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.routing import Mount, Router

from channels.contract import Command, DeliveryFailed, Order
from channels.registry import CHANNELS, enabled
from channels.slack.channel import SlackChannel
from channels.slack.oauth import StateStore
from tests.channels.memory_keep import MemoryKeep
from tests.channels.slack import events
from tests.channels.slack.conftest import Desk
from tests.channels.slack.fake_slack import SECRET, FakeSlack
from tests.channels.slack.test_listening import calls, received

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def settings(slack: FakeSlack) -> dict[str, str]:
    return {
        "public_url": "https://help.example.org",
        "slack_api_url": slack.api_url,
        "slack_bot_token": slack.token,
        "slack_signing_secret": SECRET,
    }


def channel_of(settings: dict[str, str], keep: MemoryKeep) -> SlackChannel:
    channel = enabled(settings, lambda kind: keep, {"slack": CHANNELS["slack"]})["slack"]
    assert isinstance(channel, SlackChannel)
    return channel


def client_of(channel: SlackChannel, desk: Desk) -> httpx.AsyncClient:
    routes = channel.routes(desk)
    assert routes is not None
    app = Router([Mount("/channels/slack", routes)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://help.example.org/channels/slack/")


@pytest.fixture
async def web(settings: dict[str, str], keep: MemoryKeep, desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(channel_of(settings, keep), desk) as client:
        yield client


async def post(web: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    text = json.dumps(body)
    signed = {**FakeSlack.signed(text), "Content-Type": "application/json", **headers}
    return await web.post("events", content=text, headers=signed)


async def test_slack_is_told_that_the_address_is_right(web: httpx.AsyncClient) -> None:
    answer = await post(web, {"type": "url_verification", "challenge": "abc", "token": "legacy"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


async def test_a_signed_event_is_stored_once_however_often_it_comes(web: httpx.AsyncClient, desk: Desk) -> None:
    sent = events.message("hello")
    for retry in range(3):
        again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        assert (await post(web, sent, **again)).status_code == 200
    await received(desk, 1)
    assert desk.texts == ["hello"]


async def test_that_slack_drops_events_is_told_to_administrators(web: httpx.AsyncClient, desk: Desk) -> None:
    notice = {"type": "app_rate_limited", "token": "legacy", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert (await post(web, {**notice, "api_app_id": "A1"})).status_code == 200
    assert desk.troubles == ["app_rate_limited: T1"]
    await post(web, events.message("heard again"))
    await received(desk, 1)
    assert desk.troubles == ["app_rate_limited: T1"]


async def test_an_event_that_is_not_slacks_or_is_old_is_refused(web: httpx.AsyncClient, desk: Desk) -> None:
    text = json.dumps(events.message("forged"))
    json_type = {"Content-Type": "application/json"}
    for headers in ({}, FakeSlack.signed(text, secret="guessed"), FakeSlack.signed(text, at=1.0)):
        assert (await web.post("events", content=text, headers={**headers, **json_type})).status_code == 401
    assert desk.received == []


async def test_what_is_larger_than_any_event_is_not_read_to_its_end(web: httpx.AsyncClient, desk: Desk) -> None:
    asked_for = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked_for
        while asked_for < 1000:
            asked_for += 1
            yield bytes(100_000)

    assert (await web.post("events", content=endless())).status_code == 413
    assert asked_for < 100
    assert desk.received == []


async def test_what_is_no_text_is_refused(web: httpx.AsyncClient) -> None:
    assert (await web.post("events", content=b"\xff\xfe")).status_code == 400


async def test_what_the_desk_cannot_store_is_not_acknowledged(web: httpx.AsyncClient, desk: Desk) -> None:
    await post(web, events.message("first"))
    await received(desk, 1)
    desk.accepting_fails = OSError("the database is gone")
    assert (await post(web, events.message("second"))).status_code == 500


async def test_buttons_and_commands_come_as_forms(web: httpx.AsyncClient, slack: FakeSlack, desk: Desk) -> None:
    message = {"ts": "1.1", "text": "?", "blocks": []}
    pressed = events.press({"type": "button", "value": "choice:1:7:0"}, channel="D1", message=message)
    for path, form in (
        ("interactions", {"payload": json.dumps(pressed)}),
        ("commands", {**events.command("/ticket", "FL-1042"), "api_app_id": "A1"}),
    ):
        text = urlencode(form)
        answer = await web.post(path, content=text, headers={**FakeSlack.signed(text), **FORM})
        assert answer.status_code == 200, path
    await received(desk, 2)
    assert answer.text.startswith("The answer comes as a direct message")
    assert desk.received[1].command == Command(Order.TICKET, "FL-1042")


async def test_what_is_no_event_is_not_asked_for_again(web: httpx.AsyncClient, desk: Desk) -> None:
    notice = {
        "type": "app_rate_limited",
        "token": "legacy",
        "team_id": "T1",
        "minute_rate_limited": 1,
        "api_app_id": "A1",
    }
    assert (await post(web, notice)).status_code == 200
    shortcut = {"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}, "team": {"id": "T1"}, "trigger_id": "1"}
    text = urlencode({"payload": json.dumps(shortcut)})
    answer = await web.post("interactions", content=text, headers={**FakeSlack.signed(text), **FORM})
    assert answer.status_code == 200
    assert desk.received == []


async def test_without_a_signing_secret_nobody_can_call(settings: dict[str, str], keep: MemoryKeep, desk: Desk) -> None:
    by_socket = {**settings, "slack_signing_secret": "", "slack_app_token": "xapp-1"}
    assert channel_of(by_socket, keep).routes(desk) is None


# Many workspaces


@pytest.fixture
def many(settings: dict[str, str]) -> dict[str, str]:
    return {**settings, "slack_bot_token": "", "slack_client_id": "1.2", "slack_client_secret": "client secret"}


async def install(web: httpx.AsyncClient, slack: FakeSlack, where: str, **more: Any) -> httpx.Response:
    """Somebody installs the app in `where`, where the token is ``xoxb-<where>``."""
    token, bot = f"xoxb-{where}", {"user_id": f"U{where}", "bot_id": f"B{where}", "team_id": where}
    slack.tokens[token] = bot
    slack.codes["code"] = {
        "app_id": "A1",
        "access_token": token,
        "token_type": "bot",
        "scope": "chat:write",
        "bot_user_id": bot["user_id"],
        "team": {"id": where, "name": f"Team {where}"},
        "enterprise": None,
        "authed_user": {"id": "UADMIN"},
        **more,
    }
    begun = await web.get("install")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    return await web.get("oauth_redirect", params={"code": "code", "state": state})


async def test_workspaces_install_the_app_and_each_is_answered_with_its_own_token(
    many: dict[str, str], keep: MemoryKeep, slack: FakeSlack, desk: Desk
) -> None:
    channel = channel_of(many, keep)
    async with client_of(channel, desk) as web:
        begun = await web.get("install")
        assert begun.status_code == 302
        to = urlsplit(begun.headers["location"])
        query = parse_qs(to.query)
        assert to.path == "/oauth/v2/authorize"
        assert query["redirect_uri"] == ["https://help.example.org/channels/slack/oauth_redirect"]
        assert "im:history" in query["scope"][0]
        for team in ("T1", "T2"):
            assert (await install(web, slack, team)).status_code == 200
        for team in ("T1", "T2", "T3"):
            inner = events.message(f"from {team}")["event"]
            assert (await post(web, events.event(inner, team=team))).status_code == 200
        await received(desk, 2)
        assert [one.address for one in desk.received] == ["T1:U1", "T2:U1"]
    await channel.send(events.outgoing(address="T2:U1"))
    assert slack.calls("chat.postMessage")[0].token == "xoxb-T2"
    # Another process, later, knows them too.
    await channel_of(many, keep).send(events.outgoing(address="T1:U1"))
    assert slack.calls("chat.postMessage")[1].token == "xoxb-T1"


async def test_a_state_is_good_once_and_in_the_browser_that_began(
    many: dict[str, str], keep: MemoryKeep, slack: FakeSlack, desk: Desk
) -> None:
    async with client_of(channel_of(many, keep), desk) as web:
        await install(web, slack, "T1")
        state = parse_qs(urlsplit((await web.get("install")).headers["location"]).query)["state"][0]
        async with client_of(channel_of(many, keep), desk) as other:
            assert (await other.get("oauth_redirect", params={"code": "x", "state": state})).status_code == 400
        browser = {"Cookie": f"slack-app-oauth-state={state}"}
        first, again = [
            await web.get("oauth_redirect", params={"code": "unknown", "state": state}, headers=browser)
            for _ in range(2)
        ]
        assert (first.status_code, again.status_code) == (401, 401)
        assert "invalid_state" in again.text
        assert "invalid_code" in first.text


async def test_a_state_is_good_for_ten_minutes(keep: MemoryKeep) -> None:
    moments = iter(datetime(2024, 5, 3, 9, tzinfo=UTC) + timedelta(seconds=second) for second in (0, 599, 700, 1_301))
    states = StateStore(keep, lambda: next(moments))
    assert await states.async_consume(await states.async_issue())
    assert not await states.async_consume(await states.async_issue())


@pytest.mark.parametrize(
    "inner",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["UT1"], "oauth": []}}],
    ids=["uninstalled", "revoked"],
)
async def test_a_workspace_that_removed_the_app_is_written_to_no_more(
    many: dict[str, str], keep: MemoryKeep, slack: FakeSlack, desk: Desk, inner: dict[str, Any]
) -> None:
    channel = channel_of(many, keep)
    async with client_of(channel, desk) as web:
        await install(web, slack, "T1")
        await channel.send(events.outgoing())
        assert (await post(web, events.event(inner))).status_code == 200
    with pytest.raises(DeliveryFailed) as raised:
        await channel.send(events.outgoing(seq=8))
    assert raised.value.unreachable
    assert not [key for kind, key in keep.texts if kind == "workspace"]


async def test_an_organisation_installs_the_app_for_all_its_workspaces(
    many: dict[str, str], keep: MemoryKeep, slack: FakeSlack, desk: Desk
) -> None:
    channel = channel_of(many, keep)
    async with client_of(channel, desk) as web:
        await install(web, slack, "E1", team=None, enterprise={"id": "E1", "name": "Org"}, is_enterprise_install=True)
        inner = events.message("from anywhere")["event"]
        await post(web, events.event(inner, team="T7", enterprise="E1", whole=True))
        await received(desk, 1)
        assert desk.received[0].address == "E1:U1"
    await channel.send(events.outgoing(address="E1:U1"))
    assert (await calls(slack, "chat.postMessage"))[0]["channel"] == "D1"
    assert slack.calls("chat.postMessage")[0].token == "xoxb-E1"


async def test_a_token_that_ends_soon_is_renewed_once(
    many: dict[str, str], keep: MemoryKeep, slack: FakeSlack, desk: Desk
) -> None:
    channel = channel_of(many, keep)
    slack.codes["refresh-1"] = {
        "token_type": "bot",
        "access_token": "xoxb-renewed",
        "refresh_token": "refresh-2",
        "expires_in": 43_200,
    }
    async with client_of(channel, desk) as web:
        await install(web, slack, "T1", refresh_token="refresh-1", expires_in=3_600)
    slack.tokens["xoxb-renewed"] = slack.tokens["xoxb-T1"]
    for seq in (7, 8):
        await channel.send(events.outgoing(seq=seq))
    assert [call.token for call in slack.calls("chat.postMessage")] == ["xoxb-renewed"] * 2
    assert len([call for call in slack.calls("oauth.v2.access") if "refresh_token" in call.args]) == 1
