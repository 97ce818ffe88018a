"""What a technician wrote and nobody fetches, because the customer has closed the page: it goes by mail instead."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from desk.model.conversation import Route
from desk.store import customers, unread
from desk.store.customers import MAIL
from desk.store.database import Transaction

WAITS = timedelta(minutes=10)
"""So long a reply waits for the page to be opened again."""


def send_by_mail(tx: Transaction, fetching: Collection[str], now: datetime) -> int:
    """Send by mail what waits for longer, where the customer's address is known. Returns how many replies that were.

    fetching: the kinds of channels whose clients fetch their messages. Who opens the page again finds it there, too.
    """
    sent = 0
    for reply in unread.replies(tx, fetching, now - WAITS):
        address = customers.email(tx, reply.customer)
        if address is not None:
            sent += unread.redirect(tx, reply, Route(MAIL, address))
    return sent
