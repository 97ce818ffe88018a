"""Commands about canned replies, among them a file for all of them at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from desk.model.canned import Canned, Draft
from desk.model.errors import Invalid, NotFound
from desk.model.technician import OPERATOR
from firstline.commands.common import CommandError, add, complaint, group, record, show

if TYPE_CHECKING:
    from desk.store.database import Transaction
    from firstline.commands.common import Commands
    from firstline.settings import Settings

_FIELDS = {"title", "en", "nl", "team"}


def add_commands(commands: Commands) -> None:
    """Add ``canned``."""
    actions = group(commands, "canned", "canned replies, which technicians call up by a shortcut")
    add(actions, "list", "all of them", listing=True)
    made = add(actions, "add", "add one, or replace the one of this shortcut")
    made.add_argument("shortcut")
    made.add_argument("--title", required=True)
    made.add_argument("--en", required=True, metavar="TEXT", help="may hold {customer}, {ticket} and {me}")
    made.add_argument("--nl", required=True, metavar="TEXT")
    made.add_argument("--team", metavar="KEY", help="for this team only (default: for everybody)")
    add(actions, "remove", "remove one").add_argument("shortcut")
    read = add(actions, "import", "add or replace all that stand in a file; all of them or none")
    read.add_argument("file", type=Path, help="YAML, as `export` writes it")
    add(actions, "export", "write all of them as YAML")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about canned replies; the exit code."""
    from desk import canned, clock
    from desk.store import canned as store

    now = clock.now()
    with record(settings) as tx:
        match arguments.action:
            case "list":
                show([_row(one) for one in store.everything(tx)], as_json=arguments.json)
            case "add":
                draft = Draft(arguments.shortcut, arguments.title, arguments.en, arguments.nl, arguments.team)
                canned.put(tx, OPERATOR, draft, now)
            case "remove":
                found = store.by_shortcut(tx, arguments.shortcut)
                if found is None:
                    raise NotFound("canned reply", arguments.shortcut)
                canned.delete(tx, OPERATOR, found.id)
            case "import":
                for draft in _drafts(arguments.file):
                    _put(tx, draft, arguments.file)
            case _:
                _export(tx)
    return 0


def _row(one: Canned) -> dict[str, object]:
    return {"shortcut": one.shortcut, "title": one.title, "team": one.team, "en": one.text_en, "nl": one.text_nl}


def _put(tx: Transaction, draft: Draft, file: Path) -> None:
    from desk import canned, clock

    try:
        canned.put(tx, OPERATOR, draft, clock.now())
    except Invalid as error:
        raise CommandError(f"{file}: {draft.shortcut}: {complaint(error)}") from None


def _drafts(file: Path) -> list[Draft]:
    try:
        loaded = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{file}: {error}") from None
    if not isinstance(loaded, dict):
        raise CommandError(f"{file}: is not a list of shortcuts with title, en, nl and perhaps team")
    return [_draft(file, str(shortcut), fields) for shortcut, fields in loaded.items()]


def _draft(file: Path, shortcut: str, fields: object) -> Draft:
    if not isinstance(fields, dict) or not {"title", "en", "nl"} <= fields.keys() <= _FIELDS:
        raise CommandError(f"{file}: {shortcut}: needs title, en and nl, may have team, and nothing else")
    team = fields.get("team")
    title, english, dutch = (str(fields[name]) for name in ("title", "en", "nl"))
    return Draft(shortcut, title, english, dutch, str(team) if team else None)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, which people can edit."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _export(tx: Transaction) -> None:
    from desk.store import canned as store

    everything = {
        one.shortcut: {
            "title": one.title,
            "en": one.text_en,
            "nl": one.text_nl,
            **({"team": one.team} if one.team else {}),
        }
        for one in store.everything(tx)
    }
    yaml.dump(everything, sys.stdout, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
