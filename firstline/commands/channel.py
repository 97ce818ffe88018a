"""Commands about channels."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from firstline.commands import inspection
from firstline.commands.common import add, group, record, show

if TYPE_CHECKING:
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``channels``, which may be called ``channel``, as the other groups are."""
    actions = group(commands, "channels", "the channels through which customers write", "channel")
    inspection.add_command(actions)
    add(actions, "list", "which are on, what the others lack, and how they do", listing=True).set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """List the channels; the exit code."""
    from desk.store import channel_states
    from firstline.channel_settings import installed_channels

    with record(settings) as tx:
        states = channel_states.everything(tx)
    rows = []
    for channel in installed_channels(settings):
        state = states.get(channel.kind)
        rows.append(
            {
                "channel": channel.kind,
                "on": channel.on,
                "missing": list(channel.missing),
                "incomplete": list(channel.wanting),
                "worked": state.worked_at if state else None,
                "failed": state.failed_at if state else None,
                "error": state.error if state else None,
            }
        )
    show(rows, as_json=arguments.json)
    return 0
