"""One connection to a mailbox, by IMAP. Every method blocks; only `Session.abort` may be called from another thread."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from ssl import SSLContext
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from channels.email.addresses import Mailbox, Tls

__all__ = ["IMAPClientAbortError", "IMAPClientError", "Mail", "Session"]

logger = logging.getLogger(__name__)

DONE = "$FirstlineDone"
REJECTED = "$FirstlineRejected"
"""Keywords that mails are marked with: people's mail programs leave them alone."""
_SEEN, _DELETED, _FLAGGED = "\\Seen", "\\Deleted", "\\Flagged"
_TIMEOUT = SocketTimeout(connect=10, read=60)
_WINDOW = 20_000
"""Mails that are searched at once: an answer of a million characters would be refused by Python's imaplib."""
_LAST = 2**32 - 1
"""The largest UID there can be. The sign for it (``*``) would mean the newest mail, also when that one is older."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, or its beginning where it is too large."""

    raw: bytes = field(repr=False)
    arrived: datetime


class Session:
    """`mailbox`, opened.

    Which mails are work: those that are not marked as done (or moved away, where the mailbox says so), and that either
    nobody has read, or that came after the mailbox was opened for the first time. So a person who looks into the
    mailbox hides nothing from us, and what had been read before Firstline came is left alone.

    states: a directory that remembers when that was.
    """

    def __init__(self, mailbox: Mailbox, context: SSLContext, states: Path, max_mail: int) -> None:
        self._mailbox = mailbox
        self._context = context
        self._states = states
        self._max_mail = max_mail
        self._client: Any = None
        self._aborted = False
        self._mails = 0
        self._first = 1
        self._keywords = False

    def open(self) -> None:
        """Connect, log in and select the folder.

        Raises:
            OSError, IMAPClientError, NoTokenError: in words for whoever administers it.
        """
        server, login = self._mailbox.server, self._mailbox.server.login
        assert login is not None
        from_the_start = server.tls is Tls.FROM_THE_START
        client = self._client = IMAPClient(
            server.host, server.port, ssl=from_the_start, ssl_context=self._context, timeout=_TIMEOUT
        )
        if self._aborted:
            self.abort()
        client.normalise_times = False
        if not from_the_start and (client.has_capability("STARTTLS") or not server.here):
            client.starttls(self._context)
        if login.oauth:
            client.oauth2_login(login.user, login.token())
        else:
            client.login(login.user, login.password)
        for folder in (self._mailbox.move, self._mailbox.rejected):
            if folder and not client.folder_exists(folder):
                client.create_folder(folder)
        self.look()

    def look(self) -> None:
        """See what there is now: call it before `windows`."""
        state: Mapping[bytes, Any] = self._client.select_folder(self._mailbox.folder)
        self._mails = int(state[b"EXISTS"])
        permanent = {flag.lower() for flag in state.get(b"PERMANENTFLAGS", ())}
        self._keywords = b"\\*" in permanent or DONE.lower().encode() in permanent
        self._first = self._first_uid(int(state[b"UIDVALIDITY"]), state.get(b"UIDNEXT"))

    @property
    def hides_nothing(self) -> bool:
        """Whether people may read mails in this mailbox without us missing them."""
        return self._keywords or self._mailbox.move is not None

    @property
    def windows(self) -> list[str]:
        """The mailbox in pieces that are searched at once, for `waiting`."""
        starts = range(1, self._mails + 1, _WINDOW)
        return [f"{start}:{min(start + _WINDOW - 1, self._mails)}" for start in starts]

    def waiting(self, window: str) -> list[int]:
        """The UIDs of mails in `window` that are work."""
        criteria: list[Any] = [window, "UNDELETED"]
        if self._keywords:
            criteria += ["UNKEYWORD", DONE]
        criteria += ["OR", "UNSEEN", ["UID", f"{self._first}:{_LAST}"]] if self.hides_nothing else ["UNSEEN"]
        return sorted(self._client.search(criteria))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes each of `uids` has, at most as many as are taken; without those that have gone."""
        found = self._client.fetch(uids, ["RFC822.SIZE"])
        return {uid: min(int(data[b"RFC822.SIZE"]), self._max_mail) for uid, data in found.items()}

    def fetch(self, uids: Sequence[int]) -> dict[int, Mail]:
        """The mails, unmarked; without those that have gone."""
        part = f"BODY.PEEK[]<0.{self._max_mail}>"
        found = self._client.fetch(uids, [part, "INTERNALDATE"])
        return {
            uid: Mail(bytes(data[b"BODY[]<0>"] or b""), data[b"INTERNALDATE"])
            for uid, data in found.items()
            if b"BODY[]<0>" in data
        }

    def done(self, uids: Sequence[int]) -> None:
        """They are in the record: mark them, and move them away where the mailbox says so."""
        self._client.add_flags(uids, [_SEEN, DONE] if self._keywords else [_SEEN], silent=True)
        if self._mailbox.move:
            self._move(uids, self._mailbox.move)

    def rejected(self, uids: Sequence[int]) -> None:
        """The desk does not take them: mark them for people to look at, and do not come back to them."""
        keywords = [DONE, REJECTED] if self._keywords else []
        self._client.add_flags(uids, [_SEEN, _FLAGGED, *keywords], silent=True)
        folder = self._mailbox.rejected or self._mailbox.move
        if folder:
            self._move(uids, folder)

    def _move(self, uids: Sequence[int], folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, folder)
            return
        self._client.copy(uids, folder)
        self._client.add_flags(uids, [_DELETED], silent=True)
        if self._client.has_capability("UIDPLUS"):  # without it, EXPUNGE would remove what others have marked
            self._client.uid_expunge(uids)

    def wait(self, seconds: float) -> bool:
        """Wait until the server tells of something, at most `seconds`. False: it cannot tell, and nobody waited."""
        if not self._client.has_capability("IDLE"):
            return False
        if self._told_of_more():
            return True
        self._client.idle()
        if not self._read_already():
            self._client.idle_check(seconds)
        self._client.idle_done()
        return True

    def _told_of_more(self) -> bool:
        """Whether mail has come since `look`: servers tell it once, beside the answer to whatever is asked next, and
        would say nothing of it while we wait. The client keeps what it was told and did not ask for."""
        told = self._client._imap.untagged_responses.get("EXISTS", ())
        return any(int(number) > self._mails for number in told if number)

    def _read_already(self) -> bool:
        """Whether more of what the server said has been read from the connection than was asked for: `idle_check`
        waits for the connection, where that never comes again."""
        self._client.socket().setblocking(False)
        try:
            return bool(self._client._imap.file.peek(1))
        except OSError:  # TLS says so where there is nothing
            return False
        finally:
            self._client.socket().settimeout(_TIMEOUT.read)

    def leave(self) -> None:
        """Say goodbye."""
        with suppress(OSError, IMAPClientError):
            self._client.logout()

    def close(self) -> None:
        """Give the connection back, whatever state it is in."""
        if self._client is not None:
            with suppress(OSError, IMAPClientError):
                self._client.shutdown()

    def abort(self) -> None:
        """End the connection now: whoever waits in a method gets an error. From any thread."""
        self._aborted = True
        connected = getattr(getattr(self._client, "_imap", None), "sock", None)
        if connected is not None:
            with suppress(OSError):
                # The plain socket's: TLS's own would change what the other thread is reading from.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def _first_uid(self, validity: int, next_uid: int | None) -> int:
        """The first UID that mail had which came after the mailbox was opened for the first time."""
        name = sha256(self._mailbox.key.encode()).hexdigest()[:20]
        path = self._states / f"{name}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(path.read_text("utf-8"))
            if known["uidvalidity"] == validity:
                return int(known["first"])
        if next_uid is None:
            status = self._client.folder_status(self._mailbox.folder, ["UIDNEXT"])
            next_uid = int(status[b"UIDNEXT"])
        self._states.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        state = {"mailbox": self._mailbox.key, "uidvalidity": validity, "first": next_uid}
        unfinished.write_text(json.dumps(state), "utf-8")
        unfinished.replace(path)
        return next_uid


def words(error: Exception) -> str:
    """What went wrong with a mailbox, for administrators."""
    if isinstance(error, LoginError):
        return f"login refused: {error}"
    return f"{type(error).__name__}: {error}".removesuffix(": ")
