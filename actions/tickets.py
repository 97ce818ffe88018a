"""Actions around tickets."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import desk

_SHOWN = 3
_WORKED_ON = ("new", "open", "waiting_for_third_party")
_FIELDS = ("reason", "procedure", "category", "team", "impact", "urgency", "note", "facts")


class OpenTicket(Action):
    """Opens the ticket of a handover; the procedure policy left what it is about in `procedure_state`."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_open_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Open a ticket, once per message, and say its number."""
        about = (tracker.get_slot("procedure_state") or {}).get("handover") or {"reason": "asked"}
        body = {field: about.get(field) for field in _FIELDS} | {"facts": about.get("facts") or {}}
        language = tracker.latest_message.get("language") or tracker.get_slot("language")
        if language:
            # What the desk has on record is the language of the turn before.
            body["language"] = language
        message_id = tracker.latest_message["metadata"]["message_id"]
        ticket = await desk.call("POST", tracker.sender_id, "tickets", {"message_id": message_id, **body})
        dispatcher.utter_message(
            response=_opened(ticket), number=ticket["number"], expectation=ticket.get("expectation")
        )
        return [SlotSet("handover", {"reason": about["reason"], "ticket": ticket["number"]})]


class TicketStatus(Action):
    """Tells how the customer's tickets stand."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_ticket_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Say the state of the newest tickets, or of the one that is named, or that there is none."""
        named = next(tracker.get_latest_entity_values("ticket_number"), None)
        asked = await (_named(tracker.sender_id, named) if named else _newest(tracker.sender_id))
        if not asked:
            dispatcher.utter_message(response="utter_not_your_ticket" if named else "utter_no_tickets", number=named)
        for ticket in asked:
            dispatcher.utter_message(
                response=_state(ticket),
                number=ticket["number"],
                subject=ticket["subject"],
                who=_who(ticket),
                into=ticket["merged_into"],
            )
        return []


def _opened(ticket: dict[str, Any]) -> str:
    if ticket.get("expectation"):
        return "utter_ticket_passed_on"
    return "utter_ticket_opened" if ticket["people_available"] else "utter_ticket_opened_later"


async def _named(conversation: str, number: str) -> list[dict[str, Any]]:
    """That ticket; when it has become part of another one of the customer's, that one too."""
    ticket = await desk.ticket(conversation, number)
    if ticket is None:
        return []
    into = await desk.ticket(conversation, ticket["merged_into"]) if ticket["merged_into"] else None
    return [ticket, into] if into else [ticket]


async def _newest(conversation: str) -> list[dict[str, Any]]:
    """What has become part of another one of the customer's is left out: that one is there."""
    return [ticket for ticket in await desk.tickets(conversation) if not ticket["merged_into"]][:_SHOWN]


def _state(ticket: dict[str, Any]) -> str:
    """The response for the ticket's state; `…_by` where it is known who works on it, or will."""
    if ticket["merged_into"]:
        return "utter_ticket_merged_into"
    known = ticket["state"] in _WORKED_ON and _who(ticket)
    return f"utter_ticket_{ticket['state']}{'_by' if known else ''}"


def _who(ticket: dict[str, Any]) -> str | None:
    return ticket["assignee"] or ticket["team"]
