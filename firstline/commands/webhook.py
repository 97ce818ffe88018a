"""Commands about webhooks: which programs are told what happens."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.model.technician import OPERATOR
from firstline.commands.common import add, group, print_json, record, show

if TYPE_CHECKING:
    from desk.store.database import Transaction
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``webhook``."""
    actions = group(commands, "webhook", "programs that are told what happens")
    made = add(actions, "add", "add a webhook; prints its secret once, as JSON")
    made.add_argument("url", help="where events are posted")
    made.add_argument("--event", action="append", default=[], metavar="TYPE", help="only these (default: all)")
    add(actions, "list", "all webhooks", listing=True)
    for action, told in (("remove", "forget a webhook and its log"), ("ping", "send a test event")):
        add(actions, action, told).add_argument("number", type=int, help="as `list` shows it")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about webhooks; the exit code."""
    from desk import clock, webhooks

    now = clock.now()
    with record(settings) as tx:
        match arguments.action:
            case "add":
                made, secret = webhooks.add(tx, arguments.url, arguments.event, OPERATOR, now)
                told: dict[str, object] = {"number": made.id, "url": made.url, "secret": secret}
            case "remove":
                webhooks.remove(tx, arguments.number, OPERATOR)
                return 0
            case "ping":
                told = {"delivery": webhooks.ping(tx, arguments.number, OPERATOR, now).delivery_id}
            case _:
                show(_rows(tx), as_json=arguments.json)
                return 0
    print_json(told)
    return 0


def _rows(tx: Transaction) -> list[dict[str, object]]:
    from desk import webhooks

    return [
        {"number": one.id, "url": one.url, "on": one.active, "events": list(one.events)}
        | {"since": one.created_at, "failing_since": one.failing_since}
        for one in webhooks.everyone(tx, OPERATOR)
    ]
