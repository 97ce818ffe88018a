"""What Slack sends, as values. Pure: plain dicts in; nothing in them is believed to be there.

Sources: https://docs.slack.dev/reference/events, …/interactivity/payloads, …/slash-commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from channels.contract import MAX_FILES, MAX_TEXT, Command, Edit, Order, Press, Rejected
from channels.inspection import Ignored, Inspected, Noticed, Seen
from channels.shortcodes import shown
from channels.slack import markup
from channels.slack.events import KIND, Event, HomeOpened, Profile, Removed, Said, SharedFile, ThreadStarted
from channels.texts import Texts, load

Payload = Mapping[str, Any]

_SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages that somebody wrote; all others are Slack telling what happened."""
_SLACKBOT = "USLACKBOT"
_PRESSED = re.compile(r"choice:(\d{1,18}):(\d{1,18}):(\d{1,6})")
_ORDERED = re.compile(r"order:([a-z]+):([A-Za-z0-9_-]{0,64})")
_LOCALE = re.compile(r"([a-z]{2})(?:[-_].*)?")


def event(body: Payload, *, threads: bool, bot_user: str = "") -> Event:
    """What the Events API sends.

    threads: direct messages of this workspace are threads with the assistant, each a conversation of its own. Without,
    a reply in a thread is just another direct message.
    bot_user: the bot's own id, if more is known than the event says.
    """
    inner = _object(body, "event")
    where = _Where(workspace(body), bot_user or _bot_user(body), threads)
    match _text(inner, "type"):
        case "message":
            return _message(inner, where)
        case "app_mention":
            return _spoken(inner, where, mentioned=True)
        case "app_home_opened":
            team = _team(body) or workspace(body)
            tab, app = _text(inner, "tab"), _text(body, "api_app_id")
            return HomeOpened(workspace(body), _text(inner, "user"), tab == "home", app, team)
        case "assistant_thread_started":
            thread = _object(inner, "assistant_thread")
            channel, root = _text(thread, "channel_id"), _text(thread, "thread_ts")
            return ThreadStarted(where.workspace, _text(thread, "user_id"), channel, root)
        case "app_uninstalled":
            return Removed(_installations(body))
        case "tokens_revoked":
            bots = _object(inner, "tokens").get("bot")
            return Removed(_installations(body)) if bots else Ignored("the token of a person was revoked, not ours")
        case "team_access_revoked":
            teams = inner.get("team_ids")
            return Removed(tuple(str(team) for team in teams) if isinstance(teams, list) else ())
        case "":
            return Ignored("no event")
        case other:
            return Ignored(f"event {other}")


def action(body: Payload, *, threads: bool, now: datetime) -> Said | Ignored:
    """A pressed button, or a chosen entry of a menu."""
    actions = body.get("actions")
    pressed = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    chosen = _object(pressed, "selected_option") or pressed
    value = _text(chosen, "value")
    container = _object(body, "container")
    channel = _text(container, "channel_id") or _text(_object(body, "channel"), "id")
    message, stamp = _text(container, "message_ts"), _text(pressed, "action_ts")
    thread_ts = _text(_object(body, "message"), "thread_ts") or _text(container, "thread_ts")
    said = Said(
        workspace=workspace(body),
        user=_text(_object(body, "user"), "id"),
        channel=channel,
        # One answer to one question: a second press of any of its buttons is the same message again.
        external_id=f"{channel}:{message}:press",
        text="",  # the desk knows what stands on the button, and in full
        received_at=_time(stamp) or now,
        thread=_thread(channel, thread_ts or message, thread_ts, threads),
    )
    if not said.user:
        return Ignored("nobody pressed it")
    if (found := _PRESSED.fullmatch(value)) and message:
        return replace(said, press=Press(*(int(number) for number in found.groups())))
    if (found := _ORDERED.fullmatch(value)) and found[1] in set(Order):
        command = Command(Order(found[1]), found[2])
        words = f"/{found[1]} {found[2]}".strip()
        return replace(
            said, channel="", thread="", external_id=f"press:{said.user}:{stamp}", text=words, command=command
        )
    return Ignored("not a button of ours")


