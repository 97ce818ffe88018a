"""Working through a mailbox, again and again, as long as the process lives.

open ─► look ─► for each mail that waits: fetch ─► the desk commits ─► mark as done ─┐
  ▲       ▲                                                                          │
  │       └──────────── told of new mail (IDLE), or time to look again ◄─────────────┘
  └── pause, longer each time ◄── anything about the connection fails, or the desk does
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from itertools import batched

from channels.contract import Rejected
from channels.email.addresses import Mailbox
from channels.email.imap import IMAPClientAbortError, IMAPClientError, Mail, Session, words
from channels.email.intake import Intake
from channels.email.login import NoTokenError

logger = logging.getLogger(__name__)

_ASK = 500
"""Mails whose size is asked for at once."""
_GROUP, _LOAD = 50, 8_000_000
"""How many mails, and how many bytes of them, are fetched at once, unless one alone is larger."""
_PAUSES = (1.0, 300.0)
_AGAIN = 5.0
"""Seconds until a mail that failed is tried again; longer each time."""
_GIVE_UP = 3
"""So many failures one after the other are not the mails' fault: the desk cannot store anything now."""


class DeskDown(Exception):
    """The desk takes nothing at this moment."""


class Reader:
    """Reads one mailbox.

    session: makes a connection. poll: seconds after which it is looked at in any case. pauses: the first and the
    longest number of seconds before a new attempt after a failure.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        session: Callable[[], Session],
        intake: Intake,
        *,
        poll: float,
        pauses: tuple[float, float] = _PAUSES,
    ) -> None:
        self._mailbox = mailbox
        self._session = session
        self._intake = intake
        self._poll = poll
        self._pause, self._longest_pause = self._pauses = pauses
        self._failed: Counter[int] = Counter()
        self._in_a_row = 0

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                async with _opened(self._session()) as connection:
                    await self._work(connection)
            except (OSError, IMAPClientError, NoTokenError, DeskDown) as error:
                detail = f"{self._mailbox.address}: {words(error)}"
                logger.warning("mailbox %s; it is tried again in %.0f s", detail, self._pause)
                if not isinstance(error, DeskDown):
                    await self._tell(detail)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, self._longest_pause)

    async def _tell(self, detail: str) -> None:
        try:
            await self._intake.trouble(detail)
        except Exception:  # the desk may be down as well; reading goes on as soon as both are back
            logger.exception("mailbox %s: administrators could not be told", self._mailbox.address)

    async def _work(self, connection: Connection) -> None:
        session = connection.session
        if not session.hides_nothing:
            logger.warning(
                "mailbox %s keeps no keywords: mail that people read there first is missed; give it ?move=FOLDER",
                self._mailbox.address,
            )
        while True:
            waiting: set[int] = set()
            for window in session.windows:
                uids = await connection.call(partial(session.waiting, window))
                waiting.update(uids)
                await self._take(connection, uids)
            for gone in self._failed.keys() - waiting:
                del self._failed[gone]
            self._pause = self._pauses[0]
            await self._wait(connection)
            await connection.call(session.look)

    async def _wait(self, connection: Connection) -> None:
        seconds = min(self._poll, _AGAIN * max(self._failed.values(), default=self._poll))
        if not await connection.call(partial(connection.session.wait, seconds)):
            await asyncio.sleep(seconds)

    async def _take(self, connection: Connection, uids: Iterable[int]) -> None:
        # Those that failed before come last: they must not keep the others waiting.
        for asked in batched(sorted(uids, key=lambda uid: (self._failed[uid], uid)), _ASK):
            sizes = await connection.call(partial(connection.session.sizes, asked))
            for group in _loads({uid: sizes[uid] for uid in asked if uid in sizes}):
                await self._take_group(connection, await self._fetch(connection, group))

    async def _take_group(self, connection: Connection, mails: dict[int, Mail]) -> None:
        done: list[int] = []
        rejected: list[int] = []
        try:
            for uid in list(mails):
                if (taken := await self._hand_in(uid, mails.pop(uid))) is not None:
                    (done if taken else rejected).append(uid)
        except asyncio.CancelledError:
            # Stopping does not wait for a server. What is not marked is handed in again, and known.
            done, rejected = [], []
            raise
        finally:
            # Together: a word to the server for each would take longer than storing it.
            if done:
                await connection.call(partial(connection.session.done, done))
            if rejected:
                await connection.call(partial(connection.session.rejected, rejected))

    async def _fetch(self, connection: Connection, uids: list[int]) -> dict[int, Mail]:
        try:
            return await connection.call(partial(connection.session.fetch, uids))
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            if len(uids) == 1:
                logger.warning("mailbox %s: mail %s cannot be fetched: %s", self._mailbox.address, uids[0], error)
                self._failed[uids[0]] += 1
                return {}
        # The server stumbles over one of them: the others are fetched without it.
        return {uid: mail for one in uids for uid, mail in (await self._fetch(connection, [one])).items()}

    async def _hand_in(self, uid: int, mail: Mail) -> bool | None:
        """Whether the desk has taken it; None: it could not say, and is asked again."""
        try:
            await self._intake.hand_in(mail.raw, self._mailbox.address, mail.arrived)
            taken = True
        except Rejected as rejected:
            logger.warning("mailbox %s: mail %s is not taken: %s", self._mailbox.address, uid, rejected.reason.value)
            taken = False
        except Exception as error:
            logger.exception("mailbox %s: mail %s could not be stored", self._mailbox.address, uid)
            self._failed[uid] += 1
            self._in_a_row += 1
            if self._in_a_row >= _GIVE_UP:
                self._in_a_row = 0
                raise DeskDown(str(error)) from error
            return None
        self._in_a_row = 0
        self._failed.pop(uid, None)
        return taken


class Connection:
    """A session and the one thread that may use it."""

    def __init__(self, session: Session, thread: ThreadPoolExecutor) -> None:
        self.session = session
        self._thread = thread

    async def call[T](self, work: Callable[[], T]) -> T:
        """Do `work` in that thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def _opened(session: Session) -> AsyncIterator[Connection]:
    # Not the loop's own threads: they are few, and waiting for mail takes one for good.
    thread = ThreadPoolExecutor(1, "imap")
    connection = Connection(session, thread)
    try:
        await connection.call(session.open)
        yield connection
        await connection.call(session.leave)
    finally:
        session.abort()
        thread.submit(session.close)
        thread.shutdown(wait=False)


def _loads(sizes: dict[int, int]) -> Iterator[list[int]]:
    """The UIDs in groups that are fetched at once."""
    group: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if group and (total + size > _LOAD or len(group) == _GROUP):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group
