"""Runs of procedures, as the assistant reports them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from desk.model.run import Run, Step, Untried
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import conversations, procedure_runs, procedure_steps, technicians


def record(tx: Transaction, conversation: int, episode: int, runs: Iterable[Run], now: datetime) -> None:
    """Store each run whole, replacing what was known of it: a correction may have taken steps back."""
    for run in runs:
        values = {
            "procedure": run.procedure,
            "version": run.version,
            "title": run.title,
            "state": run.state,
            "pending": run.pending,
            "untried": [asdict(untried) for untried in run.untried],
            "facts": run.facts,
            "updated_at": now,
        }
        key = {"conversation_id": conversation, "episode": episode, "key": run.key}
        statement = (
            dialects.insert(tx, procedure_runs)
            .values(**key, **values, started_at=now)
            .on_conflict_do_update(index_elements=list(key), set_=values)
            .returning(procedure_runs.c.id)
        )
        run_id = tx.connection.execute(statement).scalar_one()
        tx.connection.execute(delete(procedure_steps).where(procedure_steps.c.run_id == run_id))
        if run.steps:
            tx.connection.execute(insert(procedure_steps), [{"run_id": run_id, **_columns(step)} for step in run.steps])
        tx.touch(conversation)


def _columns(step: Step) -> dict[str, Any]:
    values = asdict(step)
    del values["by"]  # the mark in `message_id` has the id
    return values


def move_episode(tx: Transaction, conversation: int, before: int, after: int) -> None:
    """The runs of one episode go on in another, under the same keys."""
    of_episode = procedure_runs.c.conversation_id == conversation, procedure_runs.c.episode == before
    tx.connection.execute(update(procedure_runs).where(*of_episode).values(episode=after))
    tx.touch(conversation)


def state_of(tx: Transaction, conversation: int) -> Mapping[str, Any] | None:
    """Where the procedures of a conversation stand, as `bot.procedures.state` wrote it."""
    query = select(conversations.c.procedure_state).where(conversations.c.id == conversation)
    found: Mapping[str, Any] | None = tx.connection.execute(query).scalar_one_or_none()
    return found


def keep_state(tx: Transaction, conversation: int, state: Mapping[str, Any] | None) -> None:
    """Remember where the procedures of a conversation stand; None forgets it, when a new case begins."""
    values = {"procedure_state": None if state is None else dict(state)}
    tx.connection.execute(update(conversations).where(conversations.c.id == conversation).values(**values))
    tx.touch(conversation)


def of_conversation(tx: Transaction, conversation: int) -> Sequence[Run]:
    """All runs of a conversation, the oldest first."""
    query = select(procedure_runs).where(procedure_runs.c.conversation_id == conversation)
    rows = tx.connection.execute(query.order_by(procedure_runs.c.id)).all()
    query_steps = select(procedure_steps).where(procedure_steps.c.run_id.in_([row.id for row in rows]))
    steps: dict[int, list[Step]] = {row.id: [] for row in rows}
    for row in tx.connection.execute(query_steps.order_by(procedure_steps.c.run_id, procedure_steps.c.position)):
        values = row._asdict()
        steps[values.pop("run_id")].append(Step(**values))
    names = _names(tx, {step.technician for taken in steps.values() for step in taken} - {None})
    return [
        Run(
            key=row.key,
            procedure=row.procedure,
            version=row.version,
            title=row.title,
            state=row.state,
            steps=tuple(replace(step, by=names.get(step.technician)) for step in steps[row.id]),
            pending=row.pending,
            untried=tuple(Untried(**untried) for untried in row.untried),
            facts=row.facts,
            episode=row.episode,
            started_at=row.started_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def _names(tx: Transaction, ids: set[int | None]) -> dict[int | None, str]:
    if not ids:
        return {}
    rows = tx.connection.execute(select(technicians.c.id, technicians.c.name).where(technicians.c.id.in_(ids)))
    return {row.id: row.name for row in rows}