def command(body: Payload, orders: Mapping[str, Order], *, now: datetime) -> Said | Ignored:
    """A slash command; it is about the direct messages, wherever it was given.

    orders: the words after ``/support`` that are orders, in all languages; anything else is what the customer says.
    """
    name, words = _text(body, "command"), markup.plain(_text(body, "text"))
    user = _text(body, "user_id")
    if not name or not user:
        return Ignored("no command")
    first, _, rest = words.partition(" ")
    if name.startswith("/ticket"):
        ordered: Command | None = Command(Order.TICKET, words) if words else Command(Order.STATUS)
    elif not words:
        ordered = Command(Order.HELP)
    else:
        order = orders.get(first.lower())
        # "status of my printer?" is a question, not an order.
        alone = order in _WITH_ARGUMENT or not rest.strip()
        ordered = Command(order, rest.strip()) if order is not None and alone else None
    said = f"{name} {words}".strip() if ordered else words
    workspace_id, trigger = workspace(body), _text(body, "trigger_id")
    return Said(workspace_id, user, "", f"command:{trigger or now.timestamp()}", said, now, command=ordered)


def orders(texts: Texts) -> dict[str, Order]:
    """Which word is which order, in every language."""
    said = [texts.section("orders", language) for language in texts.languages]
    return {word: Order(order) for named in said for order, words in named.items() for word in words}


@dataclass(frozen=True, slots=True)
class _Where:
    """What an event's reading depends on, besides the event."""

    workspace: str
    bot_user: str
    """Empty: unknown."""
    threads: bool


_WITH_ARGUMENT = frozenset({Order.TICKET, Order.PERSON, Order.LANGUAGE, Order.LINK})


def profile(user: Payload) -> Profile:
    """What ``users.info`` says of somebody."""
    told = _object(user, "profile")
    names = (_text(told, "display_name"), _text(told, "real_name"), _text(user, "real_name"), _text(user, "name"))
    language = _LOCALE.fullmatch(_text(user, "locale"))
    name = next((name.strip() for name in names if name.strip()), None)
    return Profile(name, language[1] if language else None)


def is_limited(body: Payload) -> bool:
    """Whether Slack says that it drops events of a workspace for this minute: there are too many."""
    return _text(body, "type") == "app_rate_limited"


