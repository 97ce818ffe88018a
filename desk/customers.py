"""Customers: finding them, and correcting what is known about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.contract import Owner
from desk import alerts
from desk.model import checks
from desk.model.alert import Kind
from desk.model.customer import Customer, Identity
from desk.model.errors import Invalid
from desk.model.event import EventType, about_customer
from desk.store import conversations, customers, events
from desk.store import identities as identities_store
from desk.store.database import Transaction

MAX_NAME, MAX_EMAIL = 200, 320
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants changed; None leaves it, ``""`` empties it."""

    name: str | None = None
    email: str | None = None
    language: str | None = None


def get(tx: Transaction, customer: int) -> Customer:
    """One customer.

    Raises:
        NotFound: there is no such customer.
    """
    return customers.get(tx, customer)


def identities(tx: Transaction, customer: int) -> Sequence[Identity]:
    """The addresses a customer is known by."""
    return customers.identities_of(tx, customer)


def unreachable(tx: Transaction, channel: str, address: str, detail: str, now: datetime) -> None:
    """The network says that `address` takes no messages any more (`detail`: why); who waits for people is told of."""
    if not identities_store.unreachable(tx, channel, address, detail, now):
        return
    for conversation in conversations.answered_at(tx, channel, address):
        tx.touch(conversation.id)
        if conversation.owner is not Owner.BOT:
            alerts.raise_(tx, conversation, Kind.UNDELIVERED, now)


def edit(tx: Transaction, customer: int, wanted: Edit, now: datetime) -> Customer:
    """Change what is known about a customer.

    Raises:
        Invalid: a value is not acceptable.
        NotFound: there is no such customer.
    """
    before = customers.get(tx, customer, lock=True)
    values = {
        "name": before.name if wanted.name is None else _name(wanted.name),
        "email": before.email if wanted.email is None else _matching(_EMAIL, wanted.email, "email", MAX_EMAIL),
        "language": before.language
        if wanted.language is None
        else _matching(_LANGUAGE, wanted.language, "language", 2),
    }
    if values == {field: getattr(before, field) for field in values}:
        return before
    customers.change(tx, customer, **values)
    after = customers.get(tx, customer)
    events.emit(tx, EventType.CUSTOMER_UPDATED, lambda: about_customer(after), now)
    return after


def _name(name: str) -> str | None:
    return checks.text(name, "name", MAX_NAME) if name.strip() else None


def _matching(pattern: re.Pattern[str], text: str, field: str, longest: int) -> str | None:
    text = text.strip()
    if text and (len(text) > longest or "\x00" in text or not pattern.fullmatch(text)):
        raise Invalid(field, "malformed")
    return text or None
