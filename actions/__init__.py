"""Custom actions: thin calls of the desk's internal API. Rasa's action server finds them here."""

from actions.tickets import OpenTicket, TicketStatus

__all__ = ["OpenTicket", "TicketStatus"]
