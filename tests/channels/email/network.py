"""Alice and Bob write and read mail; servers in between hand it over."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP

from channels.contract import Outgoing
from channels.email.channel import EmailChannel
from tests.channels.email.sink import Sink, sink
from tests.channels.email.test_listening import SUPPORT, listening
from tests.channels.email.test_sending import channel
from tests.channels.memory_log import MemoryLog
from tests.channels.networks import ALICE, Network, Outcome, Seen, Trouble

_DOMAIN = "example.com"
_TROUBLES = {Trouble.REFUSED: "554 5.7.1 not this", Trouble.BROKEN: "451 4.3.0 later"}


class EmailNetwork(Network):
    """Their server hands mail to us by LMTP, and takes ours by SMTP."""

    # Servers do not say how long to wait; and a mail that was cut off once is sent again, under the same Message-ID.
    troubles = frozenset({Trouble.GONE, Trouble.REFUSED, Trouble.BROKEN})
    channel: EmailChannel

    def __init__(self, desk: MemoryLog, port: int, theirs: Sink) -> None:
        self.desk = desk
        self.channel = channel(f"smtp://127.0.0.1:{theirs.port}")
        self._port = port
        self._theirs = theirs
        self._mails: list[bytes] = []

    async def says(self, text: str, who: str = ALICE) -> Outcome:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Alex <{who}@{_DOMAIN}>"
        mail["To"] = SUPPORT
        mail["Subject"] = "Help"
        mail["Message-ID"] = f"<{len(self._mails)}@{_DOMAIN}>"
        mail.set_content(text)
        self._mails.append(bytes(mail))
        return await self.says_again()

    async def says_again(self) -> Outcome:
        return await asyncio.to_thread(self._hand_over, self._mails[-1])

    def _hand_over(self, mail: bytes) -> Outcome:
        with smtplib.LMTP("127.0.0.1", self._port) as client:
            try:
                client.sendmail(f"someone@{_DOMAIN}", [SUPPORT], mail)
            except smtplib.SMTPDataError as refused:
                # What is refused for good is told to the sender by their own server.
                said = refused.smtp_error
                told = said.decode() if isinstance(said, bytes) else said
                return Outcome(refused.smtp_code >= 500, told if refused.smtp_code >= 500 else None)
        return Outcome(acknowledged=True)

    async def presses(self, message: Outgoing, index: int) -> Outcome:
        return await self.says(str(index + 1))

    async def does_something_new(self) -> None:
        def talk() -> None:
            with smtplib.LMTP("127.0.0.1", self._port) as client:
                assert client.docmd("XMIND", "reading")[0] == 500

        await asyncio.to_thread(talk)

    async def shows(self, message: Outgoing) -> list[Seen]:
        await self.channel.send(message)
        part = self._theirs.arrived[-1].get_body(("plain",))
        assert isinstance(part, EmailMessage)
        content: str = part.get_content()
        words, _, _ = content.replace("\r\n", "\n").partition("\n-- \n")
        if not message.buttons:
            return [Seen(words.strip())]
        text, choices, _ = words.strip().rsplit("\n\n", 2)
        return [Seen(text, tuple(line.partition(". ")[2] for line in choices.splitlines()))]

    def trouble(self, trouble: Trouble) -> None:
        if trouble is Trouble.GONE:
            self._theirs.refuses[self.address()] = "550 5.1.1 no such user"
        else:
            self._theirs.moods.append(_TROUBLES[trouble])


@asynccontextmanager
async def email_network(desk: MemoryLog) -> AsyncIterator[EmailNetwork]:
    """In front of `desk`."""
    async with sink() as theirs, listening(desk) as port:
        yield EmailNetwork(desk, port, theirs)
