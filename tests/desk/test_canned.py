"""Canned replies: who may write and use which, and what becomes of their placeholders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk import canned
from desk.model.canned import Draft, Placeholder, fill
from desk.model.errors import Invalid, NotAllowed, NotFound
from desk.model.technician import Role, Technician
from desk.store import canned as store
from desk.store import teams
from desk.store.database import Database
from tests.desk.conftest import Clock

HELLO = Draft("hello", "Greeting", "Dear {customer},\nthis is {me}.", "Beste {customer},\ndit is {me}.")


@pytest.fixture
def lena(tess: Technician) -> Technician:
    """A lead."""
    return replace(tess, role=Role.LEAD)


def test_a_technician_sees_what_is_for_everybody_and_for_the_own_teams(
    database: Database, clock: Clock, lena: Technician, tom: Technician
) -> None:
    with database.transaction() as tx:
        for team in (None, "network", "security"):
            canned.create(tx, lena, replace(HELLO, shortcut=team or "all", team=team), clock())
        teams.set_members(tx, "network", [tom.id])
        assert [one.shortcut for one in canned.for_technician(tx, tom)] == ["all", "network"]
        assert [one.shortcut for one in canned.for_technician(tx, lena)] == ["all"]


def test_it_can_be_changed_and_deleted(database: Database, clock: Clock, lena: Technician) -> None:
    with database.transaction() as tx:
        made = canned.create(tx, lena, HELLO, clock())
        canned.change(tx, lena, made.id, replace(HELLO, shortcut=" /Hi ", title="Hi"), clock.tick())
        changed = store.get(tx, made.id)
        assert (changed.shortcut, changed.title, changed.updated_at) == ("hi", "Hi", clock())
        canned.delete(tx, lena, made.id)
        with pytest.raises(NotFound):
            canned.change(tx, lena, made.id, HELLO, clock())


def test_agents_use_them_but_do_not_write_them(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        with pytest.raises(NotAllowed):
            canned.create(tx, tess, HELLO, clock())
        with pytest.raises(NotAllowed):
            canned.delete(tx, tess, 1)


def test_what_customers_could_not_read_is_refused(database: Database, clock: Clock, lena: Technician) -> None:
    refusals = [
        ({"shortcut": "two words"}, "shortcut", "malformed"),
        ({"shortcut": "taken"}, "shortcut", "taken"),
        ({"title": " "}, "title", "empty"),
        ({"text_nl": ""}, "text_nl", "empty"),
        ({"text_en": "x" * 8_001}, "text_en", "too_long"),
        ({"text_en": "x\x00"}, "text_en", "binary"),
        ({"text_en": "Dear {costumer}"}, "text_en", "placeholder"),
        ({"team": "nobody"}, "team", "unknown"),
    ]
    with database.transaction() as tx:
        canned.create(tx, lena, replace(HELLO, shortcut="taken"), clock())
        for wrong, field, rule in refusals:
            with pytest.raises(Invalid) as refused:
                canned.create(tx, lena, replace(HELLO, **wrong), clock())
            assert (refused.value.field, refused.value.rule) == (field, rule)


def test_putting_one_replaces_that_of_the_same_shortcut(database: Database, clock: Clock, lena: Technician) -> None:
    with database.transaction() as tx:
        first = canned.put(tx, lena, HELLO, clock())
        again = canned.put(tx, lena, replace(HELLO, title="Another"), clock())
        assert (again.id, again.title) == (first.id, "Another")


def test_placeholders_are_filled_and_those_without_a_value_leave_no_gap() -> None:
    text = "Dear {customer}, about {ticket}: {unrelated} {me}"
    values = {Placeholder.TICKET: "T-7", Placeholder.ME: "Tess"}
    assert fill(text, values) == "Dear, about T-7: {unrelated} Tess"
    assert fill(text, {**values, Placeholder.CUSTOMER: "{me}"}) == "Dear {me}, about T-7: {unrelated} Tess"
