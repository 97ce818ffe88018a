"""A mail to a technician, and what can go wrong with sending it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from channels.contract import Language


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, ready to be sent. `text` and `html` say the same."""

    to: str
    """The address, without a name."""
    subject: str
    text: str
    html: str
    language: Language
    key: str
    """The same for the same mail, however often it is tried: its Message-ID is made of it."""


class MailFailed(Exception):
    """The mail server did not take it. `permanent`: trying again is pointless; somebody has to change something."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


class Mailer(Protocol):
    """Whatever sends mail."""

    @property
    def delivers(self) -> bool:
        """Whether what it sends reaches mailboxes."""
        ...

    async def send(self, mail: Mail) -> None:
        """Hand `mail` to the mail server.

        Raises:
            MailFailed: it was not taken, and whether it may be tried again.
        """
        ...
