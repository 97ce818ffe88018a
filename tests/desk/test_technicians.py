"""Accounts, passwords, logins."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest

from desk import duty, technicians
from desk.model.errors import Invalid
from desk.model.technician import Role
from desk.store import technicians as store
from desk.store.database import Database
from tests.desk.conftest import Clock

HOURS = timedelta(hours=12)
HASHER_OF_THE_PRODUCT = technicians.HASHER  # tests have a weak one, but not before they run


@pytest.fixture
def password(database: Database, clock: Clock) -> str:
    """The one-time password of the first administrator."""
    with database.transaction() as tx:
        made = technicians.ensure_admin(tx, "Admin@Example.org", "Admin", clock())
    assert made is not None
    return made


@pytest.mark.usefixtures("password")
def test_there_is_one_first_administrator_only(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        assert technicians.ensure_admin(tx, "other@example.org", "Other", clock()) is None


async def test_a_login_says_who_it_is_until_it_runs_out(database: Database, clock: Clock, password: str) -> None:
    token = await technicians.log_in(database, "ADMIN@example.org ", password, clock(), HOURS)
    assert token is not None
    with database.snapshot() as tx:
        who = technicians.who(tx, token, clock())
        assert who is not None
        assert (who.email, who.role, who.must_change_password) == ("admin@example.org", Role.ADMIN, True)
        assert technicians.who(tx, token + "x", clock()) is None
        assert technicians.who(tx, token, clock.tick(12 * 3600)) is None


async def test_wrong_password_and_unknown_address_are_both_no(database: Database, clock: Clock, password: str) -> None:
    assert await technicians.log_in(database, "admin@example.org", password + "x", clock(), HOURS) is None
    assert await technicians.log_in(database, "nobody@example.org", password, clock(), HOURS) is None


async def test_a_new_password_ends_all_logins(database: Database, clock: Clock, password: str) -> None:
    token = await technicians.log_in(database, "admin@example.org", password, clock(), HOURS)
    assert token is not None
    with database.snapshot() as tx:
        admin = technicians.who(tx, token, clock())
    assert admin is not None
    await technicians.change_password(database, admin, password, "correct horse battery")
    with database.snapshot() as tx:
        assert technicians.who(tx, token, clock()) is None
    assert await technicians.log_in(database, "admin@example.org", "correct horse battery", clock(), HOURS)


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("wrong", "correct horse", "old_password", "wrong"),
        (None, "short", "password", "too_short"),
        (None, None, "password", "unchanged"),
        (None, "x" * 201, "password", "too_long"),
    ],
)
async def test_a_bad_new_password_is_refused(
    database: Database, clock: Clock, password: str, old: str | None, new: str | None, field: str, rule: str
) -> None:
    with database.snapshot() as tx:
        found = store.by_email(tx, "admin@example.org")
    assert found is not None
    with pytest.raises(Invalid) as refused:
        await technicians.change_password(database, found[0], old or password, new or password)
    assert (refused.value.field, refused.value.rule) == (field, rule)


@pytest.mark.usefixtures("password")
def test_an_address_can_be_used_once(database: Database, clock: Clock) -> None:
    with pytest.raises(Invalid), database.transaction() as tx:
        technicians.add(tx, "admin@example.org", "Again", Role.AGENT, "long enough pw", clock(), one_time=False)


def test_somebody_is_there_while_a_console_was_heard_of_lately(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        assert not duty.there(tx, clock())
        tess = technicians.add(tx, "tess@example.org", "Tess", Role.AGENT, "long enough", clock(), one_time=False)
        store.add_login(tx, technicians.hash_of("token"), tess.id, clock(), clock() + HOURS)
        assert duty.there(tx, clock.tick(80))
        assert not duty.there(tx, clock.tick(20))
        technicians.seen(tx, "token", clock())
        assert duty.there(tx, clock())


def test_passwords_are_hashed_as_hard_as_is_advised() -> None:
    hashed = argon2.extract_parameters(HASHER_OF_THE_PRODUCT.hash("a password"))
    assert hashed == argon2.profiles.RFC_9106_LOW_MEMORY
