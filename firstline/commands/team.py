"""Commands about teams: their members, hours and days off."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from desk.model.errors import Invalid
from desk.model.team import WEEKDAYS, Interval, Team, read_intervals, write_intervals
from desk.model.technician import OPERATOR
from firstline.commands.common import CommandError, add, days, group, record, show, yes_or_no

if TYPE_CHECKING:
    from desk.store.database import Transaction
    from desk.teams import TeamView
    from firstline.commands.common import Commands
    from firstline.settings import Settings

Rows = list[dict[str, object]]


def add_commands(commands: Commands) -> None:
    """Add ``team``."""
    actions = group(commands, "team", "teams, their members, hours and days off")
    add(actions, "list", "all teams", listing=True)
    made = _add(actions, "add", "add a team; it is closed until it gets hours")
    _describe(made, required=True)
    _describe(_add(actions, "set", "change a team; what is not named stays"), required=False)
    members = _add(actions, "members", "show the members of a team, or change them")
    members.add_argument("--add", action="append", default=[], metavar="EMAIL")
    members.add_argument("--remove", action="append", default=[], metavar="EMAIL")
    members.add_argument("--json", action="store_true", help="print JSON instead of a table")
    hours = _add(actions, "hours", "show the hours and days off of a team, or change them")
    hours.add_argument(
        "day", nargs="*", metavar="DAY=HOURS", help="mon-fri=08:00-12:00,13:00-17:30; closed all day: sat="
    )
    hours.add_argument("--close", action="append", default=[], metavar="DATE=NAME", help="2026-12-24='Christmas Eve'")
    hours.add_argument("--open", action="append", default=[], type=_date, metavar="DATE", help="as usual after all")
    hours.add_argument("--json", action="store_true", help="print JSON instead of a table")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def _add(actions: Commands, action: str, told: str) -> argparse.ArgumentParser:
    parser = add(actions, action, told)
    parser.add_argument("key", help="what procedures name the team by")
    return parser


def _describe(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--en", required=required, dest="name_en", metavar="NAME", help="its English name")
    parser.add_argument("--nl", required=required, dest="name_nl", metavar="NAME", help="its Dutch name")
    parser.add_argument("--time-zone", metavar="ZONE", help="such as Europe/Amsterdam (default: the fallback team's)")
    parser.add_argument("--holidays", metavar="COUNTRY", help="whose public holidays it keeps: NL, DE-BY; '' for none")
    parser.add_argument("--reopen-days", type=int, metavar="DAYS", help="so long a resolved ticket may come back")
    parser.add_argument("--fallback", type=yes_or_no, metavar="yes|no", help="it gets what no team is named for")
    parser.add_argument("--active", type=yes_or_no, metavar="yes|no")
    parser.add_argument(
        "--slack-channel",
        metavar="CHANNEL",
        help="where its handovers appear: C0123ABC or T0123ABC/C0123ABC; '' for none",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-12-24") from None


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about teams; the exit code."""
    from desk import clock

    with record(settings) as tx:
        rows = _run(tx, arguments, clock.now())
    if rows is not None:
        show(rows, as_json=arguments.json)
    return 0


def _run(tx: Transaction, arguments: argparse.Namespace, now: datetime) -> Rows | None:
    from desk import teams
    from desk.store import teams as store

    match arguments.action:
        case "list":
            counts = store.member_counts(tx)
            return [_row(team, counts.get(team.key, 0)) for team in store.everyone(tx)]
        case "add":
            base = store.fallback(tx)
            zone, country, reopen = (base.time_zone, base.holidays, base.reopen_days) if base else ("UTC", None, 7)
            new = Team(arguments.key, "", "", zone, country, reopen, fallback=False, active=True)
            teams.create(tx, OPERATOR, _changed(new, arguments), now)
        case "set":
            teams.change(tx, OPERATOR, _changed(store.get(tx, arguments.key), arguments))
        case "members":
            return _members(tx, arguments)
        case _:
            return _hours(tx, arguments)
    return None


def _changed(team: Team, arguments: argparse.Namespace) -> Team:
    names = ("name_en", "name_nl", "time_zone", "holidays", "reopen_days", "fallback", "active", "slack_channel")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    return replace(team, **given)


def _row(team: Team, members: int) -> dict[str, object]:
    return {
        "key": team.key,
        "english": team.name_en,
        "dutch": team.name_nl,
        "members": members,
        "time_zone": team.time_zone,
        "holidays": team.holidays,
        "reopen_days": team.reopen_days,
        "fallback": team.fallback,
        "active": team.active,
        "slack_channel": team.slack_channel,
    }


def _members(tx: Transaction, arguments: argparse.Namespace) -> Rows:
    from desk import teams, technicians
    from desk.store import technicians as people

    members = set(teams.view(tx, arguments.key).members)
    members |= {technicians.by_email(tx, email).id for email in arguments.add}
    members -= {technicians.by_email(tx, email).id for email in arguments.remove}
    if arguments.add or arguments.remove:
        teams.set_members(tx, OPERATOR, arguments.key, members)
    found = [who for who in people.everybody(tx) if who.id in members]
    return [{"email": who.email, "name": who.name, "active": who.active} for who in found]


def _hours(tx: Transaction, arguments: argparse.Namespace) -> Rows:
    from desk import teams

    view = teams.view(tx, arguments.key)
    if arguments.day:
        wanted = {weekday: list(intervals) for weekday, intervals in view.hours.items()}
        for text in arguments.day:
            wanted |= _day(text)
        teams.set_hours(tx, OPERATOR, arguments.key, wanted)
    for text in arguments.close:
        day, _, name = text.partition("=")
        try:
            closed = date.fromisoformat(day)
        except ValueError:
            raise CommandError(f"{text!r} is not DATE=NAME with a date such as 2026-12-24") from None
        teams.close_on(tx, OPERATOR, arguments.key, closed, name)
    for opened in arguments.open:
        teams.open_on(tx, OPERATOR, arguments.key, opened)
    return _hours_rows(teams.view(tx, arguments.key))


def _hours_rows(view: TeamView) -> Rows:
    rows: Rows = [
        {"day": days()[weekday], "hours": write_intervals(view.hours.get(weekday, ())), "name": None}
        for weekday in WEEKDAYS
    ]
    return rows + [{"day": day.isoformat(), "hours": "", "name": name} for day, name in view.closed_days.items()]


def _day(text: str) -> dict[int, list[Interval]]:
    """``mon-fri=08:00-17:30`` by weekday."""
    which, sign, hours = text.partition("=")
    first, _, last = which.strip().lower().partition("-")
    if not sign or first not in days() or (last and last not in days()):
        raise CommandError(f"{text!r} is not DAY=HOURS with a day such as {days()[0]} or {days()[0]}-{days()[4]}")
    begin = days().index(first)
    end = days().index(last) if last else begin
    try:
        intervals = read_intervals(hours)
    except ValueError:
        raise Invalid(f"hours.{begin}", "malformed") from None
    return {weekday: list(intervals) for weekday in range(begin, end + 1)}
