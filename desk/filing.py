"""Tickets that no conversation led to: filed by a technician, for whoever called or came by, or by another program."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.procedures.secrets import mask
from bot.procedures.words import Words
from channels.contract import Author, Owner
from desk import alerts, clocks, tickets
from desk.model.alert import Kind
from desk.model.conversation import Reason
from desk.model.errors import Invalid
from desk.model.ticket import HIGHEST, LOWEST, Details, Ticket, Who
from desk.store import conversations, customers, messages, teams
from desk.store import tickets as store
from desk.store.database import Transaction

CHANNEL = "desk"
"""Where such tickets come in: no network's name."""
MAX_NAME = 200
MAX_EMAIL = 320


def file_ticket(
    tx: Transaction,
    who: Who,
    requester_name: str,
    requester_email: str,
    details: Details,
    description: str,
    cause_key: str,
    now: datetime,
    words: Words,
) -> Ticket:
    """File a ticket; it waits in the queue, in a conversation that has no way to the customer.

    requester_email may be empty; a customer who is known by it gets the ticket. details: the subject is required; its
    reason is always "filed". description: what is the matter, which stands as the requester's words; may be empty.
    Passwords and the like in both are stored as a mark, as those of any customer are; `words` tells how they are given.
    cause_key is unique, at most 100 characters: filing again what was filed already changes nothing.

    Returns the ticket.

    Raises:
        Invalid: a text is missing, too long or no text; the address is none; there is no such category or team; impact
            or urgency is off its scale.
    """
    details = _checked(tx, replace(details, subject=mask(details.subject or "", words)))
    name = tickets.checked(requester_name, "requester_name", MAX_NAME)
    email = _address(requester_email)
    text = tickets.checked(mask(description, words), "description") if description.strip() else ""
    filed = store.caused_by(tx, cause_key)
    if filed is not None:
        return filed
    customer = customers.requester(tx, name, email, now)
    conversations.create(tx, customer, CHANNEL, "", cause_key, None, now)
    conversation = conversations.find(tx, CHANNEL, "", cause_key, lock=True)
    assert conversation is not None  # by this transaction, or by one this one waited for
    filed = store.caused_by(tx, cause_key)
    if filed is not None:
        return filed
    if text:
        messages.append(tx, conversation.id, Author.CUSTOMER, text, now)
    ticket = tickets.create(tx, conversation, details, cause_key, now, who, from_seq=1)
    conversations.change_owner(tx, conversation, owner=Owner.QUEUE.value, reason=Reason.FILED.value, waiting_since=now)
    clocks.follow(tx, conversation.id, now)
    alerts.raise_(tx, conversations.get(tx, conversation.id), Kind.HANDOVER, now)
    return store.get(tx, ticket.id)


def _checked(tx: Transaction, details: Details) -> Details:
    if details.category and teams.find_category(tx, details.category) is None:
        raise Invalid("category", "unknown")
    if details.team and teams.find(tx, details.team) is None:
        raise Invalid("team", "unknown")
    for field, level in (("impact", details.impact), ("urgency", details.urgency)):
        if level is not None and not HIGHEST <= level <= LOWEST:
            raise Invalid(field, "range")
    subject = tickets.checked(details.subject or "", "subject", tickets.MAX_SUBJECT)
    return replace(details, subject=subject, reason=Reason.FILED)


def _address(email: str) -> str | None:
    """The address in lower case, as identities are kept; only what cannot be one is refused."""
    email = email.strip().lower()
    if not email:
        return None
    local, _, host = email.rpartition("@")
    if not local or not host or len(email) > MAX_EMAIL or any(c.isspace() or ord(c) < 32 for c in email):
        raise Invalid("requester_email", "malformed")
    return email
