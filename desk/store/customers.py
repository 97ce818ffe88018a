"""Customers and the addresses by which channels know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, or_, select, update

from desk.model.customer import Customer, Identity
from desk.model.errors import NotFound
from desk.model.page import Page
from desk.store import dialects, pages
from desk.store.database import Transaction
from desk.store.tables import customers, identities

MAIL = "email"
"""Identities of this kind are mail addresses."""


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
    found = identify(tx, MAIL, email, name=name, language=None, now=now)
    for column, value in ((customers.c.name, name), (customers.c.email, email)):
        unknown = customers.c.id == found, column.is_(None)
        tx.connection.execute(update(customers).where(*unknown).values({column.name: value}))
    return found


def email(tx: Transaction, customer: int) -> str | None:
    """The address a customer can be written to, if one is known."""
    by_mail = select(identities.c.address).where(identities.c.customer_id == customer, identities.c.channel == MAIL)
    known = func.coalesce(customers.c.email, by_mail.order_by(identities.c.id).limit(1).scalar_subquery())
    return tx.connection.execute(select(known).where(customers.c.id == customer)).scalar()


def set_email(tx: Transaction, customer: int, address: str) -> None:
    """Remember where a customer can be written to."""
    tx.connection.execute(update(customers).where(customers.c.id == customer).values(email=address))


def _read(row: Row[Any]) -> Customer:
    return Customer(row.id, row.name, row.email, row.language, row.created_at)


def get(tx: Transaction, customer: int, *, lock: bool = False) -> Customer:
    """The customer with this id; with `lock`, nobody else changes them until this transaction ends.

    Raises:
        NotFound: there is no such customer.
    """
    query = select(customers).where(customers.c.id == customer)
    row = tx.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("customer", customer)
    return _read(row)


def identities_of(tx: Transaction, customer: int) -> Sequence[Identity]:
    """The addresses a customer is known by, the oldest first."""
    query = select(identities).where(identities.c.customer_id == customer).order_by(identities.c.id)
    return [
        Identity(row.channel, row.address, row.created_at, row.linked_at, row.unreachable_detail)
        for row in tx.connection.execute(query)
    ]


def change(tx: Transaction, customer: int, **values: object) -> None:
    """Set columns of a customer."""
    tx.connection.execute(update(customers).where(customers.c.id == customer).values(**values))


def page(tx: Transaction, *, q: str | None = None, before: int | None = None, limit: int = 50) -> Page[Customer]:
    """Customers, the newest first; `q` is a part of their name, mail address or address on a channel."""
    query = select(customers)
    if q:
        known = exists().where(
            identities.c.customer_id == customers.c.id, identities.c.address.icontains(q, autoescape=True)
        )
        named = (column.icontains(q, autoescape=True) for column in (customers.c.name, customers.c.email))
        query = query.where(or_(*named, known))
    return pages.page(tx, query, customers.c.id, _read, before, limit)
