"""The settings: read once from the environment and `.env`, checked, then passed around as one frozen object.

Order: an environment variable ``FIRSTLINE_<NAME>``, else the same name in `.env`, else the default; an empty value
counts as none. Secrets that are not given are made on the first start and kept in ``<data_dir>/secrets.json``.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)

from channels.email import addresses
from firstline.secrets_file import SecretsFileError, kept_secret

PREFIX = "FIRSTLINE_"
HANDED_TO_CHILDREN = frozenset({"desk_url", "tracker_db"})
"""Names with our prefix that are no settings: the supervisor makes them for the engine and the action server."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting accepts, in words, for the message that a wrong value gets."""

    words: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value as the operator wrote it, and where."""

    value: str
    source: str


class SettingsError(Exception):
    """Something about the settings is wrong; `problems` has one line for each, to be shown to the operator."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


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


def _url_here(host: str, port: int) -> str:
    """Return the address by which this machine reaches itself; a wildcard address is not one."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _kept(given: Mapping[str, Path], name: str) -> SecretStr:
    return SecretStr(kept_secret(given["data_dir"], name))


class Settings(BaseModel):
    """Everything that can be configured; `docs/operations.md` explains each. Made by `read_settings`."""

    # Defaults are checked as well: `var` may not be writable. Secrets come last: made only when all else is right.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    host: Host = "127.0.0.1"
    port: Port = 8000
    public_url: HttpUrl = Field(default_factory=lambda given: _url_here(given["host"], given["port"]))
    data_dir: Directory = Path("var")
    database_url: DatabaseUrl = Field(
        default_factory=lambda given: f"sqlite:///{given['data_dir'] / 'firstline.db'}",
        repr=False,  # holds a password
    )
    engine_port: Port = 5005
    engine_url: HttpUrl = Field(default_factory=lambda given: _url_here("127.0.0.1", given["engine_port"]))
    actions_port: Port = 5055
    engine_timeout_seconds: Seconds = 10
    engine_wake_seconds: Seconds = 120
    answer_workers: Workers = 8
    deliver_workers: Workers = 4
    webhook_private: Switch = False
    log_level: Level = "info"
    web_origins: Origins = ("*",)
    session_hours: Hours = 12
    max_file_mb: Megabytes = 20
    admin_email: Email = "admin@firstline.local"
    smtp_url: SmtpUrl = None
    mail_from: Email = "firstline@firstline.local"
    smtp_connections: Workers = 4
    mailboxes: Mailboxes = None
    mail_listen: MailListen = None
    mail_addresses: MailAddresses = ()
    mail_name: Name = ""
    mail_plus_addresses: Switch = True
    mail_per_minute: PerMinute = 120
    mail_poll_seconds: PollSeconds = 60
    mail_max_mb: Megabytes = 50
    mail_trusted_relays: Names = ()
    mail_ca_file: CaFile = None
    telegram_token: TelegramToken = None
    telegram_webhook: TelegramWebhook = False
    telegram_api_url: HttpUrl = "https://api.telegram.org"
    slack_bot_token: SlackBotToken = None
    slack_app_token: SlackAppToken = None
    slack_signing_secret: SlackSecret = None
    slack_client_id: SlackClientId = None
    slack_client_secret: SlackSecret = None
    slack_language: Language = "en"
    slack_api_url: HttpUrl = "https://slack.com/api"
    engine_token: Secret = Field(default_factory=lambda given: _kept(given, "engine_token"))
    internal_token: Secret = Field(default_factory=lambda given: _kept(given, "internal_token"))
    secret_key: Secret = Field(default_factory=lambda given: _kept(given, "secret_key"))

    @property
    def max_file(self) -> int:
        """Bytes in one file that comes or goes with a message."""
        return self.max_file_mb * 1_000_000

    @property
    def local_url(self) -> str:
        """Where processes on this machine reach the app, whatever its public address is."""
        return _url_here(self.host, self.port)

    @property
    def mail_stays_here(self) -> bool:
        """Whether customers' mail is only shown on a page, because there is no server that it could come or go by."""
        return self.smtp_url is None and self.mailboxes is None and self.mail_listen is None

    @property
    def engine_is_ours(self) -> bool:
        """Whether the engine runs here, under the supervisor, and not somewhere else."""
        parts = urlsplit(self.engine_url)
        return parts.hostname in {"127.0.0.1", "localhost"} and parts.port == self.engine_port


def read_settings(environ: Mapping[str, str], env_file: Path) -> tuple[Settings, list[str]]:
    """Read and check all settings, and make the secrets that are missing.

    Returns the settings and a line for each ``FIRSTLINE_*`` name that is unknown. Raises `SettingsError`.
    """
    given = _read_env_file(env_file)
    for key, value in environ.items():
        if value and key.upper().startswith(PREFIX):
            given[key[len(PREFIX) :].lower()] = Given(value, "the environment")
    known = {name: item.value for name, item in given.items() if name in Settings.model_fields}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        raise SettingsError(list(_problems(error, given))) from None
    except SecretsFileError as error:
        raise SettingsError([str(error)]) from None
    return settings, list(_unknown(given))


def settings_or_exit() -> Settings:
    """Read the settings of this process; wrong ones are told on stderr, a line each, and end it with exit code 2."""
    try:
        settings, warnings = read_settings(os.environ, Path(".env"))
    except SettingsError as error:
        sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        raise SystemExit(2) from None
    sys.stderr.writelines(f"{warning}\n" for warning in warnings)
    return settings


def _read_env_file(path: Path) -> dict[str, Given]:
    """Return what `.env` gives, by name in lower case. ``$`` in a value is a character like any other."""
    given: dict[str, Given] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for binding in parse_stream(stream):
                if binding.error:
                    line = binding.original.string.strip().splitlines()[0]
                    raise SettingsError([f"{path}, line {binding.original.line}: read {line!r}, allowed: NAME=value"])
                if binding.key and binding.value and binding.key.upper().startswith(PREFIX):
                    given[binding.key[len(PREFIX) :].lower()] = Given(binding.value, str(path))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise SettingsError([f"{path}: is not UTF-8 text"]) from None
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror})"]) from None
    return given


def _problems(error: ValidationError, given: Mapping[str, Given]) -> Iterator[str]:
    told = set()
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        # A default that depends on a wrong setting is not wrong itself.
        if name in told or detail["type"] == "default_factory_not_called":
            continue
        told.add(name)
        field = Settings.model_fields[name]
        allowed = next(item.words for item in field.metadata if isinstance(item, Allowed))
        item = given.get(name) or Given(str(field.default), "the default")
        wrong = detail.get("ctx", {}).get("error")
        why = f" ({wrong})" if isinstance(wrong, Wrong) else ""
        yield f"{PREFIX}{name.upper()}: read {_shown(name, item.value)} from {item.source}{why}, allowed: {allowed}"


def _shown(name: str, value: str) -> str:
    """Return what was read, without what must not stand in a log."""
    if Settings.model_fields[name].annotation in {SecretStr, SecretStr | None}:
        return f"{len(value)} characters"
    return repr(re.sub(r"(://[^:@/]*:)[^@]*@", r"\1***@", value))


def _unknown(given: Mapping[str, Given]) -> Iterator[str]:
    for name, item in given.items():
        if name not in Settings.model_fields and name not in HANDED_TO_CHILDREN:
            near = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=0.5)
            hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else ""
            yield f"{PREFIX}{name.upper()} ({item.source}) is no setting and is ignored{hint}"
