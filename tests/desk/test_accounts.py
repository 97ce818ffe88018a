"""Inviting technicians, shutting them out, and their logins and programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import Owner
from desk import accounts, conversations, duty, logins, technicians, tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.model.technician import OPERATOR, Role, Standing, Technician
from desk.store import technicians as store
from desk.store.database import Database
from tests.desk.conftest import Clock

PASSWORD = "correct horse battery"
HOURS = timedelta(hours=12)


def standing(database: Database, clock: Clock, who: int) -> Standing:
    with database.snapshot() as tx:
        found = next(a for a in accounts.everybody(tx, OPERATOR) if a.technician.id == who)
        return found.standing(clock())


async def test_whoever_is_invited_chooses_a_name_and_a_password_and_is_in(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        ann, token = technicians.invite(tx, OPERATOR, " Ann@Example.org", "ann", Role.LEAD, clock())
    assert standing(database, clock, ann.id) is Standing.INVITED
    assert await technicians.log_in(database, "ann@example.org", "", clock(), HOURS) is None
    accepted = await technicians.accept(database, token, " Ann  Jones ", PASSWORD, clock.tick())
    assert (accepted.name, accepted.role, accepted.active) == ("Ann Jones", Role.LEAD, True)
    assert await technicians.log_in(database, "ann@example.org", PASSWORD, clock(), HOURS)
    with pytest.raises(NotFound):
        await technicians.accept(database, token, "Mallory", PASSWORD, clock())


async def test_an_invitation_ends_after_seven_days_and_a_new_link_replaces_it(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        ann, first = technicians.invite(tx, OPERATOR, "ann@example.org", "Ann", Role.AGENT, clock())
    clock.tick(7 * 86_400)
    assert standing(database, clock, ann.id) is Standing.EXPIRED
    with database.transaction() as tx:
        with pytest.raises(NotFound):
            technicians.invited(tx, first, clock())
        second = technicians.new_link(tx, OPERATOR, ann.id, clock())
        assert technicians.invited(tx, second, clock()).id == ann.id
        third = technicians.new_link(tx, OPERATOR, ann.id, clock())
        with pytest.raises(NotFound):
            technicians.invited(tx, second, clock())
        with pytest.raises(Conflict) as refused:
            accounts.activate(tx, OPERATOR, ann.id)
        assert refused.value.state == "invited"
        accounts.deactivate(tx, OPERATOR, ann.id, clock())
        with pytest.raises(NotFound):
            technicians.invited(tx, third, clock())


def test_the_record_holds_no_token(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        _, token = technicians.invite(tx, OPERATOR, "ann@example.org", "Ann", Role.AGENT, clock())
        stored = tx.connection.exec_driver_sql("SELECT invitation_hash FROM technicians").scalars().all()
        assert stored == [technicians.hash_of(token)]
        assert token not in stored


@pytest.mark.usefixtures("tess")
def test_an_invitation_nobody_could_use_is_refused(database: Database, clock: Clock) -> None:
    refusals = [
        ("nobody", "Ann", "email", "malformed"),
        ("a b@example.org", "Ann", "email", "malformed"),
        ("tess@example.org", "Ann", "email", "taken"),
        ("ann@example.org", " ", "name", "empty"),
        ("ann@example.org", "x" * 201, "name", "too_long"),
        ("ann@example.org", "A\x00", "name", "binary"),
    ]
    with database.transaction() as tx:
        for email, name, field, rule in refusals:
            with pytest.raises(Invalid) as refused:
                technicians.invite(tx, OPERATOR, email, name, Role.AGENT, clock())
            assert (refused.value.field, refused.value.rule) == (field, rule)


def test_the_last_administrator_stays_one(database: Database, clock: Clock, tess: Technician, tom: Technician) -> None:
    with database.transaction() as tx:
        boss = accounts.change(tx, OPERATOR, tess.id, role=Role.ADMIN)
        for attempt in (
            lambda: accounts.change(tx, boss, tess.id, role=Role.AGENT),
            lambda: accounts.deactivate(tx, boss, tess.id, clock()),
        ):
            with pytest.raises(Conflict) as refused:
                attempt()
            assert refused.value.state == "last_admin"
        assert accounts.change(tx, boss, tess.id, name="Tess Jones").name == "Tess Jones"
        accounts.change(tx, boss, tom.id, role=Role.ADMIN)
        accounts.change(tx, boss, tess.id, role=Role.LEAD)
        with pytest.raises(Conflict):
            accounts.deactivate(tx, OPERATOR, tom.id, clock())


def test_whoever_is_shut_out_holds_nothing_any_more(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    held = [write("Hello", who) for who in ("alice", "bob")]
    with database.transaction() as tx:
        boss = accounts.change(tx, OPERATOR, tom.id, role=Role.ADMIN)
        for conversation in held:
            conversations.take(tx, conversation, tess, clock.tick())
        conversations.reply(tx, held[1], tess, "Back to you", clock.tick())
        conversations.give_back(tx, held[1], tess, clock.tick())
        ticket = conversations.view(tx, held[1]).tickets[0]
        tickets.edit(tx, ticket.number, tickets.Edit(assignee=tess.id), boss, None, clock())
        store.add_login(tx, "hash-1", tess.id, clock(), clock() + HOURS)
        logins.add_token(tx, boss, tess.id, "Reports", clock())
        accounts.deactivate(tx, boss, tess.id, clock.tick())
        released = conversations.view(tx, held[0])
        assert (released.conversation.owner, released.conversation.reason) == (Owner.QUEUE, Reason.RELEASED)
        assert [t.assignee for c in held for t in conversations.view(tx, c).tickets] == [None, None]
        assert logins.sessions(tx, boss, tess.id, clock()) == []
        assert logins.tokens(tx, boss, clock()) == []
    assert standing(database, clock, tess.id) is Standing.INACTIVE
    with database.transaction() as tx:
        accounts.activate(tx, boss, tess.id)
    assert standing(database, clock, tess.id) is Standing.ACTIVE


async def test_somebody_sees_where_they_are_logged_in_and_ends_what_is_not_theirs(
    database: Database, clock: Clock, tom: Technician
) -> None:
    with database.transaction() as tx:
        tess = technicians.add(tx, "tess@example.org", "Tess", Role.AGENT, PASSWORD, clock(), one_time=False)
    tokens = [
        await technicians.log_in(
            database, tess.email, PASSWORD, clock.tick(), HOURS, address="192.0.2.7", agent=agent * 400
        )
        for agent in "xyz"
    ]
    assert all(tokens)
    with database.transaction() as tx:
        logins.add_token(tx, OPERATOR, tess.id, "Reports", clock())
        found = logins.sessions(tx, tess, tess.id, clock(), tokens[0])
        assert [(s.agent, s.current) for s in found] == [("z" * 300, False), ("y" * 300, False), ("x" * 300, True)]
        assert found[0].address == "192.0.2.7"
        with pytest.raises(NotAllowed):
            logins.sessions(tx, tom, tess.id, clock())
        with pytest.raises(NotAllowed):
            logins.end_session(tx, tom, found[0].id)
        logins.end_session(tx, tess, found[0].id)
        with pytest.raises(NotFound):
            logins.end_session(tx, tess, found[0].id)
        assert logins.end_sessions(tx, tess, tess.id, but=tokens[0]) == 1
        assert [s.current for s in logins.sessions(tx, tess, tess.id, clock(), tokens[0])] == [True]
        assert technicians.who(tx, tokens[0] or "", clock()) == tess


def test_a_program_acts_for_a_technician_until_its_token_is_revoked(
    database: Database, clock: Clock, tess: Technician
) -> None:
    with database.transaction() as tx:
        token = logins.add_token(tx, OPERATOR, tess.id, " Reports ", clock())
        assert token.startswith(logins.TOKEN_PREFIX)
        assert technicians.who(tx, token, clock()) == tess
        assert not duty.there(tx, clock())
        assert logins.sessions(tx, tess, tess.id, clock()) == []
        listed = logins.tokens(tx, OPERATOR, clock())
        assert [(one.name, one.technician_name) for one in listed] == [("Reports", "Tess")]
        with pytest.raises(NotFound):
            logins.end_session(tx, tess, listed[0].id)
        logins.revoke_token(tx, OPERATOR, listed[0].id)
        assert technicians.who(tx, token, clock()) is None
        with pytest.raises(NotAllowed):
            logins.add_token(tx, tess, tess.id, "Mine", clock())
        with pytest.raises(Invalid):
            logins.add_token(tx, OPERATOR, tess.id, " ", clock())
        with pytest.raises(Invalid):
            logins.add_token(tx, OPERATOR, tess.id, "Reports\x00", clock())


def test_agents_invite_nobody(database: Database, clock: Clock, tess: Technician) -> None:
    lead = replace(tess, role=Role.LEAD)
    with database.transaction() as tx:
        for attempt in (
            lambda: technicians.invite(tx, lead, "ann@example.org", "Ann", Role.ADMIN, clock()),
            lambda: technicians.new_link(tx, lead, tess.id, clock()),
            lambda: accounts.change(tx, lead, tess.id, role=Role.ADMIN),
            lambda: accounts.everybody(tx, lead),
        ):
            with pytest.raises(NotAllowed):
                attempt()
