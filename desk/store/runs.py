"""Runs of procedures, as the assistant reports them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select

from desk.model.run import Run, Step, Untried
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import procedure_runs, procedure_steps


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
            tx.connection.execute(insert(procedure_steps), [{"run_id": run_id, **asdict(step)} for step in run.steps])
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
    return [
        Run(
            key=row.key,
            procedure=row.procedure,
            version=row.version,
            title=row.title,
            state=row.state,
            steps=tuple(steps[row.id]),
            pending=row.pending,
            untried=tuple(Untried(**untried) for untried in row.untried),
            facts=row.facts,
            episode=row.episode,
            started_at=row.started_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
