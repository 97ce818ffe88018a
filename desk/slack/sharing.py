"""Files that technicians add to what they write below a card: they go with their words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from channels.contract import MAX_FILES, File
from desk import attachments
from desk.model.technician import Technician
from desk.slack.api import SlackFailed
from desk.slack.parse import Payload
from desk.slack.surface import Fetch, Visitor
from desk.store.database import Transaction

log = logging.getLogger(__name__)


async def fetched(fetch: Fetch, visitor: Visitor, shared: Sequence[Payload]) -> tuple[list[File], list[str]]:
    """What of `shared` is to be had, as many files as may go with one message, and the names of the others."""
    found: list[File] = []
    missed = [_name(one) for one in shared[MAX_FILES:]]
    for one in shared[:MAX_FILES]:
        try:
            found.append(await fetch(visitor.client, one))
        except SlackFailed as failure:
            log.warning("slack: a file of %s was not fetched: %s", visitor.person, failure.code)
            missed.append(_name(one))
    return found, missed


def stored(tx: Transaction, technician: Technician, files: Sequence[File], now: datetime) -> list[int]:
    """Keep `files` as uploads of `technician`; their ids."""
    uploader = attachments.technician(technician.id)
    return [attachments.store(tx, uploader, file.name, file.type, file.content, now).id for file in files]


def _name(shared: Payload) -> str:
    return str(shared.get("name") or shared.get("id") or "?")
