"""Bringing a conversation to people, and telling its customer honestly what to expect of that.

the assistant cannot go on ─► hand_over ─► the queue, a ticket, its clock
a technician passes it on  ─► desk.conversations ──┐
both ─► expectation ─► "A technician (Network team) will answer you here. The team is closed now and opens …"
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from channels.contract import Author, Owner
from desk import duty, hours, outbox, ownership, texts, tickets
from desk.model.conversation import Conversation, Message, Move, Reason
from desk.model.hours import Schedule
from desk.model.team import Team
from desk.model.ticket import BOT, Details, State, Ticket
from desk.store import conversations, customers, teams
from desk.store import duty as duty_store
from desk.store.database import Transaction

_A_WEEK = timedelta(days=7)
_AROUND_ADDRESSES = re.compile(r"[\s<>(),;:\"']+")
_LONGEST_ADDRESS = 320
_OTHER_WORDS = 8
"""A message with more words besides an address is about something else than where to write."""


def hand_over(tx: Transaction, conversation: Conversation, reason: Reason, cause: str, now: datetime) -> Ticket:
    """Move a conversation from the assistant to the queue; there is a ticket from then on. Returns the ticket."""
    ticket, _ = tickets.open_ticket(tx, conversation, Details(reason), cause, now)
    if ticket.state is State.WAITING_FOR_CUSTOMER:
        ticket = tickets.move(tx, ticket, State.OPEN, BOT, now)
    conversations.change(tx, conversation.id, language=conversation.language, waiting_since=now)
    waiting = conversations.get(tx, conversation.id)
    ownership.queue(tx, waiting, Move.HAND_OVER, reason, now)
    return ticket


def expectation(tx: Transaction, conversation: Conversation, ticket: Ticket | None, now: datetime) -> str:
    """Who answers where, and when that may be, in the customer's language: some sentences to say behind others.

    Nothing is promised that is not known: hours and presence are both looked at.
    """
    language = conversation.language
    team = (teams.find(tx, ticket.team) if ticket and ticket.team else None) or teams.fallback(tx)
    where = texts.word("where", conversation.channel, language)
    if team is None:
        said = [texts.sentence("answers_no_team", language, where=where)]
    else:
        said = [texts.sentence("answers", language, team=team.name(language), where=where)]
    if duty.anybody_there(tx, team.key if team else None, now):
        said += [texts.sentence("there", language), *_position(tx, conversation, ticket, now)]
    else:
        said.append(_absence(tx, team, language, now))
        if customers.email(tx, conversation.customer) is None:
            said.append(texts.sentence("offer_email", language))
    return " ".join(said)


def _position(tx: Transaction, conversation: Conversation, ticket: Ticket | None, now: datetime) -> list[str]:
    if ticket is None:
        return []
    since = conversation.waiting_since or now
    count = duty_store.waiting_before(tx, ticket.team, ticket.priority, since, besides=conversation.id)
    if not count:
        return []
    return [texts.sentence("one_before" if count == 1 else "some_before", conversation.language, count=count)]


def _absence(tx: Transaction, team: Team | None, language: str | None, now: datetime) -> str:
    """Nobody is there: whether somebody should be, or when somebody will."""
    if team is None:
        return texts.sentence("no_hours", language)
    schedule = hours.schedule_of(tx, team, language)
    if schedule.is_open(now):
        return texts.sentence("away", language)
    opens = schedule.next_opening(now)
    if opens is None:
        return texts.sentence("no_hours", language)
    when = opening(schedule, opens, now, language) + _place(tx, schedule, language)
    return texts.sentence("closed_now", language, when=when, because=_because(schedule, now, opens, language))


def opening(schedule: Schedule, opens: datetime, now: datetime, language: str | None) -> str:
    """When it opens, as people say it: today, tomorrow or on Monday at nine, or on a date; on the team's clock."""
    then, today = opens.astimezone(schedule.zone), now.astimezone(schedule.zone).date()
    time = then.strftime("%H:%M")
    days = then.date() - today
    if days < timedelta(days=2):
        return texts.sentence("tomorrow" if days else "today", language, time=time)
    if days < _A_WEEK:
        return texts.sentence("weekday", language, time=time, weekday=texts.name("days", then.weekday(), language))
    return texts.sentence("date", language, time=time, day=then.day, month=_month(then, language))


def _month(day: date, language: str | None) -> str:
    return texts.name("months", day.month - 1, language)


def _place(tx: Transaction, schedule: Schedule, language: str | None) -> str:
    """Whose time it is, where the desk has teams in several zones."""
    if len({team.time_zone for team in teams.everyone(tx) if team.active}) < 2:
        return ""
    return " " + texts.sentence("zone", language, place=schedule.zone.key.rpartition("/")[2].replace("_", " "))


def _because(schedule: Schedule, now: datetime, opens: datetime, language: str | None) -> str:
    names = list(dict.fromkeys(off.name for off in schedule.days_off(now, opens)))
    if len(names) == 1:
        return " " + texts.sentence("because_of", language, name=names[0])
    return " " + texts.sentence("because_of_days", language) if names else ""


def note_email(tx: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
    """Keep the email address that a waiting customer leaves, and say so; whether there was one.

    Only where it was asked for (nobody is there), and none is known yet: nobody's address is changed by what is typed.
    """
    if conversation.owner is not Owner.QUEUE or message.choice is not None:
        return False
    address = email_address(message.text)
    if address is None or customers.email(tx, conversation.customer) is not None:
        return False
    ticket = tickets.current(tx, conversation)
    if duty.anybody_there(tx, ticket.team if ticket else None, now):
        return False
    customers.set_email(tx, conversation.customer, address)
    outbox.say(
        tx, conversation, Author.DESK, texts.sentence("email_noted", conversation.language, address=address), now
    )
    return True


def email_address(text: str) -> str | None:
    """The one address a short message gives; None when it has none, or several, or is about something else."""
    if len(text.split()) > _OTHER_WORDS + 1:
        return None
    found = [word for word in _AROUND_ADDRESSES.split(text) if _looks_like_address(word)]
    if len(found) != 1 or len(found[0]) > _LONGEST_ADDRESS:
        return None
    # Imported here: few messages get this far, and every start would pay for it.
    from email_validator import EmailNotValidError, validate_email

    try:
        # Whether the domain has a mail server is for the network to find out, not for a transaction.
        return validate_email(found[0].rstrip(".!?"), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _looks_like_address(word: str) -> bool:
    # No pattern: one that allows for an "@" on both sides takes a quarter of an hour for a message of nothing else.
    local, at, domain = word.rstrip(".!?").partition("@")
    name, _, last = domain.rpartition(".")
    return bool(local and at and name) and len(last) > 1
