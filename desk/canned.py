"""Canned replies: who sees which, and who may change them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from desk.conversations import MAX_REPLY
from desk.model import checks
from desk.model.canned import Canned, Draft, unknown_placeholders
from desk.model.errors import Invalid
from desk.model.technician import Permission, Technician, require
from desk.store import canned as store
from desk.store import teams
from desk.store.database import Transaction

_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
MAX_TITLE = 200
"""Characters."""


def for_technician(tx: Transaction, technician: Technician) -> Sequence[Canned]:
    """What `technician` may use: those for everybody and those of their teams, by shortcut."""
    return store.for_teams(tx, teams.of_technician(tx, technician.id))


def create(tx: Transaction, by: Technician, draft: Draft, now: datetime) -> Canned:
    """Add a canned reply.

    Raises:
        Invalid: the shortcut is malformed or taken, the title or a text is empty or too long, a text has a
            placeholder that is none, or there is no such team.
        NotAllowed: `by` may not share.
    """
    require(by, Permission.SHARE)
    return store.create(tx, _checked(tx, draft, None), now)


def change(tx: Transaction, by: Technician, canned: int, draft: Draft, now: datetime) -> None:
    """Replace a canned reply by `draft`.

    Raises:
        Invalid: as in `create`.
        NotAllowed: `by` may not share.
        NotFound: there is no such canned reply.
    """
    require(by, Permission.SHARE)
    store.change(tx, canned, _checked(tx, draft, store.get(tx, canned)), now)


def delete(tx: Transaction, by: Technician, canned: int) -> None:
    """Remove a canned reply.

    Raises:
        NotAllowed: `by` may not share.
        NotFound: there is no such canned reply.
    """
    require(by, Permission.SHARE)
    store.remove(tx, store.get(tx, canned).id)


def put(tx: Transaction, by: Technician, draft: Draft, now: datetime) -> Canned:
    """Add a canned reply, or replace the one with its shortcut.

    Raises:
        Invalid: as in `create`.
        NotAllowed: `by` may not share.
    """
    existing = store.by_shortcut(tx, draft.shortcut.strip().lstrip("/").lower())
    if existing is None:
        return create(tx, by, draft, now)
    change(tx, by, existing.id, draft, now)
    return store.get(tx, existing.id)


def _checked(tx: Transaction, draft: Draft, replaced: Canned | None) -> Draft:
    draft = replace(
        draft,
        shortcut=draft.shortcut.strip().lstrip("/").lower(),
        title=checks.text(draft.title, "title", MAX_TITLE),
        text_en=checks.text(draft.text_en, "text_en", MAX_REPLY),
        text_nl=checks.text(draft.text_nl, "text_nl", MAX_REPLY),
        team=draft.team or None,
    )
    if not _SHORTCUT.fullmatch(draft.shortcut):
        raise Invalid("shortcut", "malformed")
    taken = store.by_shortcut(tx, draft.shortcut)
    if taken is not None and (replaced is None or taken.id != replaced.id):
        raise Invalid("shortcut", "taken")
    for field, text in (("text_en", draft.text_en), ("text_nl", draft.text_nl)):
        if unknown_placeholders(text):
            raise Invalid(field, "placeholder")
    if draft.team is not None and teams.find(tx, draft.team) is None:
        raise Invalid("team", "unknown")
    return draft
