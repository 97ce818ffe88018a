"""The mails that reading mail is measured with. They are kept outside the repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.realworld import REALWORLD
from channels.contract import Incoming
from channels.email.parse import parse

REAL = REALWORLD / "email"
ARRIVED = datetime(2026, 11, 26, tzinfo=UTC)


@dataclass(frozen=True)
class Measure:
    """How often something is as expected.

    wrong: the others, each with how it differs. goal: the share that is wanted, None where the number only informs.
    """

    name: str
    total: int
    wrong: Sequence[tuple[str, str]]
    goal: float | None = None

    @property
    def right(self) -> int:
        """How many are as expected."""
        return self.total - len(self.wrong)

    @property
    def share(self) -> float:
        """Of all."""
        return self.right / self.total if self.total else 0.0

    @property
    def reached(self) -> bool:
        """Whether the goal is."""
        return self.goal is None or self.share >= self.goal


def mails() -> Iterator[tuple[str, bytes]]:
    """Every whole mail there is, by its name."""
    for path in sorted(REAL.rglob("*")):
        if path.suffix in {".eml", ".box"}:
            yield str(path.relative_to(REAL)), path.read_bytes()


def read(raw: bytes) -> Incoming:
    """`raw` as the desk would get it."""
    return parse(raw, mailbox="", own=frozenset(), received_at=ARRIVED, max_file=20_000_000)
