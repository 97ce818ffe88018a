"""Sending mail to technicians, by the email channel's transport: SMTP, or, where no server is set, files."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from channels.email.addresses import smtp_server
from channels.email.smtp import Envelope, Files, NotSent, Smtp, Transport
from desk import clock
from desk.model.mail import Mail, Mailer, MailFailed
from firstline.settings import Settings

_NAME = "Firstline"


def mailer(settings: Settings) -> Mailer:
    """What sends mail with these settings."""
    if settings.smtp_url is None:
        return TransportMailer(Files(settings.data_dir / "mail"), settings.mail_from)
    server = smtp_server(settings.smtp_url.get_secret_value())
    return TransportMailer(Smtp(server, ca_file=settings.mail_ca_file), settings.mail_from)


def message(mail: Mail, sender: str) -> EmailMessage:
    """`mail` as it is sent, without its date."""
    built = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    built["From"] = Address(_NAME, addr_spec=sender)
    built["To"] = Address(addr_spec=mail.to)
    built["Subject"] = mail.subject
    built["Message-ID"] = f"<{mail.key}@{domain}>"
    # So that no absence notice answers it, and nobody's rule forwards it in circles (RFC 3834).
    built["Auto-Submitted"] = "auto-generated"
    built["X-Auto-Response-Suppress"] = "All"
    built.set_content(mail.text)
    built.add_alternative(mail.html, subtype="html")
    built["Content-Language"] = mail.language  # setting the content would have removed it
    return built


class TransportMailer:
    """Sends technicians' mails by `transport`, from the address `sender`."""

    def __init__(self, transport: Transport, sender: str) -> None:
        self._transport = transport
        self._sender = sender

    @property
    def delivers(self) -> bool:
        """Whether what it sends reaches mailboxes."""
        return self._transport.delivers

    async def send(self, mail: Mail) -> None:
        """Hand it over.

        Raises:
            MailFailed: permanent when the server refuses this mail or this address for good (5xx). A refused login is
                not: all mails fail then, and they go out once somebody has corrected the password.
        """
        built = message(mail, self._sender)
        built["Date"] = format_datetime(clock.now())
        try:
            await self._transport.send(Envelope(mail.key, self._sender, mail.to, bytes(built)))
        except NotSent as error:
            raise MailFailed(error.detail, permanent=error.permanent) from error
