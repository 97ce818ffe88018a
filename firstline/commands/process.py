"""Commands that run the product or a part of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firstline.commands.common import Commands
    from firstline.settings import Settings

PARTS = ("web", "listen", "answer", "deliver")


def add_commands(commands: Commands) -> None:
    """Add ``run``, ``app``, ``migrate`` and ``understand``."""
    commands.add_parser("run", help="start everything, and keep it running").set_defaults(run=run)
    app = commands.add_parser("app", help="run the app process: pages, APIs and workers")
    app.add_argument("--only", action="append", choices=PARTS, help="run just this part")
    app.set_defaults(run=run)
    commands.add_parser("migrate", help="bring the database's tables up to date").set_defaults(run=run)
    understand = commands.add_parser(
        "understand", help="read a text per line, print what the assistant makes of it as JSON"
    )
    understand.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of them; the exit code."""
    match arguments.command:
        case "run":
            from firstline.supervisor import supervise

            return asyncio.run(supervise(settings))
        case "app":
            return _serve(settings, arguments.only)
        case "migrate":
            from firstline.wiring import open_database

            open_database(settings).close()
            return 0
        case _:
            from firstline.understanding import understand

            return understand(settings)


def _serve(settings: Settings, only: Sequence[str] | None) -> int:
    from firstline.ports import Wanted, complaint
    from firstline.product import Part
    from firstline.serve import serve

    parts = [Part(part) for part in only or Part]
    wrong = complaint(Wanted(settings.host, settings.port, "FIRSTLINE_PORT")) if Part.WEB in parts else None
    if wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    asyncio.run(serve(settings, parts))
    return 0
