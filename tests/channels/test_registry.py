"""Which channels are on."""

from __future__ import annotations

from channels.contract import Webhook
from channels.registry import CHANNELS, Entry, enabled


def test_the_web_chat_is_on_when_there_is_a_key_to_sign_with() -> None:
    channels = enabled({"secret_key": "a secret for tests"})
    assert list(channels) == ["web"]
    assert isinstance(channels["web"], Webhook)
    assert all(kind == channel.kind for kind, channel in channels.items())


def test_a_channel_without_its_setting_is_off_and_not_even_imported() -> None:
    known = {**CHANNELS, "pigeon": Entry("channels.pigeon.does_not_exist", needs=("pigeon_token",))}
    assert list(enabled({"secret_key": "s", "pigeon_token": ""}, known)) == ["web"]
    assert enabled({}, known) == {}
