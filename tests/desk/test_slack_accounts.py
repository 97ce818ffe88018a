"""Technicians prove in Slack who they are, by a code of the console."""

from __future__ import annotations

import pytest

from desk import duty, slack_accounts
from desk.model.errors import Invalid, NotAllowed
from desk.model.slack import Person
from desk.model.technician import OPERATOR, Technician
from desk.store import technicians
from desk.store.database import Database
from tests.desk.conftest import Clock

HERE = Person("T1", "U1")


def linked(database: Database, person: Person = HERE) -> str | None:
    with database.snapshot() as tx:
        found = slack_accounts.technician_of(tx, person)
    return found.name if found else None


def code_of(database: Database, technician: Technician, clock: Clock) -> str:
    with database.transaction() as tx:
        return slack_accounts.new_code(tx, technician, clock())


def link(database: Database, clock: Clock, code: str, person: Person = HERE) -> Technician:
    with database.transaction() as tx:
        return slack_accounts.link(tx, person, code, clock())


def test_a_code_links_once(database: Database, clock: Clock, tess: Technician) -> None:
    code = code_of(database, tess, clock)
    assert link(database, clock, f" {code.lower().replace('-', ' ')} ") == tess
    assert linked(database) == "Tess"
    with pytest.raises(Invalid):
        link(database, clock, code, Person("T1", "U2"))
    assert linked(database, Person("T1", "U2")) is None
    assert linked(database, Person("T2", "U1")) is None


def test_a_code_ends_in_time_and_when_a_new_one_is_made(database: Database, clock: Clock, tess: Technician) -> None:
    first, second = code_of(database, tess, clock), code_of(database, tess, clock)
    with pytest.raises(Invalid):
        link(database, clock, first)
    clock.tick(slack_accounts.CODE_LASTS.total_seconds())
    with pytest.raises(Invalid):
        link(database, clock, second)


def test_an_account_is_one_technicians_and_the_newest_proof_counts(
    database: Database, clock: Clock, tess: Technician, tom: Technician
) -> None:
    link(database, clock, code_of(database, tess, clock))
    link(database, clock, code_of(database, tom, clock))
    assert linked(database) == "Tom"


def test_who_is_no_longer_active_is_nobody(database: Database, clock: Clock, tess: Technician) -> None:
    link(database, clock, code_of(database, tess, clock))
    code = code_of(database, tess, clock)
    with database.transaction() as tx:
        technicians.change(tx, tess.id, active=False)
    assert linked(database) is None
    with pytest.raises(Invalid):
        link(database, clock, code)


def test_a_link_is_ended_by_its_owner_or_an_administrator(
    database: Database, clock: Clock, tess: Technician, tom: Technician
) -> None:
    other = Person("T2", "U9")
    link(database, clock, code_of(database, tess, clock))
    link(database, clock, code_of(database, tess, clock), other)
    with database.transaction() as tx:
        assert {one.person for one in slack_accounts.of(tx, tess.id, tess)} == {HERE, other}
        with pytest.raises(NotAllowed):
            slack_accounts.unlink(tx, tess.id, tom)
        assert slack_accounts.unlink(tx, tess.id, tess, other) == 1
        assert slack_accounts.unlink(tx, tess.id, OPERATOR) == 1
    assert linked(database) is None


def test_who_has_just_done_something_in_slack_is_there(database: Database, clock: Clock, tess: Technician) -> None:
    link(database, clock, code_of(database, tess, clock))

    def there() -> bool:
        with database.snapshot() as tx:
            return duty.anybody_there(tx, "servicedesk", clock())

    assert there()
    clock.tick(601)
    assert not there()
    with database.transaction() as tx:
        assert slack_accounts.visit(tx, HERE, clock()) == tess
        assert slack_accounts.visit(tx, Person("T1", "U2"), clock()) is None
    assert there()
