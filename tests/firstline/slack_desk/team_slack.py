"""The technicians' side of the fake Slack: channels that remember, forms that open, and people who act in them."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from aiohttp import web

from tests.channels.slack import events
from tests.channels.slack.fake_slack import BOT, TEAM, Call, FakeSlack, Message

Json = dict[str, Any]
SERVICEDESK, NETWORK = "C0SERVICEDESK", "C0NETWORK"
TESS, TOM, BOB = "U0TESS", "U0TOM", "U0BOB"
"""Technicians' accounts, and somebody's who is none."""
_START = 72_442_001
"""Numbers behind which stamps of messages are later than the clock of the tests begins."""


class TeamSlack(FakeSlack):
    """Remembers who wrote what, for those who read channels and threads."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(_START)
        self._events = itertools.count(1)
        self._users: dict[str, str] = {}
        """Who wrote a message, by its stamp; ours are nobody's."""
        self.without_me: set[str] = set()
        """Channels that the bot is not in."""
        self.shared: dict[str, list[Json]] = {}
        """Files, by the stamp of the message they stand in."""
        self.archived: set[str] = set()
        """Channels in which nothing can be written or changed."""
        self.holding: asyncio.Event | None = None
        """What is posted stands there, and its answer waits for this."""

    async def _api(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._api(request)
        if self.holding is not None and request.match_info["method"] == "chat.postMessage":
            await self.holding.wait()
        return answer

    # What the Web API answers besides what customers' channel needs

    def _chat_postMessage(self, token: str, args: Json) -> Json:  # noqa: N802
        if args["channel"] in self.without_me:
            return {"ok": False, "error": "not_in_channel"}
        if args["channel"] in self.archived:
            return {"ok": False, "error": "is_archived"}
        return super()._chat_postMessage(token, args)

    def _chat_update(self, token: str, args: Json) -> Json:
        if args["channel"] in self.archived:
            return {"ok": False, "error": "is_archived"}
        if not any((one.channel, one.ts) == (args["channel"], args["ts"]) for one in self.messages):
            return {"ok": False, "error": "message_not_found"}
        return super()._chat_update(token, args)

    def _conversations_replies(self, token: str, args: Json) -> Json:
        return self._page(args, [one for one in self.said(args["channel"]) if args["ts"] in (one.ts, one.thread_ts)])

    def _conversations_history(self, token: str, args: Json) -> Json:
        return self._page(args, [one for one in self.said(args["channel"]) if one.thread_ts is None])

    def _page(self, args: Json, found: list[Message]) -> Json:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or 1e12)
        begin = int(args.get("cursor") or 0)
        within = [one for one in found if oldest <= float(one.ts) <= latest]
        page = within[begin : begin + 3]
        more = begin + 3 < len(within)
        cursor = {"response_metadata": {"next_cursor": str(begin + 3)}} if more else {}
        return {"messages": [self._read(one) for one in page], "has_more": more, **cursor}

    def _read(self, message: Message) -> Json:
        by = {"user": self._users[message.ts]} if message.ts in self._users else {"bot_id": BOT, "user": "UBOT"}
        thread: Json = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        thread |= {"files": self.shared[message.ts]} if message.ts in self.shared else {}
        return {"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks, **by, **thread}

    # What is seen

    def cards(self, channel: str = SERVICEDESK) -> list[Message]:
        """The messages in a channel."""
        return [one for one in self.said(channel) if one.thread_ts is None]

    def thread(self, card: Message) -> list[str]:
        """What we wrote below a card, as words."""
        return [words(one) for one in self.said(card.channel) if one.thread_ts == card.ts and one.ts not in self._users]

    def told(self, user: str) -> list[str]:
        """What only `user` was shown."""
        return [_words(call.args["blocks"]) for call in self.calls("chat.postEphemeral") if call.args["user"] == user]

    def form(self) -> Json:
        """The form as it was filled last."""
        return dict(self.calls("views.update")[-1].args["view"])

    def posts(self) -> list[Call]:
        """Every attempt to post."""
        return self.calls("chat.postMessage")

    # What people do

    def write(self, text: str, user: str, card: Message, **more: Any) -> Json:
        """The event of somebody's message below a card, which then stands there."""
        stamp = f"{1_700_000_000 + next(self._numbers)}.000500"
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.messages.append(Message(card.channel, stamp, escaped, [], card.ts))
        self._users[stamp] = user
        return events.message(
            escaped, user=user, ts=stamp, channel=card.channel, channel_type="channel", thread_ts=card.ts, **more
        )

    def change(self, written: Json, text: str | None) -> Json:
        """The event of a message that its writer changed, or, without a text, removed."""
        before = {key: written["event"][key] for key in ("type", "user", "team", "ts", "thread_ts", "text")}
        stamp = f"{1_700_000_000 + next(self._numbers)}.000600"
        inner: Json = {"type": "message", "channel": written["event"]["channel"], "ts": stamp, "hidden": True}
        if text is None:
            inner |= {"subtype": "message_deleted", "deleted_ts": before["ts"], "previous_message": before}
        else:
            after = {**before, "text": text, "edited": {"user": before["user"], "ts": stamp}}
            inner |= {"subtype": "message_changed", "message": after, "previous_message": before}
        return events.event(inner)

    def press(self, action: str, user: str, message: Message, value: str | None = None) -> Json:
        """The event of a pressed button of a message; its value is what stands on it."""
        pressed = next(one for one in buttons(message.blocks) if one["action_id"] == action)
        shown = {"ts": message.ts, **({"thread_ts": message.thread_ts} if message.thread_ts else {})}
        chosen = {"type": "button", "action_id": action, "value": value or pressed["value"]}
        return events.press(chosen, user=user, channel=message.channel, message=shown, response_url=self._url(user))

    def press_told(self, action: str, user: str) -> Json:
        """The event of a pressed button in what only `user` was shown last."""
        call = [call for call in self.calls("chat.postEphemeral") if call.args["user"] == user][-1]
        pressed = next(one for one in buttons(call.args["blocks"]) if one["action_id"] == action)
        shown = {"ts": "1772442999.000200"}
        chosen = {"type": "button", "action_id": action, "value": pressed["value"]}
        body = events.press(
            chosen, user=user, channel=call.args["channel"], message=shown, response_url=self._url(user)
        )
        # As Slack has it: what only one person sees is nobody's message.
        del body["message"]
        body["container"] |= {"is_ephemeral": True, "thread_ts": call.args.get("thread_ts")}
        return body

    def _url(self, user: str) -> str:
        return f"{self.url}/response/{user}"

    def submit(self, user: str, view: Json, *, id: str = "V0FORM", **values: Any) -> Json:  # noqa: A002
        """The event of a form that was sent: values by field; a list is what was ticked."""
        inputs = {block["block_id"]: block["element"]["type"] for block in view["blocks"] if block["type"] == "input"}
        state = {name: {name: _typed(kind, values.get(name))} for name, kind in inputs.items()}
        return {
            "type": "view_submission",
            "team": {"id": TEAM, "domain": "example"},
            "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
            "api_app_id": "A1",
            "token": "legacy",
            "trigger_id": f"{next(self._events)}.222.valid",
            "view": {**view, "id": id, "team_id": TEAM, "state": {"values": state}, "hash": "1.x"},
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }


def _typed(kind: str, value: Any) -> Json:
    if kind == "checkboxes":
        return {"type": kind, "selected_options": [{"value": each} for each in value or ()]}
    if kind == "static_select":
        return {"type": kind, "selected_option": {"value": value} if value else None}
    return {"type": kind, "value": value}


def buttons(blocks: list[Json]) -> list[Json]:
    """The buttons in some blocks."""
    return [one for block in blocks if block["type"] == "actions" for one in block["elements"]]


def words(message: Message) -> str:
    """What people read of a message."""
    return _words(message.blocks)


def _words(blocks: list[Json]) -> str:
    found: list[str] = []
    for block in blocks:
        texts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        found += [text["text"] for text in texts if isinstance(text, dict) and isinstance(text.get("text"), str)]
    return " | ".join(found)


def titles(message: Message) -> list[str]:
    """What stands on the buttons of a message."""
    return [one["text"]["text"] for one in buttons(message.blocks)]
