"""``python -m bench.desk``: what lists, search and opening a ticket take at 100,000 tickets and 1,000,000 messages."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from bench.desk_data import NOW, Desk, fill
from desk import conversations, migrations, search, setup, tickets, views
from desk.model.search import Filters
from desk.model.ticket import UNFINISHED, State
from desk.store import cases, links, technicians
from desk.store import tickets as ticket_store
from desk.store.database import Database, Transaction
from tests import postgres

GOAL_MS = 100.0
Work = Callable[[Transaction], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one kind of work, the transaction included.

    `busy_p95`: of processors, ours and the database's together. What others do on the machine makes it wait, and hardly
    makes it work more: a `p95` far above it tells of them.
    """

    p50: float
    p95: float
    max: float
    busy_p95: float

    def row(self, name: str) -> str:
        """A line of the table."""
        return f"| {name} | {self.p50:.1f} | {self.p95:.1f} | {self.max:.1f} | {self.busy_p95:.1f} |"

    def as_json(self) -> dict[str, float]:
        """Rounded."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


class Words:
    """Words and phrases to search for, by how many tickets have them."""

    def __init__(self, tx: Transaction, chance: random.Random) -> None:
        counted = tx.connection.exec_driver_sql(
            "SELECT word, ndoc FROM ts_stat('SELECT document FROM ticket_documents') WHERE length(word) > 2"
        ).all()
        total = tx.connection.exec_driver_sql("SELECT count(*) FROM ticket_documents").scalar_one()
        self.rare = sorted(word for word, count in counted if count <= 5)
        self.medium = sorted(word for word, count in counted if total // 1000 < count <= total // 50)
        self.common = sorted(word for word, count in counted if count > total // 10)
        said = tx.connection.exec_driver_sql(
            "SELECT text FROM messages TABLESAMPLE SYSTEM (1) REPEATABLE (1) WHERE ticket_id IS NOT NULL LIMIT 2000"
        )
        self.said = [text.split() for (text,) in said if len(text.split()) > 4]
        self.chance = chance

    def phrase(self, length: int) -> str:
        """Consecutive words of some message."""
        words = self.chance.choice(self.said)
        at = self.chance.randrange(len(words) - length)
        return '"' + " ".join(words[at : at + length]).replace('"', "") + '"'

    def searches(self) -> Iterator[tuple[str, Callable[[], Filters]]]:
        """What people type, and a text of each kind."""
        pick = self.chance.choice
        kinds: Mapping[str, Callable[[], str]] = {
            "a rare word": lambda: pick(self.rare),
            "a medium word": lambda: pick(self.medium),
            "a common word": lambda: pick(self.common),
            "two medium words": lambda: f"{pick(self.medium)} {pick(self.medium)}",
            "two common words": lambda: f"{pick(self.common)} {pick(self.common)}",
            "common and rare": lambda: f"{pick(self.common)} {pick(self.rare)}",
            "a beginning (3 letters)": lambda: pick(self.medium)[:3],
            "a sentence": lambda: " ".join(pick(self.said)),
            "a phrase of two": lambda: self.phrase(2),
            "a phrase of four": lambda: self.phrase(4),
            "one word without another": lambda: f"{pick(self.medium)} -{pick(self.common)}",
            "a ticket's number": lambda: f"FL-{1000 + self.chance.randint(1, 90_000)}",
        }
        for name, text in kinds.items():
            yield name, lambda text=text: Filters(text())  # type: ignore[misc]
        unfinished = tuple(UNFINISHED)
        yield "common, unfinished", lambda: Filters(pick(self.common), states=unfinished)
        yield "common, one team and priority", lambda: Filters(pick(self.common), team="network", priority=3)
        yield (
            "medium, closed, one category",
            lambda: Filters(pick(self.medium), states=(State.CLOSED,), category="printing"),
        )
        yield "common, one technician", lambda: Filters(pick(self.common), assignee=self.chance.randint(1, 40))


def _lists(chance: random.Random) -> Iterator[tuple[str, Callable[[], Filters]]]:
    for name, filters in views.BUILT_IN.items():
        yield f"view {name}", lambda filters=filters: filters  # type: ignore[misc]
    categories = ("printing", "network", "account", "software")
    yield "everything", Filters
    yield "one state", lambda: Filters(states=(chance.choice(list(State)),))
    yield "one team", lambda: Filters(team=chance.choice(["network", "onsite", "identity", "servicedesk"]))
    yield "one assignee", lambda: Filters(assignee=chance.randint(1, 40))
    yield "one category", lambda: Filters(category=chance.choice(categories))
    yield "one priority", lambda: Filters(priority=chance.randint(1, 5))
    yield "one channel", lambda: Filters(channel=chance.choice(["web", "email"]))
    yield "one customer", lambda: Filters(customer=chance.randint(1, 50_000))
    yield "nothing at all", lambda: Filters(channel="fax", priority=2)
    yield "created in some week", lambda: _week(chance)
    yield (
        "team, category, priority",
        lambda: Filters(team="onsite", category=chance.choice(categories), priority=chance.randint(1, 5)),
    )


def _week(chance: random.Random) -> Filters:
    start = NOW - timedelta(days=chance.randrange(7, 1000))
    return Filters(created_after=start, created_before=start + timedelta(days=7))


def _open(tx: Transaction, number: str) -> object:
    """All that the page of a ticket shows."""
    ticket = ticket_store.by_number(tx, number)
    shown = [conversations.view(tx, conversation) for conversation in cases.conversations_of(tx, ticket.id)]
    around = (links.of(tx, ticket.id), links.merged_into(tx, ticket.id))
    return shown, around, tickets.history(tx, ticket), search.similar_to(tx, ticket)


def _works(database: Database, chance: random.Random) -> Iterator[tuple[str, Callable[[], Work]]]:
    with database.snapshot() as tx:
        words, everybody = Words(tx, chance), technicians.everybody(tx)
        behind = search.find(tx, Filters(), limit=search.MAX_LIMIT).next
        newest = int(tx.connection.exec_driver_sql("SELECT max(id) FROM tickets").scalar_one())
    for name, filters in _lists(chance):
        yield f"list: {name}", lambda filters=filters: _found(filters(), chance)  # type: ignore[misc]
    yield "list: a page behind others", lambda: lambda tx: search.find(tx, Filters(), before=behind)
    for name, filters in words.searches():
        yield f"search: {name}", lambda filters=filters: _found(filters(), chance)  # type: ignore[misc]

    def any_number() -> str:
        return ticket_store.number_of(chance.randint(1, newest))

    def opened() -> Work:
        number = any_number()
        return lambda tx: _open(tx, number)

    def alike() -> Work:
        number = any_number()
        return lambda tx: search.similar_to(tx, ticket_store.by_number(tx, number))

    def inbox() -> Work:
        technician = chance.choice(everybody)
        return lambda tx: conversations.lists(tx, technician)

    yield "open: a ticket with all of it", opened
    yield "open: similar tickets alone", alike
    yield "inbox: the four lists", inbox


def _found(filters: Filters, chance: random.Random) -> Work:
    me = chance.randint(1, 40)
    return lambda tx: search.find(tx, filters, me=me)


def _measure(database: Database, make: Callable[[], Work], times: int) -> Measured:
    taken: list[float] = []
    busy: list[float] = []
    for at in range(times + 3):
        work = make()
        begun, ran = time.perf_counter(), time.thread_time_ns()
        with database.snapshot() as tx:
            server = Path(f"/proc/{tx.connection.exec_driver_sql('SELECT pg_backend_pid()').scalar()}/schedstat")
            before = _ran(server)
            work(tx)
            there = _ran(server) - before
        if at >= 3:  # the first ones warm up
            taken.append((time.perf_counter() - begun) * 1000)
            busy.append((time.thread_time_ns() - ran + there) / 1e6)
    return Measured(statistics.median(taken), _p95(taken), max(taken), _p95(busy))


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[18]


def _ran(schedstat: Path) -> int:
    """Nanoseconds a process has had a processor; 0 where the database is on another machine."""
    return int(schedstat.read_text().split()[0]) if schedstat.is_file() else 0


@contextmanager
def _desk(options: argparse.Namespace) -> Iterator[Database]:
    """A filled database: the one of `--url`, which is filled if it is empty, or a server of its own."""
    if options.url:
        yield _filled(Database(options.url), options)
        return
    with (
        tempfile.TemporaryDirectory(prefix="firstline-bench-") as directory,
        postgres.server(Path(directory)) as url,
    ):
        database = _filled(Database(url), options)
        yield database
        database.close()


def _filled(database: Database, options: argparse.Namespace) -> Database:
    migrations.upgrade(database)
    with database.transaction() as tx:
        setup.ensure(tx, NOW)
        there = tx.connection.exec_driver_sql("SELECT count(*) FROM tickets").scalar_one()
    if not there:
        begun = time.perf_counter()
        fill(database, Desk(options.tickets, options.messages))
        print(f"generated in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return database


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100, help="each is measured so often")
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    parser.add_argument("--url", help="of a PostgreSQL database to use and leave; without it a server is started")
    options = parser.parse_args()
    if not options.url and postgres.binaries() is None:
        parser.error("PostgreSQL's server is not installed")
    results: dict[str, Measured] = {}
    with _desk(options) as database:
        size = f"{options.tickets:,} tickets, {options.messages:,} messages"
        print(f"| {size} | p50 ms | p95 ms | max ms | busy p95 ms |\n|---|---|---|---|---|")
        for name, make in _works(database, random.Random(2)):
            if options.only in name:
                results[name] = _measure(database, make, options.times)
                print(results[name].row(name), flush=True)
    late = [name for name, result in results.items() if result.p95 >= GOAL_MS]
    rows = {name: result.as_json() for name, result in results.items()}
    print(json.dumps({"results": rows, "goal_ms": GOAL_MS, "missed": late}, indent=2))
    sys.exit(1 if late else 0)


if __name__ == "__main__":
    main()
