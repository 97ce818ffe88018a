"""Claiming and settling rows of work, the same for every queue.

Rows of one lane (a conversation, for inbox and outbox) are handed out in order and one at a time, over any number of
processes: a row is free only when no earlier row of its lane is unsettled. A claim is a lease: when it runs out,
somebody else may claim the row, and what the first claimer then reports is refused, since worker and attempt no longer
match.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    String,
    Table,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate, Update

from desk.model.work import OPEN, STUMBLES, Claim, Stumbled, WorkState
from desk.store.database import Transaction
from desk.store.tables import Moment


def _unsettled(table: Any) -> ColumnElement[bool]:
    # Written into the SQL as literals: the partial index serves only queries that name the states themselves.
    states: BindParameter[Any] = bindparam(
        "unsettled", [state.value for state in OPEN], expanding=True, literal_execute=True
    )
    matches: ColumnElement[bool] = table.c.state.in_(states)
    return matches


def put(tx: Transaction, table: Table, lane: int, item: int, seq: int, now: datetime, **own: object) -> None:
    """Add a row of work about `item`, free from now on, behind the unsettled rows of `lane` with a lower `seq`."""
    row = {"lane": lane, "item": item, "seq": seq, "available_at": now, "created_at": now}
    tx.connection.execute(insert(table), {**row, **own})
    tx.announce(table.name)


@cache
def _claiming(table: Any, *, some_channels: bool) -> ReturningUpdate[Any]:
    """The statement of `claim`. It is the one that runs most often, and building it takes longer than running it."""
    earlier = table.alias("earlier")
    blocked = exists().where(earlier.c.lane == table.c.lane, earlier.c.seq < table.c.seq, _unsettled(earlier))
    if some_channels:
        # What nobody fetches in a closed web page holds up nothing where the customer has gone on.
        blocked = blocked.where(earlier.c.channel == table.c.channel)
    now, lease_until = bindparam("now", type_=Moment), bindparam("until", type_=Moment)
    expired = and_(table.c.state == WorkState.CLAIMED.value, table.c.lease_until < now)
    free = and_(
        _unsettled(table),
        table.c.available_at <= now,
        or_(table.c.state == WorkState.PENDING.value, expired),
        ~blocked,
    )
    candidate = select(table.c.id).where(free)
    if some_channels:
        candidate = candidate.where(table.c.channel.in_(bindparam("channels", expanding=True)))
    candidate = candidate.order_by(table.c.id).limit(1).with_for_update(skip_locked=True)
    columns = table.c
    return (
        update(table)
        .where(columns.id == candidate.scalar_subquery())
        .values(
            state=WorkState.CLAIMED.value,
            attempts=columns.attempts + 1,
            lease_until=lease_until,
            worker=bindparam("by", type_=String),
        )
        .returning(columns.id, columns.lane, columns.item, columns.attempts, columns.created_at)
    )


def claim(
    tx: Transaction,
    table: Table,
    worker: str,
    now: datetime,
    lease: timedelta,
    channels: Collection[str] | None = None,
) -> Claim | None:
    """Claim the oldest free row (of `channels`, for an outbox), or None when there is none."""
    values: dict[str, object] = {"now": now, "until": now + lease, "by": worker}
    if channels is not None:
        values["channels"] = list(channels)
    statement = _claiming(table, some_channels=channels is not None)
    row = tx.connection.execute(statement, values).one_or_none()
    if row is None:
        return None
    return Claim(row.id, row.lane, row.item, row.attempts, now + lease, worker, row.created_at)


@contextmanager
def looking_into(claim: Claim) -> Iterator[None]:
    """For what is looked up in the transaction of a claim, before the work begins.

    Raises:
        Stumbled: it failed, for whatever reason.
    """
    try:
        yield
    except Exception as error:
        raise Stumbled(claim) from error


def pass_over(tx: Transaction, table: Table, claim: Claim, now: datetime, error: str) -> bool:
    """Others go before a row over which a claim `Stumbled`. False when somebody has begun to work on it since."""
    again_at = now + (STUMBLES.after(claim.attempts) or STUMBLES.longest)
    values = {"state": WorkState.PENDING.value, "available_at": again_at, "error": error}
    before = table.c.id == claim.id, table.c.attempts == claim.attempts - 1, _unsettled(table)
    done = update(table).where(*before).values(attempts=claim.attempts, worker=None, lease_until=None, **values)
    return tx.connection.execute(done).rowcount == 1


def abandon(tx: Transaction, table: Table, claim: Claim, now: datetime, error: str) -> bool:
    """Give up a row that was passed over. False as in `pass_over`."""
    own = table.c
    passed_over = own.id == claim.id, own.attempts == claim.attempts, own.state == WorkState.PENDING.value
    done = update(table).where(*passed_over).values(state=WorkState.FAILED.value, settled_at=now, error=error)
    return tx.connection.execute(done).rowcount == 1


@cache
def _settling(table: Any, columns: frozenset[str]) -> Update:
    """The statement that sets `columns` of a claimed row, if the claim still holds; the values are named ``new_…``."""
    own = table.c
    return (
        update(table)
        .where(
            own.id == bindparam("row"),
            own.state == WorkState.CLAIMED.value,
            own.worker == bindparam("by"),
            own.attempts == bindparam("attempt"),
        )
        .values(lease_until=None, worker=None, **{name: bindparam(f"new_{name}") for name in columns})
    )


def _settle(tx: Transaction, table: Table, claim: Claim, **values: object) -> bool:
    held = {"row": claim.id, "by": claim.worker, "attempt": claim.attempts}
    new = {f"new_{name}": value for name, value in values.items()}
    return tx.connection.execute(_settling(table, frozenset(values)), {**held, **new}).rowcount == 1


def settle(
    tx: Transaction,
    table: Table,
    claim: Claim,
    state: WorkState,
    now: datetime,
    error: str | None = None,
    **own: object,
) -> bool:
    """End the work on a row. False when the lease had run out and the row is no longer this worker's."""
    return _settle(tx, table, claim, state=state.value, settled_at=now, error=error, **own)


