"""One cause, many customers."""

from __future__ import annotations

import pytest

from channels.contract import Author
from desk import conversations, incidents, merging, tickets
from desk.model.errors import Conflict
from desk.model.technician import Technician
from desk.model.ticket import Link, State
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock


def test_everybody_affected_is_told_on_their_own_channel_and_nobody_else(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    cause, alice, bob, solved, other = (
        cases.begin("carol", "The network is down"),
        cases.begin("alice", "The network is down"),
        cases.begin("bob", "The network is down", channel="telegram"),
        cases.begin("dave", "The network is down"),
        cases.begin("erin", "The network is down"),
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
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    alone = cases.begin("carol", "The network is down")
    with pytest.raises(Conflict), database.transaction() as tx:
        incidents.tell(tx, alone.number, tess, "Hello?", clock())
