"""The command line: ``python -m firstline``.

Each command imports what it needs itself: `make run` shall be on its way at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence

from desk.model.errors import DeskError
from desk.model.technician import Role
from firstline.procedures import command as procedures
from firstline.settings import Settings, settings_or_exit
from firstline.supervisor import supervise

PARTS = ("web", "listen", "answer", "deliver")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="firstline", description="First-line IT support.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything, and keep it running")
    app = commands.add_parser("app", help="run the app process: pages, APIs and workers")
    app.add_argument("--only", action="append", choices=PARTS, help="run just this part")
    commands.add_parser("migrate", help="bring the database's tables up to date")
    admin = commands.add_parser("admin", help="administrators").add_subparsers(dest="action", required=True)
    admin.add_parser("ensure", help="make the first administrator if there is none; prints JSON")
    technician = commands.add_parser("technician", help="technicians").add_subparsers(dest="action", required=True)
    add = technician.add_parser("add", help="add a technician; prints the one-time password")
    add.add_argument("email")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    reset = technician.add_parser("reset-password", help="give a technician a new one-time password")
    reset.add_argument("email")
    procedures.add_commands(commands)
    commands.add_parser("understand", help="read a text per line, print what the assistant makes of it as JSON")
    return parser


def _serve(settings: Settings, only: Sequence[str] | None) -> int:
    from firstline.ports import Wanted, complaint
    from firstline.serve import serve
    from firstline.wiring import Part

    parts = [Part(part) for part in only or Part]
    wrong = complaint(Wanted(settings.host, settings.port, "FIRSTLINE_PORT")) if Part.WEB in parts else None
    if wrong:
        print(wrong, file=sys.stderr)
        return 1
    asyncio.run(serve(settings, parts))
    return 0


def _migrate(settings: Settings) -> None:
    from firstline.wiring import open_database

    open_database(settings).close()


def _ensure_admin(settings: Settings) -> None:
    from desk import clock, technicians
    from firstline.wiring import open_database

    database = open_database(settings)
    name = settings.admin_email.partition("@")[0].replace(".", " ").title()
    with database.transaction() as tx:
        password = technicians.ensure_admin(tx, settings.admin_email, name, clock.now())
    database.close()
    print(json.dumps({"email": settings.admin_email, "password": password}))


def _technician(settings: Settings, arguments: argparse.Namespace) -> None:
    from desk import clock, technicians
    from firstline.wiring import open_database

    database = open_database(settings)
    try:
        with database.transaction() as tx:
            if arguments.action == "add":
                role, password = Role(arguments.role), technicians.one_time_password()
                technicians.add(tx, arguments.email, arguments.name, role, password, clock.now(), one_time=True)
            else:
                password = technicians.reset_password(tx, arguments.email)
    finally:
        database.close()
    print(json.dumps({"email": arguments.email.strip().lower(), "password": password}))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 well, 1 it could not be done, 2 wrong use or wrong settings."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "procedures":  # authors need no settings, and no secrets are to be made for them
        return procedures.run(arguments)
    settings = settings_or_exit()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    # uvicorn tells of every socket that opens and closes, at the level at which we tell what matters.
    logging.getLogger("uvicorn.error").setLevel(max(logging.getLogger().level, logging.WARNING))
    try:
        match arguments.command:
            case "run":
                return asyncio.run(supervise(settings))
            case "app":
                return _serve(settings, arguments.only)
            case "migrate":
                _migrate(settings)
            case "admin":
                _ensure_admin(settings)
            case "technician":
                _technician(settings, arguments)
            case "understand":
                from firstline.understanding import understand

                return understand(settings)
    except DeskError as error:
        print(f"firstline: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
