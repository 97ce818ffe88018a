"""Commands about categories: which team takes care of a kind of problem, and how far it usually reaches."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from desk.model.errors import NotFound
from desk.model.team import Category
from desk.model.technician import OPERATOR
from firstline.commands.common import add, group, record, show, yes_or_no

if TYPE_CHECKING:
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``category``."""
    actions = group(commands, "category", "categories of tickets: their team and their impact")
    add(actions, "list", "all categories", listing=True)
    for action, told, required in (("add", "add a category", True), ("set", "change a category", False)):
        parser = add(actions, action, told)
        parser.add_argument("key", help="what procedures name the category by")
        parser.add_argument("--en", required=required, dest="name_en", metavar="NAME", help="its English name")
        parser.add_argument("--nl", required=required, dest="name_nl", metavar="NAME", help="its Dutch name")
        parser.add_argument("--team", metavar="KEY", help="who takes care of it; '' for the fallback team")
        parser.add_argument("--impact", type=int, metavar="1-3", help="1 is the greatest; 0 for none")
        parser.add_argument("--active", type=yes_or_no, metavar="yes|no")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about categories; the exit code."""
    from desk import teams
    from desk.store import teams as store

    with record(settings) as tx:
        if arguments.action == "list":
            rows = [_row(category) for category in store.all_categories(tx)]
            show(rows, as_json=arguments.json)
        elif arguments.action == "add":
            new = Category(arguments.key, "", "", None, None, active=True)
            teams.create_category(tx, OPERATOR, _changed(new, arguments))
        else:
            current = store.find_category(tx, arguments.key)
            if current is None:
                raise NotFound("category", arguments.key)
            teams.change_category(tx, OPERATOR, _changed(current, arguments))
    return 0


def _changed(category: Category, arguments: argparse.Namespace) -> Category:
    names = ("name_en", "name_nl", "team", "impact", "active")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if given.get("impact") == 0:
        given["impact"] = None
    return replace(category, **given)


def _row(category: Category) -> dict[str, object]:
    return {
        "key": category.key,
        "english": category.name_en,
        "dutch": category.name_nl,
        "team": category.team,
        "impact": category.impact,
        "active": category.active,
    }
