"""Actions around tickets."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import desk

_SHOWN = 3
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
        message_id = tracker.latest_message["metadata"]["message_id"]
        ticket = await desk.call("POST", tracker.sender_id, "tickets", {"message_id": message_id, **body})
        response = "utter_ticket_opened" if ticket["people_available"] else "utter_ticket_opened_later"
        dispatcher.utter_message(response=response, number=ticket["number"])
        return [SlotSet("handover", {"reason": about["reason"], "ticket": ticket["number"]})]


class TicketStatus(Action):
    """Tells how the customer's tickets stand."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_ticket_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Say the state of the newest tickets, or of the one that is named, or that there is none."""
        tickets = (await desk.call("GET", tracker.sender_id, "tickets"))["tickets"]
        named = next(tracker.get_latest_entity_values("ticket_number"), None)
        asked = [ticket for ticket in tickets if ticket["number"] == named] if named else tickets[:_SHOWN]
        if not asked:
            dispatcher.utter_message(response="utter_not_your_ticket" if named else "utter_no_tickets", number=named)
        for ticket in asked:
            response = f"utter_ticket_{ticket['state']}"
            dispatcher.utter_message(response=response, number=ticket["number"], subject=ticket["subject"])
        return []
