"""What browsers get, as JSON frames. Pure: values in, plain dicts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

import segno

from channels.contract import MAX_FILES, MAX_TEXT, Accepted, Attachment, Language, Outgoing, Situation, Way

Frame = dict[str, object]
"""A JSON object, on its way to a client."""


def welcome(token: str, language: Language, situation: Situation, max_file: int) -> Frame:
    """The answer to hello. `last` is the newest message: the client knows when it has caught up.

    max_file: bytes in one file.
    """
    return {
        "type": "welcome",
        "token": token,
        "language": language,
        "situation": _situation(situation),
        "last": situation.last_seq,
        "max_length": MAX_TEXT,
        "max_files": MAX_FILES,
        "max_file": max_file,
    }


def attachment(stored: Attachment, url: str) -> Frame:
    """A file, and where it is, below the channel's own address."""
    return {"id": stored.id, "name": stored.name, "type": stored.type, "size": stored.size, "url": url}


def message(outgoing: Outgoing, link: Callable[[Attachment], str]) -> Frame:
    """One message of the conversation; `id` is set on the customer's own. `link` tells where a file of it is."""
    return {
        "type": "message",
        "seq": outgoing.seq,
        "id": outgoing.external_id,
        "author": outgoing.author.value,
        "name": outgoing.name,
        "text": outgoing.text,
        "buttons": [{"title": button.title, "payload": button.payload} for button in outgoing.buttons],
        "attachments": [attachment(one, link(one)) for one in outgoing.attachments],
        "at": outgoing.sent_at.isoformat(),
        "language": outgoing.language,
    }


def accepted(message_id: str, result: Accepted) -> Frame:
    """The message is stored, now or already earlier."""
    return {"type": "accepted", "id": message_id, "seq": result.seq}


def rejected(message_id: str, code: str, text: str) -> Frame:
    """The message is not stored, and why."""
    return {"type": "rejected", "id": message_id, "code": code, "text": text}


def situation(current: Situation) -> Frame:
    """Who answers, and how things stand."""
    return {"type": "situation", **_situation(current)}


def elsewhere(ways: Iterable[Way]) -> Frame:
    """How to go on with this conversation elsewhere; none: there is no conversation yet."""
    return {
        "type": "elsewhere",
        "ways": [
            {
                "channel": way.channel,
                "link": way.link,
                "words": way.words,
                "code": _qr_code(way.link) if way.link else None,
            }
            for way in ways
        ],
    }


def _qr_code(link: str) -> Frame:
    """`link` for the camera of a phone: a QR code as an SVG path, and how many units it is wide and high."""
    rows = segno.make_qr(link).matrix
    path = ""
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            path += f"M{x} {y}h{length}v1h-{length}z" if dark else ""
            x += length
    return {"size": len(rows), "path": path}


def error(code: str, text: str) -> Frame:
    """A frame could not be used."""
    return {"type": "error", "code": code, "text": text}


def pong() -> Frame:
    """I am here."""
    return {"type": "pong"}


def _situation(current: Situation) -> Frame:
    return {
        "owner": current.owner.value,
        "technician": current.technician,
        "closed": current.closed,
        "assistant": current.assistant.value,
        "typing": current.typing,
    }
