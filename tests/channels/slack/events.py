"""What Slack sends, as its documentation has it. Alice is `U1`, Bob `U2`; the workspace is `T1`."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from channels.contract import Author, Button, Outgoing
from channels.slack.channel import SlackChannel
from tests.channels.slack.fake_slack import APP, BOT_USER, TEAM, FakeSlack

Json = dict[str, Any]
ALICE, BOB = "U1", "U2"
_numbers = itertools.count(1)


def ts() -> str:
    """The time of the next message, which is its id too."""
    return f"1764000{next(_numbers):03d}.000100"


def event(inner: Json, *, team: str | None = TEAM, enterprise: str | None = None, whole: bool = False) -> Json:
    """The envelope of an event."""
    authorization = {
        "enterprise_id": enterprise,
        "team_id": None if whole else team,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": whole,
    }
    return {
        "token": "legacy",
        "team_id": team,
        "enterprise_id": enterprise,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev{next(_numbers)}",
        "event_time": 1764000000,
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def message(text: str = "My printer does not print", *, user: str = ALICE, **more: Any) -> Json:
    """A direct message to the bot."""
    stamp = more.pop("ts", None) or ts()
    inner = {
        "type": "message",
        "client_msg_id": f"c{next(_numbers)}",
        "text": text,
        "user": user,
        "team": TEAM,
        "ts": stamp,
        "event_ts": stamp,
        "channel": f"D{user[1:]}",
        "channel_type": "im",
        **more,
    }
    return event(inner)


def mention(text: str, *, user: str = ALICE, channel: str = "C1", **more: Any) -> Json:
    """The bot is mentioned in a channel."""
    stamp = more.pop("ts", None) or ts()
    inner = {
        "type": "app_mention",
        "text": f"<@{BOT_USER}> {text}",
        "user": user,
        "team": TEAM,
        "ts": stamp,
        "event_ts": stamp,
        "channel": channel,
        **more,
    }
    return event(inner)


def command(name: str, text: str, *, user: str = ALICE, response_url: str = "", channel: str = "C1") -> Json:
    """A slash command."""
    return {
        "token": "legacy",
        "team_id": TEAM,
        "team_domain": "example",
        "channel_id": channel,
        "channel_name": "general",
        "user_id": user,
        "user_name": "alice",
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"{next(_numbers)}.222.valid",
    }


def press(action: Json, *, user: str = ALICE, channel: str, message: Json, response_url: str = "", **more: Any) -> Json:
    """A button of a message is pressed, or an entry of its menu is chosen."""
    stamp = f"1764100{next(_numbers):03d}.000100"
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "alice", "name": "alice", "team_id": TEAM},
        "api_app_id": APP,
        "token": "legacy",
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel,
            "is_ephemeral": False,
            **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
        },
        "trigger_id": f"{next(_numbers)}.222.valid",
        "team": {"id": TEAM, "domain": "example"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "directmessage"},
        "message": message,
        "response_url": response_url,
        "actions": [{"action_id": "a", "block_id": "b", "action_ts": stamp, **action}],
        **more,
    }


def changed(sent: Json, text: str) -> Json:
    """The author of a message changes it."""
    before = {key: sent["event"][key] for key in ("type", "text", "user", "team", "ts") if key in sent["event"]}
    stamp, inner = ts(), sent["event"]
    after = {**before, "text": text, "edited": {"user": before["user"], "ts": stamp}}
    where = {"channel": inner["channel"], "channel_type": inner["channel_type"], "ts": stamp, "event_ts": stamp}
    return event(
        {"type": "message", "subtype": "message_changed", "message": after, "previous_message": before, **where}
    )


def deleted(sent: Json) -> Json:
    """The author of a message deletes it."""
    stamp, inner = ts(), sent["event"]
    where = {"channel": inner["channel"], "channel_type": inner["channel_type"], "ts": stamp, "event_ts": stamp}
    gone = {"previous_message": inner, "deleted_ts": inner["ts"]}
    return event({"type": "message", "subtype": "message_deleted", **gone, **where})


def outgoing(text: str = "Hello", *, seq: int = 7, thread: str = "", language: str = "en", **more: Any) -> Outgoing:
    """Something that the desk says to Alice."""
    more = {"author": Author.BOT, "address": f"{TEAM}:{ALICE}", **more}
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Outgoing(1, seq, "slack", text=text, sent_at=at, language=language, thread=thread, **more)


def buttons(*titles: str) -> tuple[Button, ...]:
    """Choices."""
    return tuple(Button(title, f"/payload{{{title}}}") for title in titles)


async def asked(
    channel: SlackChannel, slack: FakeSlack, titles: list[str], *, language: str = "en", thread: str = ""
) -> Json:
    """Have a question asked; returns the message as Slack shows it when a button is pressed."""
    await channel.send(outgoing("Is it on?", buttons=buttons(*titles), language=language, thread=thread))
    said = slack.said()[-1]
    return {"ts": said.ts, "text": said.text, "blocks": said.blocks, "thread_ts": said.thread_ts}
