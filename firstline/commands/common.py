"""What commands share: the record, tables and JSON, and errors in words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from desk.model.errors import Conflict, DeskError, Invalid

if TYPE_CHECKING:
    from desk.store.database import Transaction
    from firstline.settings import Settings

    # What argparse calls the thing that `add_subparsers` returns.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


class CommandError(Exception):
    """What was asked cannot be done; the text says why, to whoever typed it."""


@contextmanager
def record(settings: Settings) -> Iterator[Transaction]:
    """One transaction with the record, whose tables are brought up to date first."""
    from firstline.wiring import open_database

    database = open_database(settings)
    try:
        with database.transaction() as tx:
            yield tx
    finally:
        database.close()


def group(commands: Commands, name: str, told: str, *also: str) -> Commands:
    """Add a group of commands. It may be called by other names, `also`, too."""
    described = f"{told[0].upper()}{told[1:]}."
    return commands.add_parser(name, aliases=also, help=told, description=described).add_subparsers(
        dest="action", required=True
    )


def add(actions: Commands, action: str, told: str, *, listing: bool = False) -> argparse.ArgumentParser:
    """Add one command of a group; a `listing` can print JSON."""
    parser = actions.add_parser(action, help=told, description=f"{told[0].upper()}{told[1:]}.")
    if listing:
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def yes_or_no(text: str) -> bool:
    """What ``yes`` and ``no`` mean, for argparse."""
    if text not in {"yes", "no"}:
        raise argparse.ArgumentTypeError(f"{text!r} is not yes or no")
    return text == "yes"


def print_json(value: object) -> None:
    """Print `value` as JSON; moments in ISO 8601."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print `rows`, which have the same keys, as a JSON list or as a table for people."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        return
    lines = [[name.replace("_", " ").upper() for name in rows[0]]]
    lines += [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")


def _cell(value: object) -> str:
    match value:
        case None | False:
            return "-"
        case True:
            return "yes"
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(part) for part in value) or "-"
        case _ if hasattr(value, "astimezone"):
            return f"{value.astimezone():%Y-%m-%d %H:%M}"
        case _:
            return " ".join(str(value).split())


@cache
def _words() -> Mapping[str, Any]:
    text = resources.files("firstline.commands").joinpath("texts.yml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


def complaint(error: DeskError) -> str:
    """`error` in words."""
    match error:
        case Invalid():
            field, _, part = error.field.partition(".")
            words = _words()["invalid"].get(f"{field}.{error.rule}") or _words()["invalid"].get(error.rule)
            day = f" ({_words()['days'][int(part)]})" if field == "hours" else ""
            return f"{field.replace('_', ' ')}{day}: {words or error.rule}"
        case Conflict() if error.state in _words()["conflict"]:
            return str(_words()["conflict"][error.state])
        case _:
            return str(error)


def days() -> Sequence[str]:
    """The short names of the weekdays, from Monday on."""
    found: Sequence[str] = _words()["days"]
    return found
