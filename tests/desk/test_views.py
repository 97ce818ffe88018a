"""Saved views."""

from __future__ import annotations

import pytest

from desk import search, views
from desk.console import texts
from desk.model.errors import Invalid, NotAllowed, NotFound
from desk.model.search import Assignee, Filters
from desk.model.technician import Role, Technician
from desk.model.ticket import State
from desk.store import technicians
from desk.store.database import Database
from tests.desk.conftest import Clock

URGENT = Filters(text="printer", states=(State.NEW,), priority=1)


@pytest.fixture
def lea(database: Database, clock: Clock) -> Technician:
    """A team lead."""
    with database.transaction() as tx:
        return technicians.create(tx, "lea@example.org", "Lea", Role.LEAD, "-", False, clock())


def names(database: Database, technician: Technician) -> list[tuple[str, bool]]:
    with database.snapshot() as tx:
        return [(view.name, view.shared) for view in views.saved(tx, technician)]


def test_a_view_is_its_owners_and_a_shared_one_is_everybodys(
    database: Database, clock: Clock, tess: Technician, tom: Technician, lea: Technician
) -> None:
    with database.transaction() as tx:
        view = views.save(tx, tess, "  My  urgent ones ", URGENT, clock())
        views.save(tx, lea, "Zebra", Filters(assignee=Assignee.ME), clock(), shared=True)
        views.save(tx, tess, "alpha", Filters(), clock())
        assert views.get(tx, view.id, tess).filters == URGENT
        with pytest.raises(NotFound):
            views.get(tx, view.id, tom)
    assert names(database, tess) == [("Zebra", True), ("alpha", False), ("My urgent ones", False)]
    assert names(database, tom) == [("Zebra", True)]


def test_views_are_changed_and_deleted_by_who_may(
    database: Database, clock: Clock, tess: Technician, tom: Technician, lea: Technician
) -> None:
    with database.transaction() as tx:
        own = views.save(tx, tess, "Own", URGENT, clock())
        shared = views.save(tx, lea, "All", URGENT, clock(), shared=True)
        assert views.change(tx, own.id, Filters(team="onsite"), tess).filters == Filters(team="onsite")
        assert views.change(tx, shared.id, Filters(team="onsite"), lea).shared
        for refused in (
            lambda: views.change(tx, shared.id, Filters(), tess),
            lambda: views.delete(tx, shared.id, tess),
            lambda: views.save(tx, tess, "x", Filters(), clock(), shared=True),
        ):
            with pytest.raises(NotAllowed):
                refused()
        for unseen in (lambda: views.delete(tx, own.id, tom), lambda: views.change(tx, own.id, Filters(), lea)):
            with pytest.raises(NotFound):
                unseen()
        views.delete(tx, own.id, tess)
        views.delete(tx, shared.id, lea)
    assert names(database, tess) == []


def test_names_are_checked(database: Database, clock: Clock, tess: Technician) -> None:
    wrong = {" ": "empty", "x" * 101: "too_long", "a\x00": "binary", "OWN": "taken"}
    with database.transaction() as tx:
        views.save(tx, tess, "Own", URGENT, clock())
        for name, rule in wrong.items():
            with pytest.raises(Invalid) as refused:
                views.save(tx, tess, name, URGENT, clock())
            assert (refused.value.field, refused.value.rule) == ("name", rule)


def test_there_is_an_end_to_how_many_one_may_keep(
    database: Database, clock: Clock, tess: Technician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_VIEWS", 1)
    with database.transaction() as tx:
        views.save(tx, tess, "One", URGENT, clock())
        with pytest.raises(Invalid):
            views.save(tx, tess, "Two", URGENT, clock())


def test_every_built_in_view_has_a_name_in_each_language_and_can_be_shown(database: Database, tess: Technician) -> None:
    for spoken in texts.load().values():
        for key in views.BUILT_IN:
            assert spoken.has(f"views.built_in.{key}")
    with database.snapshot() as tx:
        for filters in views.BUILT_IN.values():
            assert search.parse(search.serialise(filters)) == filters
            assert search.find(tx, filters, me=tess.id).hits == []
