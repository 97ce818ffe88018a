"""One cause, many customers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from channels.contract import Author
from desk import conversations, incidents, merging, tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict
from desk.model.technician import Technician
from desk.model.ticket import Details, Link, State, Ticket
from desk.store import conversations as store
from desk.store.database import Database
from tests.desk.conftest import Clock


@pytest.fixture
def opened(database: Database, clock: Clock, write: Callable[..., int]) -> Callable[..., Ticket]:
    """Have somebody write, and open a ticket for it."""

    def do(who: str, channel: str = "web") -> Ticket:
        conversation = write("The network is down", who, channel=channel)
        with database.transaction() as tx:
            current = store.get(tx, conversation, lock=True)
            return tickets.open_ticket(tx, current, Details(Reason.ASKED), "m", clock())[0]

    return do


def test_everybody_affected_is_told_on_their_own_channel_and_nobody_else(
    database: Database, opened: Callable[..., Ticket], clock: Clock, tess: Technician
) -> None:
    cause, alice, bob, solved, other = (
        opened("carol"),
        opened("alice"),
        opened("bob", "telegram"),
        opened("dave"),
        opened("erin"),
    )
    with database.transaction() as tx:
        for ticket in (alice, bob, solved):
            merging.link(tx, ticket.number, cause.number, Link.CAUSED_BY, tess, clock())
        tickets.edit(tx, solved.number, tickets.Edit(state=State.RESOLVED, resolution="Cable"), tess, None, clock())
        assert incidents.tell(tx, cause.number, tess, "The switch is being replaced.", clock()) == 2
    with database.snapshot() as tx:
        said = {
            number: [m.text for m in conversations.view(tx, number).messages if m.author is Author.DESK]
            for number in range(1, 6)
        }
    told = ["The switch is being replaced."]
    assert said == {1: [], 2: told, 3: told, 4: [], 5: []}
    assert other.unfinished


def test_an_incident_that_affects_nobody_has_nobody_to_tell(
    database: Database, opened: Callable[..., Ticket], clock: Clock, tess: Technician
) -> None:
    alone = opened("carol")
    with pytest.raises(Conflict), database.transaction() as tx:
        incidents.tell(tx, alone.number, tess, "Hello?", clock())
