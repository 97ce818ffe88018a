"""What the values of settings may be: a type for each kind, which checks a value and says what it accepts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from channels.email import addresses


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting accepts, in words, for the message that a wrong value gets."""

    words: str


def _host(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z._-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*", value):
        raise ValueError("not a host")
    return value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not such an address")
    parts.port  # noqa: B018  a wrong port raises ValueError only when it is asked for
    return value.rstrip("/")


def _directory(value: Path) -> Path:
    """Return the absolute path; the directory is made here, because a wrong one shall be said at the start."""
    value = value.expanduser().absolute()
    try:
        value.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError("cannot be made") from error
    if not os.access(value, os.W_OK | os.X_OK):
        raise ValueError("not writable")
    return value


def _database_url(value: str) -> str:
    """Return the address with the driver that is installed; ``postgres://`` is what hosting companies hand out."""
    scheme, _, rest = value.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and urlsplit(value).path.strip("/"):
        return f"postgresql+psycopg://{rest}"
    # A database in memory would be another one in every process.
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") and ":memory:" not in rest:
        return value
    raise ValueError("not such a database")


class Wrong(ValueError):
    """What is wrong with a value, in words that do not tell it: for settings of which there is more to say."""


def _read_by[T](read: Callable[[str], T]) -> Callable[[T | None], T | None]:
    """A check that `read` makes of a value that stays what it is."""

    def check(value: T | None) -> T | None:
        try:
            if value is not None:
                read(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
        except ValueError as error:
            raise Wrong(str(error)) from None
        return value

    return check


def _mail_addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not addresses.is_address(one):
            raise Wrong(f"{one} is no mail address")
    return value


def _readable(value: Path | None) -> Path | None:
    if value is not None and not os.access(value, os.R_OK):
        raise Wrong("it cannot be read")
    return value


def _begins_with(value: SecretStr | None, beginning: str) -> SecretStr | None:
    # The tokens have look-alikes, which Slack refuses without saying why.
    if value is not None and not value.get_secret_value().startswith(beginning):
        raise ValueError("not such a token")
    return value


def _telegram_token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"[^\s/]+", value.get_secret_value()):
        raise ValueError("not such a token")
    return value


def _needs_https(value: bool, info: ValidationInfo) -> bool:
    """Telegram calls nothing else."""
    if value and not str(info.data.get("public_url", "https:")).startswith("https:"):
        raise ValueError("no https")
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _split(value: object) -> object:
    return [part.strip().rstrip("/") for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    if value != ("*",) and not all(re.fullmatch(r"https?://[^/\s*]+", origin) for origin in value):
        raise ValueError("not such origins")
    return value


Host = Annotated[str, AfterValidator(_host), Allowed("an IP address or host name of this machine")]
Port = Annotated[int, Field(ge=1, le=65535), Allowed("a whole number from 1 to 65535")]
HttpUrl = Annotated[str, AfterValidator(_http_url), Allowed("an address such as https://help.example.org")]
Directory = Annotated[Path, AfterValidator(_directory), Allowed("a directory that can be made and written")]
DatabaseUrl = Annotated[
    str, AfterValidator(_database_url), Allowed("sqlite:///path/to/file.db or postgresql://user:password@host/name")
]
SmtpUrl = Annotated[
    SecretStr | None,
    AfterValidator(_read_by(addresses.smtp_server)),
    Allowed("smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org"),
]
Mailboxes = Annotated[
    SecretStr | None,
    AfterValidator(_read_by(addresses.mailboxes)),
    Allowed("imaps://user:password@imap.example.org/INBOX?address=support@example.org; several separated by spaces"),
]
MailListen = Annotated[
    str | None, AfterValidator(_read_by(addresses.listen)), Allowed("lmtp://127.0.0.1:2424 or smtp://127.0.0.1:2525")
]
MailAddresses = Annotated[
    tuple[str, ...],
    BeforeValidator(_lower),
    BeforeValidator(_split),
    AfterValidator(_mail_addresses),
    Allowed("mail addresses, separated by commas"),
]
Name = Annotated[str, Field(max_length=100, pattern=r"^[^\r\n]*$"), Allowed("a name of at most 100 characters")]
Names = Annotated[tuple[str, ...], BeforeValidator(_split), Allowed("names, separated by commas")]
CaFile = Annotated[Path | None, AfterValidator(_readable), Allowed("a file with certificates in PEM form")]
SlackBotToken = Annotated[
    SecretStr | None,
    AfterValidator(lambda value: _begins_with(value, "xoxb-")),
    Allowed("the bot's token, which begins with xoxb-"),
]
SlackAppToken = Annotated[
    SecretStr | None,
    AfterValidator(lambda value: _begins_with(value, "xapp-")),
    Allowed("the app's token, which begins with xapp-"),
]
SlackSecret = Annotated[SecretStr | None, Allowed("the app's secret, as Slack shows it")]
SlackClientId = Annotated[str | None, Field(pattern=r"^\d+\.\d+$"), Allowed("the app's client id, such as 1234.5678")]
Secret = Annotated[SecretStr, Field(min_length=16), Allowed("at least 16 characters; left out, one is made and kept")]
Seconds = Annotated[float, Field(ge=0.1, le=600), Allowed("seconds, from 0.1 to 600")]
Workers = Annotated[int, Field(ge=1, le=64), Allowed("a whole number from 1 to 64")]
Hours = Annotated[float, Field(ge=0.1, le=720), Allowed("hours, from 0.1 to 720")]
Switch = Annotated[bool, Allowed("1 (on) or 0 (off)")]
Megabytes = Annotated[int, Field(ge=1, le=100), Allowed("a whole number from 1 to 100")]
Level = Annotated[
    Literal["debug", "info", "warning", "error"], BeforeValidator(_lower), Allowed("debug, info, warning or error")
]
PollSeconds = Annotated[float, Field(ge=1, le=3600), Allowed("seconds, from 1 to 3600")]
PerMinute = Annotated[int, Field(ge=0, le=100_000), Allowed("a whole number from 0 (no limit) to 100000")]
Language = Annotated[Literal["en", "nl"], BeforeValidator(_lower), Allowed("en or nl")]
Origins = Annotated[
    tuple[str, ...],
    BeforeValidator(_split),
    AfterValidator(_origins),
    Allowed("* for any site, or origins such as https://www.example.org, separated by commas"),
]
TelegramToken = Annotated[
    SecretStr | None, AfterValidator(_telegram_token), Allowed("a bot's token as @BotFather gives it: no spaces")
]
TelegramWebhook = Annotated[
    bool, AfterValidator(_needs_https), Allowed("0, or 1 where FIRSTLINE_PUBLIC_URL begins with https://")
]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"), Allowed("an email address")]
