"""Files that go with messages: named safely, typed by their content, kept until they are sent.

upload ──► store ──► (unsent, a day at most) ── bind, with the message ──► the message's for good
                          └── sweep ──► gone
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath

import puremagic

from channels.contract import Attachment, Incoming, Rejected, RejectReason
from channels.files import PREVIEWED, TEXT, safe_name
from desk.model.errors import Invalid, NotFound
from desk.store import attachments, conversations
from desk.store.attachments import Stored
from desk.store.database import Transaction

KEPT = timedelta(hours=24)
"""How long an upload waits for its message."""
MAX_UNSENT = 20
"""Uploads of one person that wait at the same time; the oldest beyond that go at once."""
_SWEPT_AT_ONCE = 100
_UNKNOWN = "application/octet-stream"
_TEXT_NAMES = frozenset({".txt", ".log", ".csv", ".md", ".ini", ".conf", ".yml", ".yaml", ".json"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NO_FILE = "/dev/null/{}"
"""Where no file can be: puremagic takes a name for a path, and looks into a file of ours that is called so."""


def customer(channel: str, address: str) -> str:
    """How a customer is called as an uploader."""
    return f"{channel}:{address}"


def technician(number: int) -> str:
    """How a technician is called as an uploader."""
    return f"technician:{number}"


def store(tx: Transaction, uploader: str, name: str, content_type: str, content: bytes, now: datetime) -> Attachment:
    """Keep a file until a message of the same `uploader` refers to it.

    content_type: what the sender says it is; only believed where it does no harm.
    """
    stored = _create(tx, uploader, name, content_type, content, now)
    attachments.remove(tx, attachments.unsent(tx, uploader, MAX_UNSENT))
    return stored


def _create(tx: Transaction, uploader: str, name: str, claimed: str, content: bytes, now: datetime) -> Attachment:
    safe = safe_name(name)
    fingerprint = sha256(content).hexdigest()
    return attachments.create(tx, uploader, safe, kind(safe, claimed, content), fingerprint, content, now)


def bind(tx: Transaction, message: int, ids: Sequence[int], uploader: str) -> None:
    """Make the uploads `ids` part of `message`. The message has been written with their number.

    Raises:
        Invalid: one of them was not uploaded by `uploader`, is another message's, or is there twice.
    """
    if attachments.bind(tx, message, ids, uploader) != len(ids):
        raise Invalid("attachments", "unknown")


def receive(tx: Transaction, message: int, incoming: Incoming, now: datetime) -> None:
    """Store the files that came with `message`: both are there, or neither.

    Raises:
        Rejected: UNKNOWN_FILE, an upload that it refers to is not this sender's, or has been sent already.
    """
    if not incoming.files:
        return
    uploader = customer(incoming.channel, incoming.address)
    # Not as `store` does it: these are no uploads that wait, and a mail may have more of them than may wait.
    stored = [_create(tx, uploader, f.name, f.type, f.content, now).id for f in incoming.attachments]
    try:
        bind(tx, message, [*incoming.uploads, *stored], uploader)
    except Invalid as error:
        raise Rejected(RejectReason.UNKNOWN_FILE) from error


def open(tx: Transaction, attachment: int) -> Stored:  # noqa: A001  the word for it, always used with the module's name
    """An attachment with its content.

    Raises:
        NotFound: there is no such attachment.
    """
    return attachments.get(tx, attachment)


def open_for_customer(tx: Transaction, attachment: int, channel: str, address: str) -> Stored:
    """The same for a customer.

    Raises:
        NotFound: there is none, or it is not in their conversation, or in a note among technicians.
    """
    own = conversations.find(tx, channel, address)
    if not attachments.visible(tx, attachment, own.id if own else None, customer(channel, address)):
        raise NotFound("attachment", attachment)
    return attachments.get(tx, attachment)


def open_for_technician(tx: Transaction, attachment: int, number: int) -> Stored:
    """The same for a technician, who may see what is in any conversation, and what they have just uploaded.

    Raises:
        NotFound: there is none, or somebody else has uploaded it and not sent it yet.
    """
    found = attachments.get(tx, attachment)
    if found.conversation is None and found.uploader != technician(number):
        raise NotFound("attachment", attachment)
    return found


def sweep(tx: Transaction, now: datetime) -> int:
    """Delete a batch of uploads that were never sent, and of contents that nobody refers to. Returns how many."""
    removed = attachments.remove(tx, attachments.stale(tx, now - KEPT, _SWEPT_AT_ONCE))
    return removed + attachments.remove_orphans(tx, _SWEPT_AT_ONCE)


def kind(name: str, content_type: str, content: bytes) -> str:
    """The media type of `content`.

    What browsers are allowed to show is believed only when the content itself says so. For the rest, which is only
    downloaded, name and claim are good enough.
    """
    found = _sniffed(content)
    if found in PREVIEWED:
        return found
    suffix = PurePosixPath(name).suffix.lower()
    claimed = content_type.partition(";")[0].strip().lower()
    if (suffix in _TEXT_NAMES or (claimed == TEXT and not suffix)) and _is_text(content):
        return TEXT
    named = _sniffed(content, name) or claimed
    harmless = re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,100}", named) and named not in PREVIEWED
    return named if harmless else _UNKNOWN


def _sniffed(content: bytes, name: str | None = None) -> str:
    """What the content's first and last bytes say; with a name, among what they allow the one it fits. May be empty."""
    if not content:
        return ""
    try:
        return puremagic.from_string(content, mime=True, filename=name and _NO_FILE.format(name))
    except puremagic.PureError:
        return ""


def _is_text(content: bytes) -> bool:
    try:
        return _CONTROL.search(content.decode("utf-8")) is None
    except UnicodeDecodeError:
        return False
