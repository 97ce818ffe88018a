"""The addresses of servers and mailboxes, as they stand in the settings. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from channels.email.login import OPTIONS, Login, login

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_IMAP_OPTIONS = (*OPTIONS, "address", "name", "move", "rejected")


class Tls(StrEnum):
    """When a connection is encrypted."""

    FROM_THE_START = "tls"
    BY_COMMAND = "starttls"
    """It must be before a secret is sent, except to this machine."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to get in."""

    host: str
    port: int
    tls: Tls
    login: Login | None = None

    @property
    def here(self) -> bool:
        """Whether it is this machine: nobody listens in on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that is read by IMAP.

    address: to which customers write. name: what they see beside it, such as a team's. folder: what is read.
    move: the folder where mail goes that is done; without, it stays, marked. rejected: the same for mail that the desk
    does not take.
    """

    server: Server
    address: str
    name: str = ""
    folder: str = "INBOX"
    move: str | None = None
    rejected: str | None = None

    @property
    def key(self) -> str:
        """Tells it from other mailboxes, without its secret."""
        user = self.server.login.user if self.server.login else ""
        return f"{user}@{self.server.host}:{self.server.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where other mail servers may hand mail to us."""

    host: str
    port: int
    lmtp: bool


def smtp_server(url: str) -> Server:
    """What ``smtp://user:password@host:587`` or ``smtps://…`` says; ``?auth=xoauth2&token_file=…`` as for mailboxes.

    Raises:
        ValueError: in words for whoever wrote it.
    """
    parts = _parts(url, {"smtp", "smtps"})
    options = _options(parts.query, OPTIONS)
    if parts.path.strip("/"):
        raise ValueError("it has a path")
    tls = Tls.FROM_THE_START if parts.scheme == "smtps" else Tls.BY_COMMAND
    port = parts.port or (465 if tls is Tls.FROM_THE_START else 587)
    # Some relays let machines in by their address: no user is no mistake, as long as nothing else speaks of one.
    proof = _login(parts, options) if parts.username or parts.password or options else None
    return Server(parts.hostname or "", port, tls, proof)


def mailboxes(urls: str) -> tuple[Mailbox, ...]:
    """The mailboxes of which `urls` has the addresses, separated by white space.

    Raises:
        ValueError: saying which one is wrong, by its place, and why, without its secret.
    """
    read: list[Mailbox] = []
    for place, url in enumerate(urls.split(), start=1):
        try:
            read.append(_mailbox(url))
        except ValueError as error:
            raise ValueError(f"mailbox {place}: {error}") from None
    if len({mailbox.key for mailbox in read}) < len(read):
        raise ValueError("one mailbox is there twice")
    return tuple(read)


def listen(url: str) -> Listen:
    """What ``lmtp://host:port`` or ``smtp://host:port`` says.

    Raises:
        ValueError: in words for whoever wrote it.
    """
    parts = _parts(url, {"lmtp", "smtp"})
    if parts.port is None:
        raise ValueError("it has no port")
    if parts.path.strip("/") or parts.query or parts.username:
        raise ValueError("it says more than host and port")
    return Listen(parts.hostname or "", parts.port, lmtp=parts.scheme == "lmtp")


def is_address(text: str) -> bool:
    """Whether `text` has the form of a mail address."""
    return _ADDRESS.fullmatch(text) is not None


def own(boxes: Iterable[Mailbox], others: Iterable[str], sender: str) -> frozenset[str]:
    """Our addresses, lower case: of mailboxes, others at which mail is taken, and the one we write from."""
    return frozenset(address.lower() for address in (*(box.address for box in boxes), *others, sender))


def _mailbox(url: str) -> Mailbox:
    parts = _parts(url, {"imap", "imaps"})
    options = _options(parts.query, _IMAP_OPTIONS)
    tls = Tls.FROM_THE_START if parts.scheme == "imaps" else Tls.BY_COMMAND
    port = parts.port or (993 if tls is Tls.FROM_THE_START else 143)
    proof = _login(parts, options)
    address = options.get("address", proof.user).lower()
    if not is_address(address):
        raise ValueError("its user is no mail address: add ?address=…")
    return Mailbox(
        Server(parts.hostname or "", port, tls, proof),
        address,
        name=options.get("name", ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        move=options.get("move"),
        rejected=options.get("rejected"),
    )


def _parts(url: str, schemes: Collection[str]) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in schemes:
        raise ValueError(f"it does not begin with {' or '.join(f'{scheme}://' for scheme in sorted(schemes))}")
    if not parts.hostname or "@" in (parts.netloc.rpartition("@")[0]):
        raise ValueError("it has no host, or an @ in its user or password that is not written %40")
    try:
        parts.port  # noqa: B018  a wrong port raises only when it is asked for
    except ValueError:
        raise ValueError("its port is no number, or its password has a character that must be written %…") from None
    return parts


def _login(parts: SplitResult, options: dict[str, str]) -> Login:
    return login(unquote(parts.username or ""), unquote(parts.password or ""), options)


def _options(query: str, known: Collection[str]) -> dict[str, str]:
    options = {}
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        if name not in known or not value:
            # Not which: it may be the rest of a password with a question mark in it.
            raise ValueError(f"it has an option that is empty or is none of {', '.join(known)}")
        options[name] = unquote(value)  # a plus is a plus here: addresses have them
    return options
