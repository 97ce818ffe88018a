"""Which channels are on."""

from __future__ import annotations

from channels.contract import Webhook
from channels.registry import CHANNELS, Entry, enabled, missing, wanting
from tests.channels.memory_keep import MemoryKeep


def keep(kind: str) -> MemoryKeep:
    return MemoryKeep()


def test_the_web_chat_is_on_when_there_is_a_key_to_sign_with() -> None:
    channels = enabled({"secret_key": "a secret for tests"}, keep)
    assert list(channels) == ["web"]
    assert isinstance(channels["web"], Webhook)
    assert all(kind == channel.kind for kind, channel in channels.items())


def test_a_channel_without_its_setting_is_off_and_not_even_imported() -> None:
    known = {**CHANNELS, "pigeon": Entry("channels.pigeon.does_not_exist", needs=("pigeon_token",))}
    assert list(enabled({"secret_key": "s", "pigeon_token": ""}, keep, known)) == ["web"]
    assert enabled({}, keep, known) == {}


def test_of_settings_in_brackets_one_is_enough() -> None:
    assert missing({})["slack"] == ("slack_bot_token", "slack_app_token")
    by_hand = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}
    by_oauth = {"slack_client_id": "1.2", "slack_signing_secret": "s"}
    assert list(enabled(by_hand, keep)) == list(enabled(by_oauth, keep)) == ["slack"]
    assert missing({"slack_bot_token": "xoxb-1"})["slack"] == ("slack_app_token",)


def test_mail_that_comes_in_but_does_not_leave_or_neither_is_known_to_be_half_of_it() -> None:
    assert wanting({})["email"] == ("smtp_url", "mailboxes")
    assert wanting({"mailboxes": "imaps://a:b@c"})["email"] == ("smtp_url",)
    assert wanting({"mail_listen": "lmtp://127.0.0.1:2424", "smtp_url": "smtp://relay"})["email"] == ()
    assert wanting({})["web"] == ()
