"""Commands about mail: what the product makes of one."""

from __future__ import annotations

import argparse
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from firstline.commands.common import add, group

if TYPE_CHECKING:
    from channels.contract import Incoming
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``email``."""
    actions = group(commands, "email", "mails as customers send them")
    inspect = add(actions, "inspect", "read mails, print what we make of each as a line of JSON")
    inspect.add_argument(
        "file", nargs="+", metavar="FILE", help="a mail as it arrived (.eml); - reads one from the input"
    )
    inspect.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Inspect each file; the exit code: 1 when one of them could not be read."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal: names and texts are in all languages
    code = 0
    for name in arguments.file:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            sys.stderr.write(f"firstline: {name}: {error.strerror or error}\n")
            code = 1
            continue
        sys.stdout.write(json.dumps(inspected(raw, settings), ensure_ascii=False) + "\n")
    return code


def inspected(raw: bytes, settings: Settings) -> dict[str, object]:
    """What is made of the mail `raw`, as it is printed."""
    from channels.email.addresses import mailboxes, own
    from channels.email.parse import parse
    from desk.model.letter import Verdict, decide

    boxes = mailboxes(settings.mailboxes.get_secret_value() if settings.mailboxes else "")
    incoming = parse(
        raw,
        mailbox="",
        own=own(boxes, settings.mail_addresses, settings.mail_from),
        received_at=datetime.now(UTC),
        max_file=settings.max_file,
        trusted=frozenset(relay.lower() for relay in settings.mail_trusted_relays),
        secret=settings.secret_key.get_secret_value().encode(),
    )
    assert incoming.letter is not None
    decision = decide(incoming.letter)
    recorded = decision.verdict in {Verdict.RECORD, Verdict.NOTE}
    word = "record only" if recorded else decision.verdict.value
    return {**_read(raw, incoming), "decision": word, "decision_reason": decision.reason}


def _read(raw: bytes, incoming: Incoming) -> dict[str, object]:
    from channels.email import mime, people

    letter = incoming.letter
    assert letter is not None
    head = mime.head(raw)
    return {
        "from": people.shown(head, "from") or str(letter.sender or ""),
        "to": [str(person) for person in people.named_in(head, "to")],
        "cc": [str(person) for person in people.named_in(head, "cc")],
        "reply_to": str(letter.reply_to) if letter.reply_to else None,
        "subject": letter.subject,
        "message_id": incoming.external_id,
        "references": list(letter.references),
        "date": letter.date.isoformat() if letter.date else None,
        "text": letter.full_text,
        "reply_text": incoming.text,
        "html_kept": letter.html is not None,
        "attachments": [{"name": f.name, "type": f.type, "size": len(f.content)} for f in incoming.attachments],
        "left_out": list(letter.left_out),
        "forwarded_from": str(letter.forwarded_from) if letter.forwarded_from else None,
        "signed_by": letter.signed_by,
        "encrypted": letter.encrypted,
        "unreadable": letter.unreadable,
        "automatic": letter.automatic.value if letter.automatic else None,
        "automatic_reason": letter.reason or None,
    }
