"""Customers and the addresses by which channels know them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import customers, identities


def identify(
    tx: Transaction, channel: str, address: str, *, name: str | None, language: str | None, now: datetime
) -> int:
    """The id of the customer known by `address` on `channel`; made when nobody is."""
    known = select(identities.c.customer_id).where(identities.c.channel == channel, identities.c.address == address)
    found = tx.connection.execute(known).scalar()
    if found is not None:
        return int(found)
    made = tx.connection.execute(
        insert(customers).values(name=name, language=language, created_at=now).returning(customers.c.id)
    ).scalar_one()
    new = dialects.insert(tx, identities).values(customer_id=made, channel=channel, address=address, created_at=now)
    if tx.connection.execute(new.on_conflict_do_nothing().returning(identities.c.id)).scalar() is None:
        # Another process met the same customer in this very moment and won.
        tx.connection.execute(delete(customers).where(customers.c.id == made))
        return int(tx.connection.execute(known).scalar_one())
    return int(made)


def requester(tx: Transaction, name: str, email: str | None, now: datetime) -> int:
    """The id of the customer for whom a ticket is filed: who is known by `email`, else somebody new.

    A known customer keeps the name they gave themselves; one without a name gets this one.
    """
    if email is None:
        new = insert(customers).values(name=name, created_at=now).returning(customers.c.id)
        return int(tx.connection.execute(new).scalar_one())
    found = identify(tx, "email", email, name=name, language=None, now=now)
    unnamed = customers.c.id == found, customers.c.name.is_(None)
    tx.connection.execute(update(customers).where(*unnamed).values(name=name))
    return found


def email(tx: Transaction, customer: int) -> str | None:
    """The address a customer can be written to, if one is known."""
    return tx.connection.execute(select(customers.c.email).where(customers.c.id == customer)).scalar()


def set_email(tx: Transaction, customer: int, address: str) -> None:
    """Remember where a customer can be written to."""
    tx.connection.execute(update(customers).where(customers.c.id == customer).values(email=address))
