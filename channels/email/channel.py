"""Email as a channel: puts its parts together as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Router

from channels.contract import MAX_FILES, Capabilities, DeliveryFailed, Desk, Log, Outgoing, Receipt
from channels.email import render
from channels.email.addresses import Listen, Mailbox, listen, mailboxes, own, smtp_server
from channels.email.imap import Session
from channels.email.intake import KIND, Intake, Reading
from channels.email.listening import Listener
from channels.email.page import LocalMailbox
from channels.email.pool import trusted
from channels.email.reading import Reader
from channels.email.render import Letterhead, Unaddressable
from channels.email.smtp import Envelope, Files, NotSent, Smtp, Transport

logger = logging.getLogger(__name__)

_MAILS_PER_CONNECTION = 100
_REMEMBERED = 1_000
"""Mails whose connection was cut: more are not under way at once."""
_LISTEN_AGAIN = 30.0


@dataclass(frozen=True, slots=True)
class Inbound:
    """How mail comes in. states: a directory for what is remembered of mailboxes. poll: seconds."""

    mailboxes: tuple[Mailbox, ...]
    listen: Listen | None
    reading: Reading
    recipients: frozenset[str]
    states: Path
    poll: float = 60.0
    max_mail: int = 50_000_000
    ca_file: Path | None = None


def create(settings: Mapping[str, str]) -> EmailChannel:
    """The channel as configured: `docs/operations.md` explains each setting. Without any, mail stays in files, and a
    page on this machine shows it."""
    boxes = mailboxes(settings.get("mailboxes", ""))
    others = settings.get("mail_addresses", "").split()
    ours = {box.address: box.name for box in boxes} | dict.fromkeys(others, "") or {settings["mail_from"]: ""}
    directory = Path(settings["data_dir"])
    where = settings.get("mail_listen")
    letterhead = Letterhead(
        ours,
        settings["public_url"],
        settings["secret_key"].encode(),
        name=settings.get("mail_name", ""),
        plus=bool(settings.get("mail_plus_addresses")),
    )
    ca_file = Path(settings["mail_ca_file"]) if settings.get("mail_ca_file") else None
    inbound = Inbound(
        boxes,
        listen(where) if where else None,
        Reading(
            own=own(boxes, others, settings["mail_from"]),
            secret=letterhead.secret,
            max_file=int(settings["max_file"]),
            trusted=frozenset(settings.get("mail_trusted_relays", "").lower().split()),
        ),
        frozenset(ours),
        directory / "mailboxes",
        poll=float(settings.get("mail_poll_seconds", 60)),
        max_mail=int(settings.get("mail_max", 50_000_000)),
        ca_file=ca_file,
    )
    if not settings.get("smtp_url"):
        files = directory / "mail" / "customers"
        return EmailChannel(letterhead, Files(files), inbound, files)
    smtp = Smtp(
        smtp_server(settings["smtp_url"]),
        connections=int(settings.get("smtp_connections", 4)),
        per_connection=_MAILS_PER_CONNECTION,
        per_minute=int(settings.get("mail_per_minute", 0)),
        ca_file=ca_file,
    )
    return EmailChannel(letterhead, smtp, inbound)


class EmailChannel:
    """Email. Implements `channels.contract.Sender`, `Listener` and `Webhook`.

    files: where mails are written, when they are not sent.
    """

    kind = KIND
    capabilities = Capabilities(letters=True, files=MAX_FILES)

    def __init__(
        self, letterhead: Letterhead, transport: Transport, inbound: Inbound, files: Path | None = None
    ) -> None:
        self._letterhead = letterhead
        self._transport = transport
        self._inbound = inbound
        self._files = files
        self._cut: deque[str] = deque(maxlen=_REMEMBERED)

    async def send(self, message: Outgoing) -> Receipt:
        """Send it as a mail, which has the same Message-ID each time.

        When the connection is cut while the mail is handed over, it is sent once more: programs take two mails with one
        Message-ID for one, and a lost answer would be worse. Cut again, a person settles it.
        """
        try:
            built = render.message(message, self._letterhead)
        except Unaddressable as error:
            raise DeliveryFailed(str(error), permanent=True) from error
        name = render.message_id(message, self._letterhead)
        to, cc = render.recipients(built)
        key = f"{message.sent_at:%Y%m%dT%H%M%S}-{message.conversation}-{message.seq}"
        sender = built["From"].addresses[0].addr_spec
        content = await asyncio.to_thread(render.wire, built)
        try:
            await self._transport.send(Envelope(key, sender, to, content, cc))
        except NotSent as error:
            raise self._failed(name, error) from error
        return Receipt(name)

    def _failed(self, name: str, error: NotSent) -> DeliveryFailed:
        again = error.cut and name in self._cut
        if error.cut:
            self._cut.append(name)
        return DeliveryFailed(
            error.detail,
            permanent=error.permanent,
            unreachable=error.unreachable,
            retry_after=error.retry_after,
            unknown=again,
        )

    async def listen(self, desk: Desk) -> None:
        """Read the mailboxes and take what is handed over, until cancelled. What fails is tried again by itself."""
        inbound = self._inbound
        intake = Intake(desk, inbound.reading)
        context = await asyncio.to_thread(trusted, inbound.ca_file)

        def reader(mailbox: Mailbox) -> Reader:
            return Reader(
                mailbox,
                lambda: Session(mailbox, context, inbound.states, inbound.max_mail),
                intake,
                poll=inbound.poll,
            )

        running: list[Coroutine[None, None, None]] = [reader(mailbox).run() for mailbox in inbound.mailboxes]
        if inbound.listen is not None:
            running.append(_listen(Listener(inbound.listen, intake, inbound.recipients, inbound.max_mail), intake))
        async with asyncio.TaskGroup() as tasks:
            for work in running:
                tasks.create_task(work)
            await asyncio.Event().wait()

    def routes(self, desk: Log) -> Router | None:
        """The local mailbox page, for as long as mail goes nowhere and comes from nowhere; else nothing."""
        inbound = self._inbound
        if self._files is None or inbound.mailboxes or inbound.listen is not None:
            return None
        page = LocalMailbox(self._files, self._letterhead, Intake(desk, inbound.reading))
        return page.routes() if page.is_local else None


async def _listen(listener: Listener, intake: Intake) -> None:
    while True:
        try:
            await listener.run()
        except OSError as error:
            logger.warning("mail cannot be taken: %s; it is tried again in %.0f s", error, _LISTEN_AGAIN)
            await intake.trouble(str(error))
        await asyncio.sleep(_LISTEN_AGAIN)
