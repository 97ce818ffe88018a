"""Commands about technicians: inviting them, what they may do, and where they are logged in."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from desk.model.technician import OPERATOR, Account, Login, Role, Technician
from firstline.commands.common import add, group, print_json, record, show

if TYPE_CHECKING:
    from desk.store.database import Transaction
    from firstline.commands.common import Commands
    from firstline.settings import Settings

ROLES = [role.value for role in Role]


def add_commands(commands: Commands) -> None:
    """Add ``technician`` and ``admin``."""
    admin = group(commands, "admin", "administrators")
    add(admin, "ensure", "make the first administrator if there is none; prints JSON").set_defaults(run=ensure_admin)
    actions = group(commands, "technician", "technicians: who they are, what they may do, where they are logged in")
    invite = add(actions, "invite", "invite a technician by mail; prints the link that they open, as JSON")
    invite.add_argument("email")
    invite.add_argument("--name", help="what colleagues and customers see (default: from the address)")
    invite.add_argument("--role", choices=ROLES, default=Role.AGENT.value)
    _add(actions, "link", "a new link by which a technician sets a password; prints JSON")
    made = add(actions, "add", "add a technician without an invitation; prints the one-time password")
    made.add_argument("email")
    made.add_argument("name")
    made.add_argument("--role", choices=ROLES, default=Role.AGENT.value)
    _add(actions, "reset-password", "give a technician a new one-time password")
    add(actions, "list", "everybody", listing=True)
    _add(actions, "role", "change what a technician may do").add_argument("role", choices=ROLES)
    _add(actions, "deactivate", "shut a technician out; their conversations go back into the queue")
    _add(actions, "activate", "let a technician in again")
    sessions = _add(actions, "sessions", "where a technician is logged in")
    sessions.add_argument("--json", action="store_true", help="print JSON instead of a table")
    sign_out = _add(actions, "sign-out", "end a technician's logins")
    sign_out.add_argument("--session", type=int, metavar="NUMBER", help="just this one, by its number")
    slack = _add(actions, "slack", "who a technician is in Slack")
    slack.add_argument("--end", action="store_true", help="end it: nobody in Slack acts in their name any more")
    slack.add_argument("--json", action="store_true", help="print JSON instead of a table")
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def _add(actions: Commands, action: str, told: str) -> argparse.ArgumentParser:
    parser = add(actions, action, told)
    parser.add_argument("email")
    return parser


def ensure_admin(_: argparse.Namespace, settings: Settings) -> int:
    """Make the first administrator if there is none, and print the one-time password, or null."""
    from desk import clock, technicians

    name = settings.admin_email.partition("@")[0].replace(".", " ").title()
    with record(settings) as tx:
        password = technicians.ensure_admin(tx, settings.admin_email, name, clock.now())
    sys.stdout.write(json.dumps({"email": settings.admin_email, "password": password}) + "\n")
    return 0


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about technicians; the exit code."""
    from desk import clock

    # Printed after the commit: a link that is shown works.
    now = clock.now()
    with record(settings) as tx:
        answer = _run(tx, arguments, settings, now)
    if arguments.action == "invite" and isinstance(answer, dict):
        answer |= {"mailed": asyncio.run(_mail(settings, str(answer["email"]), str(answer["link"]), now))}
    if isinstance(answer, list):
        show(answer, as_json=arguments.json)
    elif answer is not None:
        print_json(answer)
    return 0


def _run(
    tx: Transaction, arguments: argparse.Namespace, settings: Settings, now: datetime
) -> list[dict[str, object]] | dict[str, object] | None:
    from desk import accounts, logins, technicians

    match arguments.action:
        case "list":
            return [_account(account, now) for account in accounts.everybody(tx, OPERATOR)]
        case "invite":
            name = arguments.name or arguments.email.partition("@")[0].replace(".", " ").title()
            invited, token = technicians.invite(tx, OPERATOR, arguments.email, name, Role(arguments.role), now)
            return _link(settings, invited, token, now)
        case "add":
            password = technicians.one_time_password()
            role = Role(arguments.role)
            added = technicians.add(tx, arguments.email, arguments.name, role, password, now, one_time=True)
            return {"email": added.email, "password": password}
        case "reset-password":
            password = technicians.reset_password(tx, arguments.email)
            return {"email": arguments.email.strip().lower(), "password": password}
    who = technicians.by_email(tx, arguments.email)
    match arguments.action:
        case "link":
            return _link(settings, who, technicians.new_link(tx, OPERATOR, who.id, now), now)
        case "role":
            accounts.change(tx, OPERATOR, who.id, role=Role(arguments.role))
        case "deactivate":
            accounts.deactivate(tx, OPERATOR, who.id, now)
        case "activate":
            accounts.activate(tx, OPERATOR, who.id)
        case "slack":
            return _slack(tx, who, end=arguments.end)
        case "sessions":
            return [_session(session) for session in logins.sessions(tx, OPERATOR, who.id, now)]
        case _ if arguments.session is not None:
            logins.end_session(tx, OPERATOR, arguments.session)
        case _:
            logins.end_sessions(tx, OPERATOR, who.id)
    return None


def _slack(tx: Transaction, who: Technician, *, end: bool) -> list[dict[str, object]]:
    from desk import slack_accounts

    if end:
        slack_accounts.unlink(tx, who.id, OPERATOR)
    return [{"account": str(one.person), "since": one.linked_at} for one in slack_accounts.of(tx, who.id, OPERATOR)]


def _link(settings: Settings, who: Technician, token: str, now: datetime) -> dict[str, object]:
    from desk.technicians import LINK_LASTS

    return {
        "email": who.email,
        "link": f"{settings.public_url}/desk/invitations/{token}",
        "until": (now + LINK_LASTS).isoformat(timespec="seconds"),
    }


async def _mail(settings: Settings, email: str, link: str, now: datetime) -> bool:
    """Mail an invitation; whether it reaches a mailbox. Why it failed stands on stderr: the link works all the same."""
    from desk import notices
    from desk.model.mail import MailFailed
    from desk.technicians import LINK_LASTS
    from firstline.mail import mailer

    sender = mailer(settings)
    until = f"{(now + LINK_LASTS).astimezone():%Y-%m-%d %H:%M %Z}"
    try:
        await sender.send(notices.invitation(email, OPERATOR.name, link, until, OPERATOR.language))
    except MailFailed as failed:
        sys.stderr.write(f"firstline: the link could not be mailed: {failed.detail}\n")
        return False
    return sender.delivers


def _account(account: Account, now: datetime) -> dict[str, object]:
    who = account.technician
    return {
        "email": who.email,
        "name": who.name,
        "role": who.role.value,
        "state": account.standing(now).value,
        "teams": list(account.teams),
        "seen": account.seen_at,
    }


def _session(session: Login) -> dict[str, object]:
    return {
        "number": session.id,
        "seen": session.seen_at,
        "since": session.created_at,
        "address": session.address,
        "browser": session.agent,
    }