def inspect(payload: object, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Inspected:
    """What the adapter makes of a recorded payload: an event, a pressed button, a command, or a bare message.

    As it came over HTTP or, in its envelope, by the socket. clock: when what does not tell its time was said.
    """
    body = payload if isinstance(payload, Mapping) else {}
    body = _object(body, "payload") if "envelope_id" in body else body
    now = clock()
    found: Event
    if is_limited(body):
        return Noticed("limited", {"workspace": workspace(body)})
    if _text(body, "type") == "event_callback":
        found = event(body, threads=True)
    elif _text(body, "type") == "block_actions":
        found = action(body, threads=True, now=now)
    elif "command" in body:
        found = command(body, orders(load("channels.slack")), now=now)
    elif _text(body, "type") in ("message", "app_mention"):
        found = event({"event": body}, threads=True)
    else:
        found = Ignored(f"payload {_text(body, 'type') or 'without a type'}")
    return _inspected(found)


def _inspected(found: Event) -> Inspected:
    match found:
        case Said() if found.follows:
            return Ignored("in a thread of a channel, without mentioning the bot: for us if its author did so before")
        case Said():
            files = found.files[: MAX_FILES - found.is_long]
            try:
                return Seen(found.incoming(Profile(), tuple(file.unfetched() for file in files)), files)
            except Rejected as error:
                return Ignored(f"rejected: {error.reason}")
        case HomeOpened():
            return Noticed("home_opened", asdict(found))
        case ThreadStarted():
            return Noticed("thread_started", asdict(found))
        case Removed():
            return Noticed("removed", asdict(found))
        case Edit() | Ignored():
            return found


def workspace(body: Payload) -> str:
    """Where the app is installed that got this: the id that its token is kept under."""
    authorizations = body.get("authorizations")
    if isinstance(authorizations, list) and authorizations and isinstance(authorizations[0], Mapping):
        # In channels shared between organisations, the event's own team may be the other one.
        ours: Payload = authorizations[0]
    else:
        ours = body
    whole = ours.get("is_enterprise_install") in (True, "true")
    team, enterprise = _team(ours), _text(ours, "enterprise_id") or _text(_object(ours, "enterprise"), "id")
    return (enterprise if whole or not team else team) or _team(body)


def _installations(body: Payload) -> tuple[str, ...]:
    """What was installed: the workspace, or the organisation if there is none."""
    return (workspace(body),) if workspace(body) else ()


def _team(body: Payload) -> str:
    return _text(body, "team_id") or _text(_object(body, "team"), "id") or _text(_object(body, "user"), "team_id")


def _message(inner: Payload, where: _Where) -> Event:
    match _text(inner, "subtype"):
        case "message_changed":
            return _changed(inner, where)
        case "message_deleted":
            return _edit(inner, _object(inner, "previous_message"), None, where)
        case subtype if subtype in _SPOKEN:
            return _spoken(inner, where, mentioned=False)
        case other:
            return Ignored(f"message {other}")


def _spoken(inner: Payload, where: _Where, *, mentioned: bool) -> Said | Ignored:
    channel, ts, thread_ts = (_text(inner, key) for key in ("channel", "ts", "thread_ts"))
    if (machine := _machine(inner, where)) is not None:
        return Ignored(machine)
    if not channel or not ts:
        return Ignored("a message without a place or a time")
    direct = _is_direct(channel, inner)
    if not direct and not mentioned:
        if where.bot_user and f"<@{where.bot_user}" in _text(inner, "text"):
            return Ignored("a mention of the bot: it comes as app_mention too")
        if not thread_ts:
            return Ignored("in a channel, without mentioning the bot")
    said = Said(
        workspace=where.workspace,
        user=_text(inner, "user"),
        channel=channel,
        external_id=f"{channel}:{ts}",
        text=_words(inner, where.bot_user or _first_mentioned(inner, mentioned)),
        received_at=_time(ts) or datetime.fromtimestamp(0, UTC),
        thread=_thread(channel, thread_ts or ts, thread_ts, where.threads, direct=direct),
        files=tuple(file(one) for one in _files(inner)),
        follows=not direct and not mentioned,
    )
    if said.text or said.files:
        return said
    if not mentioned:
        return Ignored("there is nothing in it")
    # Somebody called us, and said no more.
    return replace(said, text=markup.plain(_text(inner, "text")), command=Command(Order.HELP))


def _words(message: Payload, bot_user: str) -> str:
    """What somebody forwards, and what they write about it."""
    text = markup.plain(shown(_text(message, "text"), message.get("blocks")), bot_user)
    quoted = [_quoted(one) for one in _objects(message, "attachments") if one.get("is_share") or not text]
    return "\n\n".join(part for part in (*quoted, text) if part)


def _files(message: Payload) -> list[Payload]:
    """Its own, and those of messages that it forwards."""
    forwarded = [one for one in _objects(message, "attachments") if one.get("is_share")]
    return [one for each in (message, *forwarded) for one in _objects(each, "files")]


def _first_mentioned(inner: Payload, mentioned: bool) -> str:
    """Who a mention begins with: when an event does not say who we are, that is us."""
    found = re.match(r"<@(\w+)", _text(inner, "text")) if mentioned else None
    return found[1] if found else ""


def _machine(message: Payload, where: _Where) -> str | None:
    """Why nobody wrote it; None: somebody did."""
    user = _text(message, "user")
    if _text(message, "bot_id") or _object(message, "bot_profile"):
        return "a bot wrote it"
    if not user or user == _SLACKBOT:
        return "nobody wrote it"
    return "we wrote it" if user == where.bot_user else None


def _changed(inner: Payload, where: _Where) -> Edit | Ignored:
    now, before = _object(inner, "message"), _object(inner, "previous_message")
    if _text(now, "subtype") == "tombstone":
        return _edit(inner, before or now, None, where)
    if before and _text(now, "text") == _text(before, "text"):
        return Ignored("only its look has changed")
    message = {**before, **now}
    return _edit(inner, message, _words(message, where.bot_user), where)


def _edit(inner: Payload, message: Payload, text: str | None, where: _Where) -> Edit | Ignored:
    if (machine := _machine(message, where)) is not None:
        return Ignored(f"an edit: {machine}")
    channel, ts = _text(inner, "channel"), _text(message, "ts") or _text(inner, "deleted_ts")
    if not channel or not ts:
        return Ignored("an edit without a place or a time")
    direct, thread_ts = _is_direct(channel, inner), _text(message, "thread_ts")
    return Edit(
        channel=KIND,
        address=f"{where.workspace}:{_text(message, 'user')}",
        external_id=f"{channel}:{ts}",
        edited_at=_time(_text(inner, "ts")) or _time(ts) or datetime.fromtimestamp(0, UTC),
        text=None if text is None else text[:MAX_TEXT],
        thread=_thread(channel, thread_ts or ts, thread_ts, where.threads, direct=direct),
    )


def _thread(channel: str, root: str, thread_ts: str, threads: bool, *, direct: bool | None = None) -> str:
    """Which conversation: the direct messages; one thread of them, where they are threads; or a channel's thread."""
    if direct if direct is not None else channel.startswith("D"):
        return f"{channel}:{thread_ts}" if threads and thread_ts else ""
    return f"{channel}:{root}"


def _is_direct(channel: str, inner: Payload) -> bool:
    kind = _text(inner, "channel_type")
    return kind in ("im", "app_home") or (not kind and channel.startswith("D"))


def _bot_user(body: Payload) -> str:
    """The bot's own id, as the event's authorization has it."""
    return next((_text(one, "user_id") for one in _objects(body, "authorizations") if one.get("is_bot")), "")


def file(one: Payload) -> SharedFile:
    """A file as events and ``files.info`` have it."""
    size = one.get("size")
    hidden = _text(one, "mode") in ("tombstone", "hidden_by_limit", "external")
    ask = _text(one, "file_access") == "check_file_info"
    whereabouts = _text(one, "url_private_download") or _text(one, "url_private")
    elsewhere = whereabouts if _text(one, "mode") == "external" else ""
    return SharedFile(
        id=_text(one, "id") if ask and not hidden else "",
        name=_text(one, "name") or _text(one, "title") or _text(one, "id") or "file",
        type=_text(one, "mimetype") or "application/octet-stream",
        size=size if isinstance(size, int) else None,
        url="" if hidden else whereabouts,
        elsewhere=elsewhere,
    )


def _quoted(attachment: Payload) -> str:
    """A forwarded message, quoted."""
    author = _text(attachment, "author_name")
    words = markup.plain(_text(attachment, "text") or _text(attachment, "fallback") or _text(attachment, "title"))
    lines = [f"{author}:"] * bool(author) + words.splitlines() if words else []
    return "\n".join(f"> {line}" for line in lines)


def _time(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _object(of: Payload, key: str) -> Payload:
    value = of.get(key)
    return value if isinstance(value, Mapping) else {}


def _objects(of: Payload, key: str) -> list[Payload]:
    value = of.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(of: Payload, key: str) -> str:
    value = of.get(key)
    return value if isinstance(value, str) else ""
