"""What an adapter makes of a recorded payload, as JSON: for whoever wonders why the desk saw what it saw. Pure.

A channel that can say so has, in its ``parse.py``, ``inspect(payload) -> Inspected``; its entry in the registry names
that module. Nothing is fetched: files stand there as what the network says of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from channels.contract import Edit, File, Incoming, JSONObject


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that the network holds until we fetch it, with what it says of it."""

    id: str
    name: str
    type: str
    size: int | None
    """Bytes; None: it does not say."""

    def unfetched(self) -> File:
        """The file without its content."""
        return File(self.name, self.type, b"")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message, whose `Incoming.attachments` are what `files` will be once they are fetched."""

    incoming: Incoming
    files: tuple[RemoteFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for the desk, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """No message, but something that the channel acts on: `kind` says what, such as ``join``."""

    kind: str
    details: JSONObject


Inspected = Seen | Edit | Noticed | Ignored


def as_json(inspected: Inspected) -> JSONObject:
    """One JSON object. Moments stay datetimes, for an encoder that writes them in ISO 8601."""
    match inspected:
        case Seen(incoming, files):
            fields = asdict(incoming)
            # Contents are not fetched, and uploads and letters belong to other networks.
            for name in ("attachments", "uploads", "letter"):
                fields.pop(name)
            return {**fields, "attachments": [asdict(file) for file in files]}
        case Edit():
            return {"edit": asdict(inspected)}
        case Noticed(kind, details):
            return {kind: details}
        case Ignored(reason):
            return {"ignored": reason}
