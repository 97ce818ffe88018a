"""Mails to technicians: what is due to be sent, how it reads, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from desk.model.alert import Alert
from desk.model.mail import Mail, MailFailed
from desk.model.team import Team
from desk.model.technician import Technician
from desk.model.work import STUMBLES, BackOff, Claim, WorkState
from desk.store import alerts, teams, technicians, work
from desk.store.database import Transaction
from desk.store.tables import notices
from desk.texts.mail import lay_out, spoken, words


@dataclass(frozen=True, slots=True)
class Notice:
    """A claimed notice, as the mail it is."""

    claim: Claim
    mail: Mail


def claim(tx: Transaction, worker: str, console: str, now: datetime, lease: timedelta) -> Notice | None:
    """Claim the next mail that is still needed; `console` is the console's address.

    It is not, when somebody has seen the alert meanwhile, when the same is about to be told once more, or when the
    technician has left or wants no mail.

    Raises:
        Stumbled: the mail cannot be written.
    """
    while True:
        claimed = work.claim(tx, notices, worker, now, lease)
        if claimed is None:
            return None
        with work.looking_into(claimed):
            alert, technician = alerts.get(tx, claimed.item), technicians.get(tx, claimed.lane)
            reached = technician.active and technician.mailed
            if reached and alert.acknowledged_at is None and not alerts.superseded(tx, claimed):
                return Notice(claimed, _alert_mail(tx, alert, technician, claimed, console))
        work.settle(tx, notices, claimed, WorkState.DONE, now)


def sent(tx: Transaction, notice: Notice, now: datetime) -> bool:
    """The mail server has it. False when the claim had run out."""
    return work.settle(tx, notices, notice.claim, WorkState.DONE, now)


def pass_over(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Others go before a mail over which a claim `Stumbled`; tried often enough, it is given up."""
    work.pass_over(tx, notices, claimed, now, error)
    if STUMBLES.after(claimed.attempts) is None:
        work.abandon(tx, notices, claimed, now, error)


def put_back(tx: Transaction, notice: Notice, now: datetime) -> None:
    """Give a claim back unsent: it is free at once, for whoever claims it next."""
    work.retry(tx, notices, notice.claim, now)


def failed(tx: Transaction, notice: Notice, failure: MailFailed, now: datetime, back_off: BackOff) -> WorkState:
    """The mail server did not take it: try again later, or give up. Returns the new state."""
    pause = None if failure.permanent else back_off.after(notice.claim.attempts)
    if pause is None:
        work.settle(tx, notices, notice.claim, WorkState.FAILED, now, error=failure.detail)
        return WorkState.FAILED
    work.retry(tx, notices, notice.claim, now + pause, error=failure.detail)
    return WorkState.PENDING


def _alert_mail(tx: Transaction, alert: Alert, technician: Technician, claimed: Claim, console: str) -> Mail:
    language = technician.language
    team = (teams.find(tx, alert.team) if alert.team else None) or teams.fallback(tx)
    team_name = team.name(language) if team else words("no_team", language)
    names = {
        "ticket": alert.ticket or words("no_ticket", language),
        "customer": alert.customer_name or words("no_name", language),
        "team": team_name,
    }
    subject = words(f"alert.subject.{alert.kind}", language, **names)
    if alert.urgent:
        subject = words("alert.urgent", language, subject=subject)
    lines = [words(f"alert.what.{alert.kind}", language)]
    if alert.times > 1:
        lines.append(words("alert.again", language, times=alert.times))
    return _mail(
        technician.email,
        subject,
        lines,
        [(words(f"facts.{key}", language), value) for key, value in _facts(alert, names, team)],
        (words("alert.open", language), f"{console}/conversations/{alert.conversation}"),
        words("alert.why", language, team=team_name),
        language,
        f"notice-{claimed.id}",
    )


def _facts(alert: Alert, names: dict[str, str], team: Team | None) -> list[tuple[str, str]]:
    zone = ZoneInfo(team.time_zone) if team else ZoneInfo("UTC")
    facts = [("ticket", names["ticket"])] if alert.ticket else []
    if alert.subject:
        facts.append(("subject", alert.subject))
    facts += [("customer", names["customer"]), ("team", names["team"])]
    if alert.priority is not None:
        facts.append(("priority", str(alert.priority)))
    if alert.waiting_since is not None:
        facts.append(("since", f"{alert.waiting_since.astimezone(zone):%Y-%m-%d %H:%M %Z}"))
    return facts


def invitation(to: str, by: str, link: str, until: str, language: str | None) -> Mail:
    """The mail that invites a technician: `link` is the one-time link, `until` says how long it works, in words.

    by: the name of whoever invites; empty: somebody at the machine.
    """
    return _mail(
        to,
        words("invitation.subject", language),
        [words("invitation.what", language, by=by or words("invitation.somebody", language))],
        [],
        (words("invitation.open", language), link),
        words("invitation.why", language, until=until),
        language,
        # The link is a secret, and new for every invitation: its hash identifies the mail without giving it away.
        f"invitation-{sha256(link.encode()).hexdigest()[:32]}",
    )


def _mail(
    to: str,
    subject: str,
    lines: list[str],
    facts: list[tuple[str, str]],
    link: tuple[str, str],
    why: str,
    language: str | None,
    key: str,
) -> Mail:
    # A subject is one line: a ticket's may hold whatever a customer wrote.
    subject = " ".join(subject.split())
    text, html = lay_out(subject, lines, facts, link, why, language)
    return Mail(to, subject, text, html, spoken(language), key)
