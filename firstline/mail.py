"""Sending mail to technicians: by SMTP, or, where no server is set, into files."""

from __future__ import annotations

import asyncio
import ipaddress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from desk import clock
from desk.model.mail import Mail, Mailer, MailFailed
from firstline.settings import Settings

_TIMEOUT = 20.0
"""Seconds for each step of a conversation with the mail server."""
_NAME = "Firstline"


def mailer(settings: Settings) -> Mailer:
    """What sends mail with these settings."""
    sender = settings.mail_from
    if settings.smtp_url is None:
        return Files(settings.data_dir / "mail", sender)
    return Smtp(settings.smtp_url.get_secret_value(), sender)


def message(mail: Mail, sender: str) -> EmailMessage:
    """`mail` as it is sent, without its date."""
    built = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    built["From"] = Address(_NAME, addr_spec=sender)
    built["To"] = Address(addr_spec=mail.to)
    built["Subject"] = mail.subject
    built["Message-ID"] = f"<{mail.key}@{domain}>"
    built["Content-Language"] = mail.language
    # So that no absence notice answers it, and nobody's rule forwards it in circles (RFC 3834).
    built["Auto-Submitted"] = "auto-generated"
    built["X-Auto-Response-Suppress"] = "All"
    built.set_content(mail.text)
    built.add_alternative(mail.html, subtype="html")
    return built


def _dated(mail: Mail, sender: str) -> EmailMessage:
    built = message(mail, sender)
    built["Date"] = format_datetime(clock.now())
    return built


class Files:
    """Writes each mail as a file that mail programs open. For trying Firstline out, and for tests."""

    delivers = False

    def __init__(self, directory: Path, sender: str) -> None:
        self._directory = directory
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Write ``<key>.eml``; the same mail is the same file.

        Raises:
            MailFailed: the disk is full, say.
        """
        built = _dated(mail, self._sender)
        try:
            await asyncio.to_thread(self._write, f"{mail.key}.eml", bytes(built))
        except OSError as error:
            raise MailFailed(str(error)) from error

    def _write(self, name: str, content: bytes) -> None:
        # Links in mails to technicians are secrets.
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._directory / name).write_bytes(content)


class Smtp:
    """Hands each mail to a server: ``smtps://`` speaks TLS from the start, ``smtp://`` changes to it (STARTTLS).

    A password is never sent without TLS, except to this machine. Without a password, TLS is used where it is offered.
    """

    delivers = True

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, mail: Mail) -> None:
        """Hand it over.

        Raises:
            MailFailed: permanent when the server refuses this mail or this address for good (5xx). A refused login is
                not: all mails fail then, and they go out once somebody has corrected the password.
        """
        must = bool(self._user) and not _is_here(self._host)
        try:
            await aiosmtplib.send(
                _dated(mail, self._sender),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=None if not self._tls and not must else not self._tls,
                timeout=_TIMEOUT,
            )
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailFailed(f"login refused: {error.code}") from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise MailFailed(f"address refused: {codes}", permanent=all(code >= 500 for code in codes)) from error
        except aiosmtplib.SMTPResponseException as error:
            raise MailFailed(f"{error.code} {error.message}", permanent=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
