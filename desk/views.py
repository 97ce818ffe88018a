"""Views: lists of tickets by a name. Some come with the desk; technicians save their own; leads save some for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk import search
from desk.model import checks
from desk.model.errors import Invalid, NotFound
from desk.model.search import Assignee, Filters
from desk.model.technician import Permission, Technician, require
from desk.model.ticket import UNFINISHED, State
from desk.store import views
from desk.store.database import Transaction

MAX_NAME = 100
MAX_VIEWS = 100
"""Of a technician, and as many for all."""

_UNFINISHED = tuple(state for state in State if state in UNFINISHED)
BUILT_IN: Mapping[str, Filters] = {
    "mine": Filters(states=_UNFINISHED, assignee=Assignee.ME),
    "unassigned": Filters(states=_UNFINISHED, assignee=Assignee.NOBODY),
    "waiting_for_customer": Filters(states=(State.WAITING_FOR_CUSTOMER,)),
    "unfinished": Filters(states=_UNFINISHED),
    "resolved": Filters(states=(State.RESOLVED,)),
}
"""The views every desk has, by key. The console has their names, in both languages: ``views.built_in.<key>``."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view. `shared`: everybody has it."""

    id: int
    name: str
    filters: Filters
    shared: bool


def saved(tx: Transaction, technician: Technician) -> Sequence[View]:
    """The saved views a technician has: everybody's, then their own, by name."""
    return [_read(found) for found in views.of(tx, technician.id)]


def get(tx: Transaction, view: int, technician: Technician) -> View:
    """One of the views a technician has.

    Raises:
        NotFound: they have no such view.
    """
    found = views.get(tx, view)
    if found.technician not in {None, technician.id}:
        raise NotFound("view", view)
    return _read(found)


def save(
    tx: Transaction, technician: Technician, name: str, filters: Filters, now: datetime, *, shared: bool = False
) -> View:
    """Keep `filters` as a view, for the technician or, when `shared`, for everybody.

    Raises:
        Invalid: the name is empty, too long or taken, or there are too many views.
        NotAllowed: sharing needs the permission.
    """
    if shared:
        require(technician, Permission.SHARE)
    present = [view for view in saved(tx, technician) if view.shared is shared]
    if len(present) >= MAX_VIEWS:
        raise Invalid("name", "too_many")
    name = _name(name, present)
    added = views.add(tx, None if shared else technician.id, name, search.serialise(filters), now)
    return get(tx, added, technician)


def change(tx: Transaction, view: int, filters: Filters, technician: Technician) -> View:
    """Let a view show something else.

    Raises:
        NotAllowed: it is everybody's, and changing those needs the permission.
        NotFound: the technician has no such view.
    """
    _own(tx, view, technician)
    views.change(tx, view, filters=search.serialise(filters))
    return get(tx, view, technician)


def delete(tx: Transaction, view: int, technician: Technician) -> None:
    """Forget a view.

    Raises:
        NotAllowed, NotFound: as for `change`.
    """
    _own(tx, view, technician)
    views.remove(tx, view)


def _own(tx: Transaction, view: int, technician: Technician) -> View:
    found = get(tx, view, technician)
    if found.shared:
        require(technician, Permission.SHARE)
    return found


def _read(found: views.Saved) -> View:
    return View(found.id, found.name, search.parse(found.filters), found.technician is None)


def _name(name: str, others: Sequence[View]) -> str:
    name = checks.line(name, "name", MAX_NAME)
    if any(other.name.casefold() == name.casefold() for other in others):
        raise Invalid("name", "taken")
    return name
