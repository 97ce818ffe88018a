"""The settings: read once from the environment and `.env`, checked, then passed around as one frozen object.

Order: an environment variable ``FIRSTLINE_<NAME>``, else the same name in `.env`, else the default; an empty value
counts as none. Secrets that are not given are made on the first start and kept in ``<data_dir>/secrets.json``.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from firstline.secrets_file import SecretsFileError, kept_secret
from firstline.setting_types import (
    Allowed,
    CaFile,
    DatabaseUrl,
    Directory,
    Email,
    Host,
    Hours,
    HttpUrl,
    Language,
    Level,
    MailAddresses,
    Mailboxes,
    MailListen,
    Megabytes,
    Name,
    Names,
    Origins,
    PerMinute,
    PollSeconds,
    Port,
    Seconds,
    Secret,
    SlackAppToken,
    SlackBotToken,
    SlackClientId,
    SlackSecret,
    SmtpUrl,
    Switch,
    TelegramToken,
    TelegramWebhook,
    Workers,
    Wrong,
)

PREFIX = "FIRSTLINE_"
HANDED_TO_CHILDREN = frozenset({"desk_url", "tracker_db"})
"""Names with our prefix that are no settings: the supervisor makes them for the engine and the action server."""


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
    def key(self) -> bytes:
        """What codes and sessions are signed with."""
        return self.secret_key.get_secret_value().encode()

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
