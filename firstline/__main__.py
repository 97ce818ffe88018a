"""The command line: ``python -m firstline``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from desk.model.errors import DeskError
from firstline.commands import GROUPS
from firstline.commands.common import CommandError, complaint
from firstline.procedures import command as procedures
from firstline.settings import settings_or_exit


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed."""
    made = argparse.ArgumentParser(prog="firstline", description="First-line IT support.")
    commands = made.add_subparsers(dest="command", required=True)
    for group in GROUPS:
        group.add_commands(commands)
    procedures.add_commands(commands)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 well, 1 it could not be done, 2 wrong use or wrong settings."""
    arguments = parser().parse_args(argv)
    if arguments.command == "procedures":  # authors need no settings, and no secrets are to be made for them
        return procedures.run(arguments)
    if getattr(arguments, "bare", False):  # nor does whoever looks at a recorded payload
        return int(arguments.run(arguments))
    settings = settings_or_exit()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    # At the level at which we tell what matters, uvicorn tells of every socket that opens and closes, and Alembic of
    # itself whenever the record is opened.
    # httpx tells every address it calls, and Telegram's hold the bot's token.
    for chatty in ("uvicorn.error", "alembic", "httpx"):
        logging.getLogger(chatty).setLevel(max(logging.getLogger().level, logging.WARNING))
    try:
        code: int = arguments.run(arguments, settings)
    except DeskError as error:
        print(f"firstline: {complaint(error)}", file=sys.stderr)
        return 1
    except CommandError as error:
        print(f"firstline: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    raise SystemExit(main())
