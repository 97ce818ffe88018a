"""Customers: who they are, and what they asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from desk import customers
from desk.api.problems import refusals
from desk.api.v1.context import AtDesk, Me
from desk.api.v1.fields import Before, Email, Language, Limit, Name, PathId, Search, Sent
from desk.api.v1.shapes import CustomerOut, CustomerView
from desk.store import conversations, tickets
from desk.store import customers as store
from desk.store.database import Transaction

router = APIRouter(prefix="/customers", tags=["customers"])


class CustomerPage(BaseModel):
    """Some customers, the newest first."""

    customers: list[CustomerOut]
    next: int | None
    """Ask with it as `before` for more; null when these were the last."""


class CustomerPatch(Sent):
    """What is to be changed; what is left out stays, and null empties it."""

    name: Name | None = None
    email: Email | None = None
    language: Language | None = None


def _view(tx: Transaction, customer: int) -> CustomerView:
    found = CustomerOut.model_validate(customers.get(tx, customer))
    return CustomerView.model_validate(
        {
            **found.model_dump(),
            "identities": customers.identities(tx, customer),
            "conversations": conversations.of_customer(tx, customer),
            "tickets": tickets.of_customer(tx, customer),
        }
    )


@router.get("", summary="Find customers")
async def list_customers(
    here: AtDesk, _: Me, q: Annotated[Search | None, Query()] = None, before: Before = None, limit: Limit = 50
) -> CustomerPage:
    """`q` is a part of a name, a mail address, or an address on a channel."""
    page = await here.read(lambda tx: store.page(tx, q=q, before=before, limit=limit))
    found = [CustomerOut.model_validate(customer) for customer in page.items]
    return CustomerPage(customers=found, next=page.following)


@router.get("/{customer}", summary="A customer", responses=refusals(404))
async def get_customer(here: AtDesk, _: Me, customer: PathId) -> CustomerView:
    """With their addresses on channels, and their newest conversations and tickets."""
    return await here.read(lambda tx: _view(tx, customer))


@router.patch("/{customer}", summary="Change a customer", responses=refusals(404))
async def change_customer(here: AtDesk, _: Me, customer: PathId, wanted: CustomerPatch) -> CustomerOut:
    """Correct name, mail address or language."""
    values = {field: getattr(wanted, field) or "" for field in wanted.model_fields_set}
    changed = await here.write(lambda tx, now: customers.edit(tx, customer, customers.Edit(**values), now))
    return CustomerOut.model_validate(changed)
