"""Teams, hours, categories and priorities, as administrators set them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from channels.contract import Author
from desk import conversations, teams, tickets
from desk.model.conversation import Reason
from desk.model.errors import Invalid, NotAllowed, NotFound
from desk.model.team import Category, Team, read_intervals, write_intervals
from desk.model.technician import OPERATOR, Technician
from desk.model.ticket import Details, Who
from desk.store import teams as store
from desk.store.database import Database
from tests.desk.conftest import Clock

FIELD = Team("field", "Field", "Buitendienst", "Europe/Brussels", "DE-BY", 3, fallback=False, active=True)


def test_a_team_is_made_and_changed(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        teams.create(tx, OPERATOR, replace(FIELD, holidays="de-by", name_en="  Field  team "), clock())
        teams.set_members(tx, OPERATOR, "field", [tess.id])
        teams.set_hours(tx, OPERATOR, "field", {1: [(780, 1050), (480, 720)], 2: []})
        teams.close_on(tx, OPERATOR, "field", date(2026, 5, 5), "Company day")
        teams.close_on(tx, OPERATOR, "field", date(2026, 5, 5), "Outing")
        view = teams.view(tx, "field")
        assert (view.team.name_en, view.team.holidays, view.members) == ("Field team", "DE-BY", frozenset({tess.id}))
        assert view.hours == {1: [(480, 720), (780, 1050)]}
        assert view.closed_days == {date(2026, 5, 5): "Outing"}
        teams.open_on(tx, OPERATOR, "field", date(2026, 5, 5))
        teams.change(tx, OPERATOR, replace(view.team, reopen_days=9))
        assert (teams.view(tx, "field").team.reopen_days, teams.view(tx, "field").closed_days) == (9, {})
        with pytest.raises(NotFound):
            teams.open_on(tx, OPERATOR, "field", date(2026, 5, 5))


def test_a_team_that_could_not_work_is_refused(database: Database, clock: Clock) -> None:
    refusals: list[tuple[dict[str, object], str, str]] = [
        ({"key": "Field team"}, "key", "malformed"),
        ({"key": "network"}, "key", "taken"),
        ({"name_nl": " "}, "name_nl", "empty"),
        ({"name_en": "x" * 201}, "name_en", "too_long"),
        ({"name_en": "x\x00"}, "name_en", "binary"),
        ({"time_zone": "Europe/Utrecht"}, "time_zone", "unknown"),
        ({"holidays": "XX"}, "holidays", "unknown"),
        ({"holidays": "DE-XX"}, "holidays", "unknown"),
        ({"reopen_days": 366}, "reopen_days", "range"),
        ({"fallback": True, "active": False}, "fallback", "inactive"),
    ]
    with database.transaction() as tx:
        for wrong, field, rule in refusals:
            with pytest.raises(Invalid) as refused:
                teams.create(tx, OPERATOR, replace(FIELD, **wrong), clock())  # type: ignore[arg-type]
            assert (refused.value.field, refused.value.rule) == (field, rule)


def test_exactly_one_team_gets_what_no_team_is_named_for(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        teams.create(tx, OPERATOR, replace(FIELD, fallback=True), clock())
        assert [team.key for team in store.everyone(tx) if team.fallback] == ["field"]
        with pytest.raises(Invalid) as refused:
            teams.change(tx, OPERATOR, FIELD)
        assert (refused.value.field, refused.value.rule) == ("fallback", "needed")
        teams.change(tx, OPERATOR, replace(teams.view(tx, "onsite").team, fallback=True))
        assert [team.key for team in store.everyone(tx) if team.fallback] == ["onsite"]


def test_a_team_that_categories_name_stays_active(database: Database) -> None:
    with database.transaction() as tx:
        network = teams.view(tx, "network").team
        with pytest.raises(Invalid) as refused:
            teams.change(tx, OPERATOR, replace(network, active=False))
        assert (refused.value.field, refused.value.rule) == ("active", "in_use")
        category = store.find_category(tx, "network")
        assert category is not None
        teams.change_category(tx, OPERATOR, replace(category, team="servicedesk"))
        teams.change(tx, OPERATOR, replace(network, active=False))
        with pytest.raises(Invalid) as refused:
            teams.change_category(tx, OPERATOR, category)
        assert (refused.value.field, refused.value.rule) == ("team", "inactive")


def test_hours_that_cannot_be_are_refused_by_day(database: Database) -> None:
    refusals = [
        ([(480, 720), (719, 1000)], "overlap"),
        ([(720, 720)], "order"),
        ([(900, 720)], "order"),
        ([(480, 1441)], "range"),
    ]
    with database.transaction() as tx:
        for day, rule in refusals:
            with pytest.raises(Invalid) as refused:
                teams.set_hours(tx, OPERATOR, "network", {0: [(480, 720)], 3: day})
            assert (refused.value.field, refused.value.rule) == ("hours.3", rule)
        assert store.hours(tx, "network")[0] == (0, 480, 1050)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        ("8-17.30", "08:00-17:30"),
        ("08:00 – 12:00, 13:00–17:30", "08:00-12:00, 13:00-17:30"),
        ("9-12 13-24:00", "09:00-12:00, 13:00-24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, shown: str) -> None:
    assert write_intervals(read_intervals(typed)) == shown


@pytest.mark.parametrize("typed", ["9", "9-", "nine to five", "9-12,", "9:75-12", "9-12x13-17", "9-123"])
def test_hours_that_cannot_be_read_are_not_guessed(typed: str) -> None:
    with pytest.raises(ValueError):
        read_intervals(typed)


def test_categories_are_made_and_changed(database: Database) -> None:
    with database.transaction() as tx:
        made = teams.create_category(tx, OPERATOR, Category("phones", "Phones", "Telefoons", "onsite", 2, active=True))
        teams.change_category(tx, OPERATOR, replace(made, team=None, impact=None, active=False))
        assert store.find_category(tx, "phones") == replace(made, team=None, impact=None, active=False)
        for wrong, field in (({"impact": 4}, "impact"), ({"team": "nobody"}, "team"), ({"name_en": ""}, "name_en")):
            with pytest.raises(Invalid) as refused:
                teams.change_category(tx, OPERATOR, replace(made, **wrong))
            assert refused.value.field == field
        with pytest.raises(NotFound):
            teams.change_category(tx, OPERATOR, replace(made, key="unheard_of"))


def test_the_priority_of_new_tickets_follows_the_matrix_that_was_set(
    database: Database,
) -> None:
    with database.transaction() as tx:
        teams.set_priorities(tx, OPERATOR, {(3, 3): 2})
        assert (store.matrix(tx)[3, 3], store.matrix(tx)[1, 1]) == (2, 1)
        teams.set_priorities(tx, OPERATOR, {(1, 1): 3})
        assert (store.matrix(tx)[3, 3], store.matrix(tx)[1, 1]) == (2, 3)
        with pytest.raises(Invalid):
            teams.set_priorities(tx, OPERATOR, {(1, 1): 0})


def test_new_tickets_do_not_go_to_a_team_that_is_no_longer_active(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    number = write("My laptop is on fire")
    with database.transaction() as tx:
        teams.create(tx, OPERATOR, replace(FIELD, active=False), clock())
        conversation = conversations.view(tx, number).conversation
        ticket = tickets.create(tx, conversation, Details(Reason.ASKED, team="field"), "t1", clock(), Who(Author.BOT))
        assert ticket.team == "servicedesk"


def test_agents_administer_nothing(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        for attempt in (
            lambda: teams.create(tx, tess, FIELD, clock()),
            lambda: teams.set_hours(tx, tess, "network", {}),
            lambda: teams.set_members(tx, tess, "network", [tess.id]),
            lambda: teams.set_priorities(tx, tess, {}),
        ):
            with pytest.raises(NotAllowed):
                attempt()
