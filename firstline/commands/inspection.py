"""``channels inspect``: what an adapter makes of recorded payloads. Needs no settings, no token and no network."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from firstline.commands.common import CommandError, add

if TYPE_CHECKING:
    from firstline.commands.common import Commands


def add_command(actions: Commands) -> None:
    """Add ``inspect``."""
    from channels.registry import CHANNELS

    inspect = add(actions, "inspect", "print what the adapter makes of recorded payloads, a line of JSON for each")
    inspect.add_argument("channel", choices=[kind for kind, entry in CHANNELS.items() if entry.inspect])
    inspect.add_argument("files", nargs="+", metavar="FILE", type=Path, help="JSON: a payload, or a list of them")
    inspect.set_defaults(run=run, bare=True)


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each payload; the exit code.

    A file that cannot be read is told, and the others are printed all the same.
    """
    from channels.inspection import as_json
    from channels.registry import inspector

    inspect, code = inspector(arguments.channel), 0
    for path in arguments.files:
        try:
            for payload in _payloads(path):
                sys.stdout.write(json.dumps(as_json(inspect(payload)), ensure_ascii=False, default=_moment) + "\n")
        except CommandError as error:
            sys.stderr.write(f"firstline: {error}\n")
            code = 1
    return code


def _payloads(path: Path) -> Iterator[object]:
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}: is not JSON ({error})") from None
    payloads = found if isinstance(found, list) else [found]
    if not payloads:
        raise CommandError(f"{path}: holds an empty list")
    for payload in payloads:
        if not isinstance(payload, dict):
            raise CommandError(f"{path}: holds what is not an object, as payloads are: {json.dumps(payload)[:60]}")
        yield payload


def _moment(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
