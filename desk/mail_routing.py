"""Which conversation a mail belongs to: the first rule that holds, in the order of `desk.model.letter.Rule`."""

from __future__ import annotations

from dataclasses import dataclass

from channels.letter import Letter
from desk import tickets as use
from desk.model.letter import Rule, ticket_numbers
from desk.store import cases, mail_threads, tickets
from desk.store import letters as store
from desk.store.database import Transaction
from desk.store.letters import Known

MOST_REFERENCES = 50
"""So many of the mails that a mail refers to are looked at, the nearest ones."""
_MOST_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, and the rule by which a mail belongs to it."""

    conversation: int
    rule: Rule


def find(tx: Transaction, letter: Letter, address: str, referred: Known | None) -> Found | None:
    """The conversation that a mail from `address` belongs to; whether its sender takes part is another question.

    referred: what is known of its own Message-ID: mails that came sooner may refer to it.
    """
    found = _by_references(tx, letter, address, referred) or _by_signature(tx, letter)
    if found is not None and not _only_for_others(tx, found.conversation, address):
        return found
    return _by_number(tx, letter, address)


def _by_references(tx: Transaction, letter: Letter, address: str, referred: Known | None) -> Found | None:
    bounced = [one.message_id for one in letter.bounces if one.message_id]
    known = [store.known(tx, mail_id) for mail_id in (*bounced, *letter.references[:MOST_REFERENCES])]
    met = [one for one in known if one is not None]
    for one in met:
        if one.message is not None:
            return Found(one.conversation, Rule.MESSAGE_ID)
    if referred is not None:
        return Found(referred.conversation, Rule.MESSAGE_ID)
    for one in met:
        # Only another mail refers to it: two who forward the same mail do not share a conversation by that.
        if mail_threads.takes_part(tx, one.conversation, address):
            return Found(one.conversation, Rule.MESSAGE_ID)
    return None


def _by_signature(tx: Transaction, letter: Letter) -> Found | None:
    signed = ((letter.answers_own, Rule.SIGNED_MESSAGE_ID), (letter.signed_conversation, Rule.SIGNED_ADDRESS))
    for conversation, rule in signed:
        if conversation is not None and store.exists(tx, conversation):
            return Found(conversation, rule)
    return None


def _only_for_others(tx: Transaction, conversation: int, address: str) -> bool:
    """A machine wrote to several, and one of them writes to us about it: that is no conversation to take part in."""
    return conversation in mail_threads.automatic(tx, [conversation]) and not mail_threads.takes_part(
        tx, conversation, address
    )


def _by_number(tx: Transaction, letter: Letter, address: str) -> Found | None:
    if letter.authentication is not None and letter.authentication.spoofed:
        return None
    for number in ticket_numbers(letter.subject)[:_MOST_NUMBERS]:
        named = tickets.id_of(number)
        ticket = tickets.some(tx, [named]).get(named) if named is not None else None
        if ticket is None:
            continue
        for conversation in reversed(cases.conversations_of(tx, use.standing(tx, ticket).id)):
            if mail_threads.takes_part(tx, conversation, address):
                return Found(conversation, Rule.TICKET_NUMBER)
    return None
