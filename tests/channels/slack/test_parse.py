"""What each kind of event, button and command is taken for. Events as Slack's reference of event types shows them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.realworld import REALWORLD
from channels.contract import Command, Edit, Incoming, Order
from channels.inspection import Ignored, Noticed, Seen, as_json
from channels.slack import parse
from channels.slack.events import Profile, Said
from tests.channels.slack import events

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REAL = REALWORLD / "slack"

SUBTYPES = [
    "assistant_app_thread", "bot_add", "bot_message", "bot_remove", "channel_archive", "channel_convert_to_private",
    "channel_join", "channel_leave", "channel_name", "channel_posting_permissions", "channel_purpose", "channel_topic",
    "channel_unarchive", "document_mention", "ekm_access_denied", "file_comment", "group_archive", "group_join",
    "group_leave", "group_name", "group_purpose", "group_topic", "group_unarchive", "huddle_thread",
    "message_replied", "pinned_item", "reminder_add", "reply_broadcast", "sh_room_created", "tombstone",
    "unpinned_item",
]  # fmt: skip
TYPES = [
    "app_deleted", "app_installed", "app_rate_limited", "app_requested", "app_uninstalled_team",
    "assistant_thread_context_changed", "call_rejected", "channel_archive", "channel_created", "channel_deleted",
    "channel_history_changed", "channel_id_changed", "channel_left", "channel_rename", "channel_shared",
    "channel_unarchive", "channel_unshared", "dnd_updated", "dnd_updated_user", "email_domain_changed",
    "emoji_changed", "file_change", "file_comment_added", "file_comment_deleted", "file_comment_edited",
    "file_created", "file_deleted", "file_public", "file_shared", "file_unshared", "function_executed",
    "grid_migration_finished", "grid_migration_started", "group_archive", "group_close", "group_deleted",
    "group_history_changed", "group_left", "group_open", "group_rename", "group_unarchive", "im_close", "im_created",
    "im_history_changed", "im_open", "invite_requested", "link_shared", "member_joined_channel",
    "member_left_channel", "message_metadata_deleted", "message_metadata_posted", "message_metadata_updated",
    "pin_added", "pin_removed", "reaction_added", "reaction_removed", "resources_added", "resources_removed",
    "scope_denied", "scope_granted", "shared_channel_invite_accepted", "shared_channel_invite_approved",
    "shared_channel_invite_declined", "shared_channel_invite_received", "shared_channel_invite_requested",
    "star_added", "star_removed", "subteam_created", "subteam_members_changed", "subteam_self_added",
    "subteam_self_removed", "subteam_updated", "team_access_granted", "team_domain_change", "team_join",
    "team_rename", "user_change", "user_connection", "user_huddle_changed", "user_profile_changed",
    "user_resource_denied", "user_resource_granted", "user_resource_removed", "user_status_changed",
    "workflow_deleted", "workflow_published", "workflow_step_deleted", "workflow_step_execute",
    "workflow_unpublished",
]  # fmt: skip


def seen(payload: dict[str, Any]) -> Incoming:
    found = parse.inspect(payload)
    assert isinstance(found, Seen), found
    return found.incoming


def ignored(payload: object) -> str:
    found = parse.inspect(payload)
    assert isinstance(found, Ignored), found
    return found.reason


@pytest.mark.parametrize("kind", TYPES)
def test_events_about_other_things_are_ignored_by_their_names(kind: str) -> None:
    assert ignored(events.event({"type": kind, "user": "U1", "event_ts": "1.1"})) == f"event {kind}"


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_messages_that_tell_what_slack_did_are_ignored_by_their_names(subtype: str) -> None:
    assert ignored(events.message("x", subtype=subtype)) == f"message {subtype}"


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_messages_that_somebody_wrote_are_messages(subtype: str) -> None:
    assert seen(events.message("x", subtype=subtype)).text == "x"


def test_a_message_is_told_by_its_place_and_time() -> None:
    incoming = seen(events.message("hello", ts="1764000000.123400"))
    assert incoming.external_id == "D1:1764000000.123400"
    assert incoming.received_at == datetime.fromtimestamp(1764000000.1234, UTC)


def test_who_somebody_is_is_their_id_where_the_app_is_installed() -> None:
    stranger = events.mention("from the other organisation", user="UX")
    stranger |= {"team_id": "T_OTHER", "is_ext_shared_channel": True}
    assert seen(stranger).address == "T1:UX"
    everywhere = events.event(events.message("x")["event"], team="T7", enterprise="E1", whole=True)
    assert seen(everywhere).address == "E1:U1"
    old = events.message("an event without authorizations")
    del old["authorizations"]
    assert seen(old).address == "T1:U1"


def test_a_bare_mention_asks_for_help() -> None:
    assert seen(events.mention("")).command == Command(Order.HELP)


def test_a_forwarded_message_is_quoted() -> None:
    shared = {"is_share": True, "author_name": "Bob", "text": "It says &lt;E42&gt;\nagain", "fallback": "…"}
    preview = {"title": "A page", "text": "of the internet", "from_url": "https://example.org"}
    text = seen(events.message("What is this?", attachments=[shared, preview])).text
    assert text == "> Bob:\n> It says <E42>\n> again\n\nWhat is this?"


def test_a_forwarded_message_that_is_changed_is_still_quoted() -> None:
    shared = {"is_share": True, "author_name": "Bob", "text": "E42"}
    changed = events.changed(events.message("What is this?", attachments=[shared]), "What does it mean?")
    changed["event"]["message"]["attachments"] = [shared]
    edit = parse.inspect(changed)
    assert isinstance(edit, Edit)
    assert edit.text == "> Bob:\n> E42\n\nWhat does it mean?"


def test_files_of_a_forwarded_message_come_along() -> None:
    picture = {"id": "F9", "name": "shot.png", "mimetype": "image/png", "url_private": "https://files.slack.com/y"}
    shared = {"is_share": True, "author_name": "Bob", "text": "", "files": [picture]}
    assert [one.name for one in seen(events.message("", attachments=[shared])).attachments] == ["shot.png"]


def test_what_came_by_the_socket_is_read_in_its_envelope() -> None:
    envelope = {"envelope_id": "e", "type": "events_api", "accepts_response_payload": False}
    assert seen({**envelope, "payload": events.message("hello")}).text == "hello"
    assert ignored({"envelope_id": "e", "type": "interactive", "payload": 7}) == "payload without a type"


def test_a_notice_that_events_were_dropped_is_shown_as_one() -> None:
    notice = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert parse.inspect(notice) == Noticed("limited", {"workspace": "T1"})


def test_a_recorded_order_is_shown_as_one() -> None:
    assert seen(events.command("/support", "status")).command == Command(Order.STATUS)


def test_emoji_are_read_as_they_are_seen_also_when_the_message_is_changed() -> None:
    blocks = [{"type": "rich_text", "elements": [{"type": "emoji", "name": "+1", "unicode": "1f44d"}]}]
    sent = events.message(":+1:", blocks=blocks)
    assert seen(sent).text == "👍"
    changed = events.changed(sent, ":+1: it works")
    changed["event"]["message"]["blocks"] = blocks
    edit = parse.inspect(changed)
    assert isinstance(edit, Edit)
    assert edit.text == "👍 it works"


def test_a_group_of_people_is_a_channel() -> None:
    assert ignored(events.message("lunch?", channel="G1", channel_type="mpim")).startswith("in a channel")


def test_a_message_with_a_mention_comes_as_a_mention_as_well() -> None:
    both = {"channel": "C1", "channel_type": "channel"}
    assert "app_mention" in ignored(events.message("<@UBOT> hi", **both))


def test_an_edit_keeps_the_place_of_its_message() -> None:
    sent = events.message("old", channel="C1", channel_type="channel", ts="5.5")
    edit = parse.inspect(events.changed(sent, "new &amp; better"))
    assert isinstance(edit, Edit)
    assert (edit.external_id, edit.address, edit.thread, edit.text) == ("C1:5.5", "T1:U1", "C1:5.5", "new & better")
    gone = events.changed(sent, "This message was deleted.")
    gone["event"]["message"] |= {"subtype": "tombstone", "user": "USLACKBOT"}
    removed = parse.inspect(gone)
    assert isinstance(removed, Edit)
    assert (removed.text, removed.address) == (None, "T1:U1")


def test_our_own_edits_are_not_customers() -> None:
    sent = events.message("old", user="UBOT")
    assert ignored(events.changed(sent, "new")) == "an edit: we wrote it"
    sent["event"]["bot_id"] = "B9"
    assert ignored(events.deleted(sent)) == "an edit: a bot wrote it"


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        ({"type": "app_home_opened", "user": "U1", "tab": "messages", "channel": "D1"}, "home_opened"),
        ({"type": "assistant_thread_started", "assistant_thread": {"user_id": "U1"}}, "thread_started"),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U"]}}, "removed"),
        ({"type": "app_uninstalled"}, "removed"),
        ({"type": "team_access_revoked", "team_ids": ["T1"]}, "removed"),
    ],
)
def test_what_the_channel_acts_on_without_a_message(inner: dict[str, Any], kind: str) -> None:
    found = parse.inspect(events.event(inner))
    assert isinstance(found, Noticed)
    assert found.kind == kind


def test_a_persons_token_is_none_of_ours() -> None:
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    assert "person" in ignored(events.event(revoked))


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"locale": "nl-NL", "profile": {"display_name": " ali ", "real_name": "Alice"}}, Profile("ali", "nl")),
        ({"locale": "en_US", "real_name": "Alice"}, Profile("Alice", "en")),
        ({"name": "alice"}, Profile("alice", None)),
        ({"locale": 7, "profile": None}, Profile(None, None)),
    ],
)
def test_what_slack_says_of_somebody(user: dict[str, Any], expected: Profile) -> None:
    assert parse.profile(user) == expected


def test_commands_are_told_by_their_words() -> None:
    orders = {"status": Order.STATUS, "person": Order.PERSON}
    for text, expected in (
        ("STATUS", Command(Order.STATUS)),
        ("person it burns", Command(Order.PERSON, "it burns")),
        ("status report of the printer", None),
    ):
        said = parse.command(events.command("/support", text), orders, now=NOW)
        assert isinstance(said, Said)
        assert said.command == expected


def test_buttons_of_others_are_ignored() -> None:
    for value in ("", "choice:x:1:1", "choice:1:1", "choice:1:7:0 ", "order:rm:", "choice:1:" + "9" * 30 + ":0"):
        pressed = events.press({"type": "button", "value": value}, channel="D1", message={"ts": "1.1"})
        assert ignored(pressed) == "not a button of ours"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SAMPLES = [
    events.message("hi", files=[{"id": "F1", "name": "a"}], attachments=[{"text": "x"}]),
    events.mention("hi"),
    events.changed(events.message("a"), "b"),
    events.deleted(events.message("a")),
    events.command("/support", "hi"),
    events.press({"type": "button", "value": "choice:1:7:0"}, channel="D1", message={"ts": "1.1"}),
    events.event({"type": "tokens_revoked", "tokens": {"bot": ["U"]}}),
    events.event({"type": "assistant_thread_started", "assistant_thread": {"user_id": "U1"}}),
]


@settings(max_examples=40)
@given(st.sampled_from(SAMPLES), st.lists(st.integers(0, 1_000), min_size=1, max_size=4), json_values)
def test_nothing_that_may_come_makes_it_fail(sample: dict[str, Any], way: list[int], value: object) -> None:
    broken = json.loads(json.dumps(sample))
    at: Any = broken
    for step in way:
        keys = list(at) if isinstance(at, dict) else list(range(len(at))) if isinstance(at, list) else []
        if not keys:
            break
        key = keys[step % len(keys)]
        if not isinstance(at[key], dict | list) or step == way[-1]:
            at[key] = value
            break
        at = at[key]
    json.dumps(as_json(parse.inspect(broken)), default=str)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"there are no recorded payloads in {REAL}")
def test_recorded_payloads_are_all_understood() -> None:
    found = {path.name: parse.inspect(json.loads(path.read_text())) for path in sorted(REAL.glob("*.json"))}
    assert len(found) > 20
    for name, what in found.items():
        json.dumps(as_json(what), default=str)
        if "app_mention" in name:
            assert isinstance(what, Seen), name
            assert "<@" not in what.incoming.text
        if "message_changed" in name:
            assert isinstance(what, Edit), name
        if "bot_message" in name:
            assert isinstance(what, Ignored), name


def test_what_tells_no_time_was_said_when_it_was_read() -> None:
    read_at = datetime(2024, 5, 3, 9, tzinfo=UTC)
    command = {"command": "/support", "text": "my printer jams", "user_id": "U1", "team_id": "T1", "trigger_id": "1.2"}
    seen = parse.inspect(command, lambda: read_at)
    assert isinstance(seen, Seen)
    assert seen.incoming.received_at == read_at