def retry(
    tx: Transaction, table: Table, claim: Claim, available_at: datetime, error: str | None = None, **own: object
) -> bool:
    """Give a row back, to be claimed again from `available_at` on. False as in `settle`."""
    return _settle(tx, table, claim, state=WorkState.PENDING.value, available_at=available_at, error=error, **own)


def again(tx: Transaction, table: Table, item: int, states: Collection[WorkState], now: datetime) -> bool:
    """A person has a row that was given up tried again. False when it is not in one of `states`."""
    done = tx.connection.execute(
        update(table)
        .where(table.c.item == item, table.c.state.in_([state.value for state in states]))
        .values(state=WorkState.PENDING.value, attempts=0, available_at=now, settled_at=None, error=None)
    )
    tx.announce(table.name)
    return done.rowcount == 1


def settle_up_to(tx: Transaction, table: Table, lane: int, seq: int, channel: str, now: datetime) -> int:
    """Mark all unsettled rows of `lane` up to `seq` that go out by `channel` as done; returns how many there were."""
    done = tx.connection.execute(
        update(table)
        .where(table.c.lane == lane, table.c.seq <= seq, table.c.channel == channel, _unsettled(table))
        .values(state=WorkState.DONE.value, settled_at=now)
    )
    return int(done.rowcount)


def untouched(tx: Transaction, table: Table, item: int) -> bool:
    """Whether nobody has begun to work on the row about `item`; if so it is locked, and nobody will until we end."""
    free = select(table.c.id).where(table.c.item == item, table.c.state == WorkState.PENDING.value)
    return tx.connection.execute(free.with_for_update(skip_locked=True)).one_or_none() is not None


def withdraw(tx: Transaction, table: Table, item: int, now: datetime) -> None:
    """There is nothing to do any more about `item`, which is `untouched`."""
    done = update(table).where(table.c.item == item).values(state=WorkState.DONE.value, settled_at=now)
    tx.connection.execute(done)
