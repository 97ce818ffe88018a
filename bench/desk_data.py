"""A desk of some years: made by script, the same each time, and put into PostgreSQL by COPY.

Customers' words are those of data/nlu, the assistant's those of data/procedures, in both languages; names, computers,
rooms and error codes make the long tail of rare words that real tickets have.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from bench.nlu_data import sentences
from bench.realworld import ROOT
from desk.model.ticket import FIRST, PREFIX
from desk.store import documents
from desk.store.database import Database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_YEARS = timedelta(days=3 * 365)
_CUSTOMERS, _TECHNICIANS = 50_000, 40
_SYLLABLES = tuple(start + end for start in "bdfghjklmnprstvw" for end in "aeio")
_COLUMNS = {
    "customers": "id name email language created_at",
    "identities": "customer_id channel address created_at",
    "technicians": "id email name password_hash role active must_change_password mailed created_at",
    "team_members": "team technician_id",
    "conversations": "id customer_id channel address thread owner technician_id closed episode revision last_seq"
    " last_public_seq language reason waiting_since ticket_id created_at updated_at",
    "tickets": "id customer_id subject state reason channel procedure category team assignee_id impact urgency priority"
    " note facts resolution merged_into_id merged_from_state revision cause_key created_at updated_at resolved_at",
    "ticket_conversations": "ticket_id conversation_id from_seq added_at",
    "ticket_history": "ticket_id at author technician_id field old new",
    "ticket_links": "ticket_id other_id kind created_at",
    "ticket_documents": "ticket_id document",
    "messages": "id conversation_id seq author technician_id text internal language external_id ticket_id attachments"
    " created_at",
    "inbox": "lane item seq state attempts available_at created_at settled_at",
    "outbox": "lane item seq state attempts available_at created_at settled_at channel",
    "clock_spans": "conversation_id ticket_id technician_id clock started_at ended_at",
    "procedure_runs": "id conversation_id episode key procedure version title state untried facts started_at"
    " updated_at",
    "procedure_steps": "run_id position step kind question answer result",
}
_OPEN_SHARE = {"new": 0.2, "open": 0.3, "waiting_for_customer": 0.35, "waiting_for_third_party": 0.15}


@dataclass(slots=True)
class _Conversation:
    """What is known of a customer's conversation while its messages are made."""

    customer: int
    created_at: datetime
    language: str
    last_seq: int = 0
    last_public_seq: int = 0
    ticket: int | None = None
    state: str = "closed"
    technician: int | None = None
    updated_at: datetime = NOW


