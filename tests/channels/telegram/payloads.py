"""The smallest payload of every type of update and of message that the Bot API has: the SDK's lists say which."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

ALICE: JSON = {"id": 1001, "is_bot": False, "first_name": "Alice", "last_name": "Ä. Smith", "language_code": "nl-BE"}
BOT: JSON = {"id": 123456, "is_bot": True, "first_name": "Firstline", "username": "firstline_bot"}
PRIVATE: JSON = {"id": 1001, "type": "private", "first_name": "Alice"}
GROUP: JSON = {"id": -100200, "type": "supergroup", "title": "Everybody"}
CHANNEL: JSON = {"id": -100300, "type": "channel", "title": "News"}
DATE = 1_790_000_000
MESSAGE: JSON = {"message_id": 7, "date": DATE, "chat": PRIVATE, "from": ALICE}
TEXT: JSON = {**MESSAGE, "text": "My printer does not print"}
POST: JSON = {"message_id": 8, "date": DATE, "chat": CHANNEL, "sender_chat": CHANNEL, "text": "news"}
_LEFT: JSON = {"status": "left", "user": BOT}
_MEMBER: JSON = {"status": "member", "user": BOT}
_BUSINESS: JSON = {"business_connection_id": "b1"}
_SOURCE: JSON = {"source": "premium", "user": ALICE}
_BOOST: JSON = {
    "boost_id": "b",
    "add_date": DATE,
    "expiration_date": DATE,
    "source": _SOURCE,
}
_FILE: JSON = {"file_id": "f1", "file_unique_id": "u1", "file_size": 5}
_SCREEN: JSON = {**_FILE, "width": 10, "height": 20}
_PLACE: JSON = {"latitude": 52.37, "longitude": 4.89}
_POLL: JSON = {
    "id": "p1",
    "question": "Which floor?",
    "options": [
        {"text": "First", "voter_count": 0, "persistent_id": "1"},
        {"text": "Second", "voter_count": 0, "persistent_id": "2"},
    ],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": False,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}

UPDATES: dict[str, JSON] = {
    "message": TEXT,
    "edited_message": {**TEXT, "text": "My printer prints", "edit_date": DATE + 60},
    "channel_post": POST,
    "edited_channel_post": {**POST, "edit_date": DATE + 60},
    "inline_query": {"id": "i1", "from": ALICE, "query": "printer", "offset": ""},
    "chosen_inline_result": {"result_id": "r1", "from": ALICE, "query": "printer"},
    "callback_query": {
        "id": "q1",
        "from": ALICE,
        "chat_instance": "c1",
        "data": "b:7:3:1",
        "message": {**MESSAGE, "from": BOT, "text": "Is it on?"},
    },
    "shipping_query": {
        "id": "s1",
        "from": ALICE,
        "invoice_payload": "p",
        "shipping_address": {
            "country_code": "BE",
            "state": "",
            "city": "Gent",
            "street_line1": "1",
            "street_line2": "",
            "post_code": "9000",
        },
    },
    "pre_checkout_query": {"id": "c1", "from": ALICE, "currency": "EUR", "total_amount": 1, "invoice_payload": "p"},
    "poll": _POLL,
    "poll_answer": {"poll_id": "p1", "user": ALICE, "option_ids": [0], "option_persistent_ids": ["1"]},
    "my_chat_member": {
        "chat": PRIVATE,
        "from": ALICE,
        "date": DATE,
        "old_chat_member": _MEMBER,
        "new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0},
    },
    "chat_member": {
        "chat": GROUP,
        "from": ALICE,
        "date": DATE,
        "old_chat_member": {**_LEFT, "user": ALICE},
        "new_chat_member": {**_MEMBER, "user": ALICE},
    },
    "chat_join_request": {"chat": GROUP, "from": ALICE, "user_chat_id": 1001, "date": DATE},
    "chat_boost": {"chat": CHANNEL, "boost": _BOOST},
    "removed_chat_boost": {
        "chat": CHANNEL,
        "boost_id": "b",
        "remove_date": DATE,
        "source": _SOURCE,
    },
    "message_reaction": {
        "chat": PRIVATE,
        "message_id": 7,
        "date": DATE,
        "user": ALICE,
        "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": "👍"}],
    },
    "message_reaction_count": {
        "chat": CHANNEL,
        "message_id": 8,
        "date": DATE,
        "reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": 3}],
    },
    "business_connection": {"id": "b1", "user": ALICE, "user_chat_id": 1001, "date": DATE, "is_enabled": True},
    "business_message": {**TEXT, **_BUSINESS},
    "edited_business_message": {**TEXT, **_BUSINESS, "edit_date": DATE + 60},
    "deleted_business_messages": {**_BUSINESS, "chat": PRIVATE, "message_ids": [7]},
    "purchased_paid_media": {"from": ALICE, "paid_media_payload": "p"},
    "managed_bot": {"user": ALICE, "bot": BOT},
    "guest_message": {**TEXT, "guest_query_id": "g1"},
}
"""By type: what stands under its name in an update."""

CONTENTS: dict[str, JSON] = {
    "text": {"text": "My printer does not print"},
    "photo": {"photo": [{**_FILE, "width": 90, "height": 60}, {**_FILE, "file_id": "f2", "width": 900, "height": 600}]},
    "document": {"document": {**_FILE, "file_name": "report.pdf", "mime_type": "application/pdf"}},
    "animation": {"animation": {**_SCREEN, "duration": 3}, "document": _FILE},
    "audio": {"audio": {**_FILE, "duration": 3, "file_name": "noise.mp3"}},
    "video": {"video": {**_SCREEN, "duration": 3}},
    "video_note": {"video_note": {**_FILE, "length": 10, "duration": 3}},
    "voice": {"voice": {**_FILE, "duration": 3, "mime_type": "audio/ogg"}},
    "sticker": {
        "sticker": {**_SCREEN, "type": "regular", "is_animated": False, "is_video": False, "emoji": "😡"},
    },
    "dice": {"dice": {"emoji": "🎲", "value": 5}},
    "location": {"location": _PLACE},
    "venue": {"location": _PLACE, "venue": {"location": _PLACE, "title": "Office", "address": "Dam 1"}},
    "contact": {"contact": {"phone_number": "+31 20 1234567", "first_name": "Bob", "last_name": "Jones"}},
    "poll": {"poll": _POLL},
}
"""By type: what customers can send and the desk can read."""

UNREADABLE: dict[str, JSON] = {
    "checklist": {"checklist": {"title": "Moving", "tasks": [{"id": 1, "text": "Printer"}]}},
    "game": {"game": {"title": "Chess", "description": "", "photo": []}},
    "invoice": {
        "invoice": {
            "title": "Pay",
            "description": "us",
            "start_parameter": "",
            "currency": "EUR",
            "total_amount": 1,
        }
    },
    "live_photo": {"live_photo": {**_SCREEN, "duration": 1}},
    "paid_media": {"paid_media": {"star_count": 1, "paid_media": []}},
    "story": {"story": {"chat": PRIVATE, "id": 1}},
}
"""By type: what customers can send and nobody here can read; the sender is told."""

_NOTES = """
    boost_added business_connection_id channel_chat_created chat_background_set chat_owner_changed chat_owner_left
    chat_shared checklist_tasks_added checklist_tasks_done connected_website delete_chat_photo
    direct_message_price_changed effect_id forum_topic_created forum_topic_closed forum_topic_edited
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden gift gift_upgrade_sent giveaway
    giveaway_created giveaway_winners giveaway_completed group_chat_created left_chat_member managed_bot_created
    message_auto_delete_timer_changed migrate_to_chat_id new_chat_members new_chat_title new_chat_photo
    paid_message_price_changed passport_data pinned_message poll_option_added poll_option_deleted
    proximity_alert_triggered refunded_payment reply_to_story sender_boost_count sender_business_bot
    successful_payment suggested_post_approval_failed suggested_post_approved suggested_post_declined
    suggested_post_info suggested_post_paid suggested_post_refunded supergroup_chat_created unique_gift users_shared
    video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited web_app_data
    write_access_allowed
"""
SILENT = tuple(_NOTES.split())
"""Types of messages that Telegram itself writes, or that say something about one: nobody waits for an answer."""
