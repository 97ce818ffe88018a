"""Which channels there are, and which of them are switched on.

A channel whose setting is missing is off: its module is not even imported, so an installation without, say, Slack does
not load Slack's SDK. Adding a channel is one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from channels.contract import Channel
from channels.inspection import Inspected


@dataclass(frozen=True, slots=True)
class Entry:
    """How to make a channel."""

    module: str
    """Dotted path of a module with ``create(settings: Mapping[str, str]) -> Channel``."""
    needs: tuple[str, ...]
    """Settings without which the channel is off."""
    inspect: str = ""
    """Dotted path of a module with ``inspect(payload: object) -> channels.inspection.Inspected``; empty: none."""


CHANNELS: Mapping[str, Entry] = MappingProxyType(
    {
        "web": Entry("channels.web.channel", needs=("secret_key",)),
        "telegram": Entry("channels.telegram.channel", needs=("telegram_token",), inspect="channels.telegram.parse"),
    }
)


def missing(settings: Mapping[str, str], known: Mapping[str, Entry] = CHANNELS) -> dict[str, tuple[str, ...]]:
    """For each channel there is, by kind, the settings that are missing; none: it is switched on."""
    return {kind: tuple(name for name in entry.needs if not settings.get(name)) for kind, entry in known.items()}


def inspector(kind: str, known: Mapping[str, Entry] = CHANNELS) -> Callable[[object], Inspected]:
    """What turns a recorded payload of the channel into what its adapter makes of it; needs no settings."""
    return cast(Callable[[object], Inspected], import_module(known[kind].inspect).inspect)


def enabled(settings: Mapping[str, str], known: Mapping[str, Entry] = CHANNELS) -> dict[str, Channel]:
    """The channels that `settings` (name -> value; empty means unset) switch on, by kind."""
    return {
        kind: cast(Channel, import_module(entry.module).create(settings))
        for kind, entry in known.items()
        if not missing(settings, known)[kind]
    }