@dataclass(slots=True)
class Words:
    """What is said: by topic and language."""

    said: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    about: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Topic -> category and team."""

    @classmethod
    def load(cls) -> Words:
        """Those of the repository."""
        words = cls()
        for sentence in sentences():
            words.said[sentence.label, sentence.language].append(sentence.text)
        defaults = yaml.safe_load((ROOT / "desk" / "texts" / "defaults.yml").read_text("utf-8"))["categories"]
        for path in sorted((ROOT / "data" / "procedures").glob("[a-z]*.yml")):
            _collect(yaml.safe_load(path.read_text("utf-8")), path.stem, words.asked)
        known = {topic for topic, _ in words.said if (topic, "en") in words.asked and (topic, "nl") in words.said}
        for at, topic in enumerate(sorted(known)):
            category = sorted(defaults)[at % len(defaults)]
            words.about[topic] = (category, defaults[category]["team"])
        return words


def _collect(tree: Any, topic: str, into: dict[tuple[str, str], list[str]]) -> None:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in {"en", "nl"} and isinstance(value, str):
                into[topic, key].append(" ".join(value.split()))
            else:
                _collect(value, topic, into)
    elif isinstance(tree, list):
        for value in tree:
            _collect(value, topic, into)


class Desk:
    """Makes the rows of a desk with so many tickets and messages. `rows` are by table, as COPY wants them."""

    def __init__(self, tickets: int, messages: int, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.words = Words.load()
        self.topics = sorted(self.words.about)
        # Few problems make most of the work.
        self.weights = [1 / (rank + 2) for rank in range(len(self.topics))]
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
        self.names = [self._name() for _ in range(4_000)]
        self.conversations: list[_Conversation] = []
        self._people()
        for at in range(tickets):
            self._ticket(at, tickets)
        while len(self.rows["messages"]) < messages:
            self._chat(messages - len(self.rows["messages"]))
        self._write_conversations()

    def _name(self) -> str:
        return "".join(self.random.choices(_SYLLABLES, k=self.random.randint(2, 4))).capitalize()

    def _people(self) -> None:
        chance = self.random
        for number in range(1, _TECHNICIANS + 1):
            name = f"{chance.choice(self.names)} {chance.choice(self.names)}"
            self.rows["technicians"].append(
                (number, f"t{number}@example.org", name, "-", "agent", True, False, True, NOW - _YEARS)
            )
            self.rows["team_members"].append((chance.choice(["servicedesk", "onsite", "network", "identity"]), number))
        for number in range(1, _CUSTOMERS + 1):
            since = NOW - _YEARS * chance.random()
            name = f"{chance.choice(self.names)} {chance.choice(self.names)}"
            language = chance.choice(["en", "nl"])
            self.rows["customers"].append((number, name, f"c{number}@example.org", language, since))
            self.rows["identities"].append((number, "web", f"v{number}", since))
            self.conversations.append(_Conversation(number, since, language))

    def _detail(self) -> str:
        """A rare word or two."""
        chance = self.random
        match chance.randrange(6):
            case 0:
                return f" PC-{chance.randrange(100_000):05}"
            case 1:
                return f" (0x8{chance.randrange(16**7):07X})"
            case 2:
                return f", {chance.choice(self.names)}"
            case 3:
                return f" ({chance.randrange(9)}.{chance.randrange(300)})"
            case _:
                return ""

    def _say(self, conversation: int, author: str, text: str, at: datetime, technician: int | None = None,
             internal: bool = False) -> None:  # fmt: skip
        own, number = self.conversations[conversation], len(self.rows["messages"]) + 1
        own.last_seq += 1
        if not internal:
            own.last_public_seq = own.last_seq
        own.updated_at = at
        external = f"m{number}" if author == "customer" else None
        self.rows["messages"].append(
            (number, conversation + 1, own.last_seq, author, technician, text, internal, own.language, external,
             own.ticket, 0, at)
        )  # fmt: skip
        work = (conversation + 1, number, own.last_seq, "done", 1, at, at, at)
        if author == "customer":
            self.rows["inbox"].append(work)
        elif not internal:
            self.rows["outbox"].append((*work, "web"))

    def _guided(self, conversation: int, topic: str, at: datetime, turns: int) -> datetime:
        """The assistant asks and the customer answers."""
        own, chance = self.conversations[conversation], self.random
        asked, said = self.words.asked[topic, own.language], self.words.said[topic, own.language]
        for _ in range(turns):
            at += timedelta(seconds=40)
            self._say(conversation, "bot", chance.choice(asked), at)
            at += timedelta(seconds=40)
            answer = chance.choice(["ja", "nee", "yes", "no", chance.choice(said)])
            self._say(conversation, "customer", answer + (self._detail() if chance.random() < 0.2 else ""), at)
        return at

    def _chat(self, left: int) -> None:
        """What the assistant solves by itself."""
        conversation = self.random.randrange(len(self.conversations))
        own = self.conversations[conversation]
        topic = self.random.choices(self.topics, self.weights)[0]
        at = max(own.updated_at if own.last_seq else own.created_at, own.created_at) + timedelta(days=1)
        own.ticket, own.state = None, "bot" if self.random.random() < 0.01 else own.state
        self._say(conversation, "customer", self._opening(topic, own.language), min(at, NOW))
        if left > 4:
            self._guided(conversation, topic, min(at, NOW), 2)

    def _opening(self, topic: str, language: str) -> str:
        said = self.words.said[topic, language]
        return f"{self.random.choice(said)}. {self.random.choice(said)}{self._detail()}"

    def _ticket(self, at: int, tickets: int) -> None:
        chance, number = self.random, at + 1
        conversation = int(len(self.conversations) * chance.random() ** 1.5)
        own = self.conversations[conversation]
        topic = chance.choices(self.topics, self.weights)[0]
        category, team = self.words.about[topic]
        created = NOW - _YEARS * (1 - at / tickets) - timedelta(seconds=chance.randrange(60))
        state, finished = self._state(created)
        technician = None if state == "new" else chance.randint(1, _TECHNICIANS)
        subject = chance.choice(self.words.said[topic, own.language])
        subject += self._detail() if chance.random() < 0.3 else ""
        done = f"{chance.choice(self.words.asked[topic, own.language])}{self._detail()}"
        resolution = None if finished is None else done
        begins, own.ticket, own.state, own.technician = own.last_seq + 1, number, state, technician
        first = len(self.rows["messages"])
        self._say(conversation, "customer", self._opening(topic, own.language), created)
        when = self._guided(conversation, topic, created, chance.randint(1, 4))
        if technician is not None:
            self._helped(conversation, topic, technician, when, resolution)
        updated = min(finished or created + timedelta(hours=chance.randrange(1, 200)), NOW)
        own.updated_at = max(own.updated_at, updated)
        self._file(number, conversation, begins, topic, created, when, updated, state, technician, subject, resolution,
                   finished, category, team)  # fmt: skip
        texts = [f"{PREFIX}{FIRST + number}", subject, resolution or ""]
        texts += [row[5] for row in self.rows["messages"][first:]]
        self.rows["ticket_documents"].append((number, documents.vector(texts)))

    def _helped(self, conversation: int, topic: str, technician: int, at: datetime, resolution: str | None) -> None:
        own, chance = self.conversations[conversation], self.random
        said, asked = self.words.said[topic, own.language], self.words.asked[topic, own.language]
        at += timedelta(minutes=20)
        self._say(conversation, "technician", chance.choice(asked) + self._detail(), at, technician)
        if chance.random() < 0.6:
            self._say(conversation, "customer", chance.choice(said) + self._detail(), at + timedelta(minutes=9))
        if chance.random() < 0.4:
            self._say(conversation, "technician", f"{chance.choice(said)}{self._detail()}", at + timedelta(minutes=12),
                      technician, internal=True)  # fmt: skip
        if resolution is not None:
            self._say(conversation, "technician", resolution, at + timedelta(minutes=30), technician, internal=True)

    def _state(self, created: datetime) -> tuple[str, datetime | None]:
        chance, age = self.random, (NOW - created).days
        done = created + timedelta(hours=chance.expovariate(1 / 30))
        if done > NOW or chance.random() < 0.008:
            return chance.choices(list(_OPEN_SHARE), list(_OPEN_SHARE.values()))[0], None
        if chance.random() < 0.01:
            return "merged", done
        return ("resolved" if age < 10 else "closed"), done

    def _file(
        self, number: int, conversation: int, begins: int, topic: str, created: datetime, handed: datetime,
        updated: datetime, state: str, technician: int | None, subject: str, resolution: str | None,
        finished: datetime | None, category: str, team: str,
    ) -> None:  # fmt: skip
        chance, rows = self.random, self.rows
        impact, urgency = chance.choices([1, 2, 3], [1, 4, 20])[0], chance.choices([1, 2, 3], [1, 8, 4])[0]
        if state == "merged" and number < 100:
            state = "closed"
        into = number - chance.randint(1, 50) if state == "merged" else None
        facts = json.dumps({"system": chance.choice(["windows", "macos"])})
        rows["tickets"].append(
            (number, conversation + 1, subject, state, "escalated", chance.choices(["web", "email"], [3, 1])[0], topic,
             category, team, technician, impact, urgency, impact + urgency - 1, None, facts, resolution, into,
             "open" if into else None, 4, f"bench:{number}", created, updated, finished)
        )  # fmt: skip
        rows["ticket_conversations"].append((number, conversation + 1, begins, created))
        rows["ticket_history"].append((number, created, "bot", None, "created", None, "escalated"))
        if technician is not None:
            for field_name, old, new in (("state", "new", "open"), ("assignee", None, "x"), ("state", "open", state)):
                rows["ticket_history"].append((number, handed, "technician", technician, field_name, old, new))
        if number > 100 and chance.random() < 0.03:
            rows["ticket_links"].append((number, number - chance.randint(1, 90), "related", created))
        spans = [("bot", created, handed), ("queue", handed, handed + timedelta(minutes=20))]
        for clock, start, end in [*spans, ("technician", handed + timedelta(minutes=20), updated)]:
            rows["clock_spans"].append(
                (conversation + 1, number, technician if clock == "technician" else None, clock, start, max(start, end))
            )
        asked = self.words.asked[topic, "en"]
        rows["procedure_runs"].append(
            (number, conversation + 1, 1, f"r{number}", topic, 1, topic, "escalated", "[]", facts, created, handed)
        )
        for position in range(4):
            step = (number, position, f"s{position}", "ask", chance.choice(asked), "yes", "done")
            rows["procedure_steps"].append(step)

    def _write_conversations(self) -> None:
        for at, own in enumerate(self.conversations):
            held = own.technician if own.state in {"open", "waiting_for_customer", "waiting_for_third_party"} else None
            owner = "technician" if held else "queue" if own.state == "new" else "bot"
            waiting = own.updated_at if own.state in {"new", "open"} else None
            closed = own.state in {"closed", "resolved", "merged"}
            self.rows["conversations"].append(
                (at + 1, own.customer, "web", f"v{own.customer}", "", owner, held, closed, 1, 2, own.last_seq,
                 own.last_public_seq, own.language, None if owner == "bot" else "escalated", waiting, own.ticket,
                 own.created_at, own.updated_at)
            )  # fmt: skip


def fill(database: Database, desk: Desk) -> None:
    """Put a made desk into an empty PostgreSQL database that has its teams and categories."""
    raw = database.engine.raw_connection()
    connection: Any = raw.driver_connection
    with connection.cursor() as cursor:
        # Rows refer to each other in a circle; the indexes are built as they grow, as on a real desk.
        cursor.execute("SET session_replication_role = replica")
        for table, columns in _COLUMNS.items():
            _copy(cursor, table, columns.split(), desk.rows[table])
            if columns.startswith("id "):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        cursor.execute("SET session_replication_role = origin")
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    connection.autocommit = False
    raw.close()


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
