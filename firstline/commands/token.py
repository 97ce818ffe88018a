"""Commands about the tokens by which programs use the API."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

from desk.model.technician import OPERATOR
from firstline.commands.common import add, group, print_json, record, show

if TYPE_CHECKING:
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``token``."""
    actions = group(commands, "token", "tokens by which programs use the API")
    made = add(actions, "add", "make a token; prints it once, as JSON")
    made.add_argument("name", help="what it is for")
    made.add_argument("--technician", required=True, metavar="EMAIL", help="in whose name the program acts")
    made.add_argument("--days", type=_days, default=365, help="how long it works (default: 365)")
    add(actions, "list", "all tokens that work", listing=True)
    add(actions, "revoke", "end a token").add_argument("number", type=int, help="as `list` shows it")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 3650")
    return int(text)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about tokens; the exit code."""
    from desk import clock, logins, technicians

    now = clock.now()
    with record(settings) as tx:
        match arguments.action:
            case "add":
                who = technicians.by_email(tx, arguments.technician)
                lasts = timedelta(days=arguments.days)
                token = logins.add_token(tx, OPERATOR, who.id, arguments.name, now, lasts)
            case "revoke":
                logins.revoke_token(tx, OPERATOR, arguments.number)
                return 0
            case _:
                found = logins.tokens(tx, OPERATOR, now)
    if arguments.action == "add":
        print_json({"name": arguments.name, "technician": who.email, "token": token})
        return 0
    rows = [
        {"number": one.id, "name": one.name, "technician": one.technician_name, "since": one.created_at}
        | {"until": one.expires_at, "used": one.seen_at}
        for one in found
    ]
    show(rows, as_json=arguments.json)
    return 0
