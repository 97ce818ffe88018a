"""Which channels there are, and which of them are switched on.

A channel whose setting is missing is off: its module is not even imported, so an installation without, say, Slack does
not load Slack's SDK. Adding a channel is one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from channels.contract import Channel
from channels.inspection import Inspected
from channels.keeping import Keep


@dataclass(frozen=True, slots=True)
class Entry:
    """How to make a channel."""

    module: str
    """Dotted path of a module with ``create(settings: Mapping[str, str]) -> Channel``."""
    needs: tuple[str | tuple[str, ...], ...]
    """Settings without which the channel is off; of several in brackets, any one will do."""
    wants: tuple[str | tuple[str, ...], ...] = ()
    """Settings without which it is on, but does only a part of what it is for; in brackets as for `needs`."""
    inspect: str = ""
    """Dotted path of a module with ``inspect(payload: object) -> channels.inspection.Inspected``; empty: none."""
    keeps: bool = False
    """It keeps something in the record: ``create(settings, keep)``."""


CHANNELS: Mapping[str, Entry] = MappingProxyType(
    {
        "web": Entry("channels.web.channel", needs=("secret_key",)),
        # Without a mail server it writes files, and shows them on a page of its own.
        "email": Entry(
            "channels.email.channel",
            needs=("secret_key", "data_dir", "mail_from", "public_url", "max_file"),
            wants=("smtp_url", ("mailboxes", "mail_listen")),
        ),
        "telegram": Entry("channels.telegram.channel", needs=("telegram_token",), inspect="channels.telegram.parse"),
        "slack": Entry(
            "channels.slack.channel",
            needs=(("slack_bot_token", "slack_client_id"), ("slack_app_token", "slack_signing_secret")),
            inspect="channels.slack.parse",
            keeps=True,
        ),
    }
)


def missing(settings: Mapping[str, str], known: Mapping[str, Entry] = CHANNELS) -> dict[str, tuple[str, ...]]:
    """For each channel there is, by kind, the settings that are missing; none: it is switched on."""
    return {kind: tuple(_lacking(settings, entry.needs)) for kind, entry in known.items()}


def wanting(settings: Mapping[str, str], known: Mapping[str, Entry] = CHANNELS) -> dict[str, tuple[str, ...]]:
    """The same for the settings without which a channel that is on does only a part of what it is for."""
    return {kind: tuple(_lacking(settings, entry.wants)) for kind, entry in known.items()}


def _lacking(settings: Mapping[str, str], needs: Iterable[str | tuple[str, ...]]) -> Iterator[str]:
    for need in needs:
        names = (need,) if isinstance(need, str) else need
        if not any(settings.get(name) for name in names):
            yield names[0]


def inspector(kind: str, known: Mapping[str, Entry] = CHANNELS) -> Callable[[object], Inspected]:
    """What turns a recorded payload of the channel into what its adapter makes of it; needs no settings."""
    return cast(Callable[[object], Inspected], import_module(known[kind].inspect).inspect)


def enabled(
    settings: Mapping[str, str], keep: Callable[[str], Keep], known: Mapping[str, Entry] = CHANNELS
) -> dict[str, Channel]:
    """The channels that `settings` (name -> value; empty means unset) switch on, by kind.

    keep: makes the cupboard of a channel.
    """
    lacking = missing(settings, known)
    return {kind: _create(kind, entry, settings, keep) for kind, entry in known.items() if not lacking[kind]}


def _create(kind: str, entry: Entry, settings: Mapping[str, str], keep: Callable[[str], Keep]) -> Channel:
    create = import_module(entry.module).create
    return cast(Channel, create(settings, keep(kind)) if entry.keeps else create(settings))
