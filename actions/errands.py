"""What a customer may do with tickets of theirs: add to one, close one, open one again.

The procedures `add_to_ticket`, `close_ticket` and `reopen_ticket` ask; these do. Which ticket it is: the one that was
named if it is the customer's, else the only one that fits, else the customer chooses.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import desk, turn

_UNFINISHED = ("new", "open", "waiting_for_customer", "waiting_for_third_party")
_FITTING = {
    "add_to_ticket": (_UNFINISHED, ("resolved", "closed")),
    "close_ticket": (_UNFINISHED, ("resolved",)),
    "reopen_ticket": (("resolved", "closed"), _UNFINISHED),
}
"""Procedure -> the states it is for; of the latter only when the customer has none of the former."""
_FINISHED = {"add_to_ticket": ("resolved", "closed"), "close_ticket": ("closed",), "reopen_ticket": ()}
"""States in which the procedure comes too late."""
_SHOWN = 5
_TITLE_LENGTH = 60
_MAX_TEXT = 8_000
"""What the desk takes; the whole message stands in the conversation anyway."""
_MERE_ANSWER = 3
"""Words up to which a later message is a mere answer, such as "yes please"."""

Ticket = dict[str, Any]


class FindTicket(Action):
    """Which ticket an errand is about."""

    def name(self) -> str:
        """The name in data/procedures."""
        return "action_find_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Outcomes: found (facts `ticket`, `ticket_subject`, `ticket_is`: named, guessed or finished), several,
        not_yours, merged, none."""
        procedure = turn.run(tracker)["procedure"]
        number = turn.facts(tracker).get("ticket_number")
        ticket = await _standing(tracker.sender_id, number) if number else None
        if ticket is not None:
            return _named(ticket, procedure)
        fitting = _fitting(await desk.tickets(tracker.sender_id), procedure)
        if number:
            return turn.outcome("not_yours" if fitting else "none", _titles(fitting))
        if len(fitting) == 1:
            guessed = "finished" if fitting[0]["state"] in _FINISHED[procedure] else "guessed"
            return _found("found", fitting[0], guessed)
        return turn.outcome("several", _titles(fitting)) if fitting else turn.outcome("none")


class AddToTicket(Action):
    """Adds the customer's words to a ticket."""

    def name(self) -> str:
        """The name in data/procedures."""
        return "action_add_to_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Outcomes: added, refused (the ticket was finished in between)."""
        return await _change(tracker, "additions", _addition(tracker), "added")


class CloseTicket(Action):
    """Closes a ticket because the customer says that it is solved."""

    def name(self) -> str:
        """The name in data/procedures."""
        return "action_close_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Outcomes: closed, refused (it was closed in between)."""
        return await _change(tracker, "closing", _words(tracker), "closed")


class ReopenTicket(Action):
    """Opens a ticket again because the customer says that it is not solved."""

    def name(self) -> str:
        """The name in data/procedures."""
        return "action_reopen_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Outcome: reopened; the fact `ticket` is the new ticket's number where the desk had to make one."""
        return await _change(tracker, "reopening", _words(tracker), "reopened")


async def _standing(conversation: str, number: str) -> Ticket | None:
    """The ticket of that number, or the one of the customer's that it has become part of."""
    ticket = await desk.ticket(conversation, number)
    into = ticket["merged_into"] if ticket else None
    return await desk.ticket(conversation, into) if into else ticket


def _fitting(own: list[Ticket], procedure: str) -> list[Ticket]:
    for states in _FITTING[procedure]:
        fitting = [ticket for ticket in own if ticket["state"] in states]
        if fitting:
            return fitting[:_SHOWN]
    return []


def _named(ticket: Ticket, procedure: str) -> list[Any]:
    if ticket["state"] == "merged":
        return _found("merged", ticket, "named")
    return _found("found", ticket, "finished" if ticket["state"] in _FINISHED[procedure] else "named")


def _found(outcome: str, ticket: Ticket, how: str) -> list[Any]:
    return turn.outcome(outcome, ticket=ticket["number"], ticket_subject=ticket["subject"], ticket_is=how)


def _titles(tickets: list[Ticket]) -> list[tuple[str, str]]:
    return [(each["number"], f"{each['number']} {each['subject']}"[:_TITLE_LENGTH]) for each in tickets]


def _addition(tracker: Tracker) -> str:
    """The whole message that answered the question; else the end of the first one, which told it already."""
    visits = turn.run(tracker)["visits"]
    *_, (_, _, answer, message, asked, _) = (visit for visit in visits if visit[0].endswith("add_to_ticket:text"))
    heard = turn.said(tracker, {message if asked else visits[0][3]})
    whole = heard[0][1] if heard else str(answer)
    return whole if asked else whole[max(whole.find(answer), 0) :]


def _words(tracker: Tracker) -> str:
    """What the customer said in this run, but for mere answers."""
    messages = {visit[3] for visit in turn.run(tracker)["visits"]}
    (_, first), *later = turn.said(tracker, messages) or [("", "")]
    return "\n".join((first, *(text for _, text in later if len(text.split()) > _MERE_ANSWER)))


async def _change(tracker: Tracker, resource: str, text: str, done: str) -> list[Any]:
    number = turn.facts(tracker)["ticket"]
    body = {"message_id": turn.message_id(tracker), "text": text[:_MAX_TEXT]}
    try:
        ticket = await desk.call("POST", tracker.sender_id, f"tickets/{number}/{resource}", body)
    except desk.DeskFailed as failed:
        if failed.status != 409:
            raise
        return turn.outcome("refused")
    return turn.outcome(done, ticket=ticket["number"])
