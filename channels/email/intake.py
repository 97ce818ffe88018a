"""Handing mails to the desk, whichever way they came."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from channels.contract import Accepted, Desk, Incoming, Rejected
from channels.email.parse import nobody, parse
from channels.letter import Letter

logger = logging.getLogger(__name__)

KIND = "email"
_TRIES = 5
"""After so many failures of the desk with one mail, it is handed in without having been read."""
_FROM = re.compile(rb"^from:[^\r\n]*?([^\s<>\"',;:@]+@[^\s<>\"',;:@]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a mail takes to know.

    own: our addresses, lower case. trusted: authserv-ids of our relays. secret: signs our own mails.
    max_file: bytes in one attachment that is kept apart.
    """

    own: frozenset[str]
    secret: bytes = field(repr=False)
    max_file: int
    trusted: frozenset[str] = frozenset()


class Intake:
    """Reads mails and hands them to `desk`. Nothing that is wrong with a mail keeps it out of the record."""

    def __init__(self, desk: Desk, reading: Reading, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._desk = desk
        self._reading = reading
        self._now = now
        self._failures: Counter[str] = Counter()

    async def hand_in(self, raw: bytes, mailbox: str, received_at: datetime | None = None) -> Accepted:
        """Hand in `raw`, which came to our address `mailbox`. When this returns, it is committed.

        Raises:
            Rejected: the desk does not take it; it never will.
            Exception: the desk could not take it now. After some of those, the mail is handed in unread: perhaps it
                is the mail's fault.
        """
        name = sha256(raw).hexdigest()
        at = received_at or self._now()
        if self._failures[name] >= _TRIES:
            incoming = unread(raw, mailbox, at, "the desk failed with it")
        else:
            incoming = await asyncio.to_thread(self._read, raw, mailbox, at)
        try:
            accepted = await self._desk.accept(incoming)
        except Rejected:
            raise
        except Exception:
            self._failures[name] += 1
            raise
        self._failures.pop(name, None)
        return accepted

    async def trouble(self, detail: str) -> None:
        """Tell administrators what does not work."""
        await self._desk.trouble(KIND, detail)

    def _read(self, raw: bytes, mailbox: str, at: datetime) -> Incoming:
        known = self._reading
        try:
            return parse(
                raw,
                mailbox=mailbox,
                own=known.own,
                received_at=at,
                max_file=known.max_file,
                trusted=known.trusted,
                secret=known.secret,
            )
        except Exception as error:
            logger.exception("a mail to %s cannot be read; it is kept as it is", mailbox)
            return unread(raw, mailbox, at, type(error).__name__)


def unread(raw: bytes, mailbox: str, at: datetime, why: str) -> Incoming:
    """`raw` as it is, for a technician to look at. Whose it is, is guessed."""
    found = _FROM.search(raw)
    address = found[1].decode("ascii", "ignore").lower() if found else ""
    external_id = f"sha256:{sha256(raw).hexdigest()}"
    return Incoming(
        channel=KIND,
        address=address if "@" in address.strip("@") else nobody(external_id),
        external_id=external_id,
        text="",
        received_at=at,
        letter=Letter(mailbox=mailbox, unreadable=why, source=raw),
    )
