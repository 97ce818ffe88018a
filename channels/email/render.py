"""What the desk says, as a mail. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from channels.contract import Author, Button, File, Outgoing
from channels.email import richtext, signing
from channels.letter import OutgoingLetter
from channels.texts import DEFAULT, load

_TEXTS = load("channels.email")
_MAX_SUBJECT = 200
_MAX_REFERENCES = 20
"""Message-IDs: the first, which programs that sort by threads look for, and the newest."""
_MAX_ID = 250
_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
# Bodies are 7-bit: relays that cannot do more would recode them, and break the signature (DKIM) under them.
_BODY = policy.SMTP.clone(cte_type="7bit")


class _Wire(policy.EmailPolicy):
    """How a mail is spelled for servers, where Python's own way does harm."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in {"Message-ID", "In-Reply-To", "References"}:
            # It would take long Message-IDs apart and encode the pieces.
            return f"{name}: {'\r\n '.join(str(value).split())}\r\n".encode("ascii")
        if name == "Subject":
            # It would lose and add spaces in long ones with letters outside ASCII.
            encoded = value if value.isascii() else Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
            return f"{name}: {encoded}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_WIRE = _Wire(linesep="\r\n", cte_type="7bit")


class Unaddressable(ValueError):
    """What the customer is called is no address that a mail can go to."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all our mails have in common.

    mailboxes: our addresses, the first one first, each with what customers see beside it (empty: the desk's name).
    name: the desk's; empty: in words. plus: whether mail to ``mailbox+anything`` arrives.
    """

    mailboxes: Mapping[str, str]
    public_url: str
    secret: bytes = field(repr=False)
    name: str = ""
    plus: bool = True

    def mailbox(self, letter: OutgoingLetter) -> str:
        """The address that `letter` comes from."""
        return letter.mailbox if letter.mailbox in self.mailboxes else next(iter(self.mailboxes))


def message_id(outgoing: Outgoing, letterhead: Letterhead) -> str:
    """The Message-ID that `outgoing` has each time it is sent, without angle brackets."""
    domain = letterhead.mailbox(_letter(outgoing)).rpartition("@")[2]
    return signing.message_id(outgoing.conversation, outgoing.seq, domain, letterhead.secret)


def message(outgoing: Outgoing, letterhead: Letterhead) -> EmailMessage:
    """`outgoing` as a mail: plain text, HTML and files.

    Raises:
        Unaddressable: there is nowhere to send it.
    """
    built = EmailMessage(policy=_BODY)
    _address(built, outgoing, letterhead)
    subject = _subject(outgoing)
    built["Subject"] = subject
    _thread(built, outgoing, letterhead)
    values = _values(outgoing, letterhead, subject)
    built.set_content(_laid_out("letter.txt", values, richtext.plain(outgoing.text)))
    html = _laid_out("letter.html", values, Markup(richtext.html(outgoing.text)))  # noqa: S704  it escapes what it gets
    built.add_alternative(html, subtype="html")
    built["Content-Language"] = _TEXTS.spoken(outgoing.language) or DEFAULT  # setting the content would have removed it
    for file in outgoing.files:
        attach(built, file)
    return built


def wire(built: EmailMessage) -> bytes:
    """A mail as servers take it. Only an address can make it need a server that takes UTF-8 (RFC 6532)."""
    addresses = [address for name in ("From", "To", "Cc") for address in _addresses(built, name)]
    return built.as_bytes(policy=_WIRE.clone(utf8=not all(address.isascii() for address in addresses)))


def recipients(built: EmailMessage) -> tuple[str, tuple[str, ...]]:
    """Whom it goes to, and who gets a copy."""
    return _addresses(built, "To")[0], tuple(_addresses(built, "Cc"))


def _letter(outgoing: Outgoing) -> OutgoingLetter:
    return outgoing.letter or OutgoingLetter(subject="", automatic=outgoing.author is not Author.TECHNICIAN)


def _address(built: EmailMessage, outgoing: Outgoing, letterhead: Letterhead) -> None:
    letter = _letter(outgoing)
    mailbox = letterhead.mailbox(letter)
    desk = letterhead.mailboxes[mailbox] or letterhead.name or _TEXTS.say("desk", outgoing.language)
    person = outgoing.author is Author.TECHNICIAN and outgoing.name
    name = _TEXTS.say("technician", outgoing.language, name=outgoing.name, desk=desk) if person else desk
    built["From"] = _party(mailbox, name)
    to = _party(outgoing.address)
    built["To"] = to
    taken = {outgoing.address.lower(), *letterhead.mailboxes}
    copies = [_party(person.address, person.name) for person in letter.cc if person.address not in taken]
    if copies:
        built["Cc"] = copies
    if letterhead.plus:
        built["Reply-To"] = _party(signing.reply_address(mailbox, outgoing.conversation, letterhead.secret), name)


def _party(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    try:
        if not local or not domain:
            raise ValueError("no address")
        if local.isascii() and not domain.isascii():
            domain = domain.encode("idna").decode()
        return Address(" ".join(name.split()), local, domain)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise Unaddressable(f"{address!r} is no address: {error}") from error


def _subject(outgoing: Outgoing) -> str:
    letter = _letter(outgoing)
    subject = " ".join(letter.subject.split())[:_MAX_SUBJECT] or _TEXTS.say("no_subject", outgoing.language)
    if letter.references:
        subject = _TEXTS.say("subject", outgoing.language, subject=subject)
    return f"{subject} [{letter.ticket}]" if letter.ticket else subject


def _thread(built: EmailMessage, outgoing: Outgoing, letterhead: Letterhead) -> None:
    letter = _letter(outgoing)
    built["Date"] = format_datetime(outgoing.sent_at)
    built["Message-ID"] = f"<{message_id(outgoing, letterhead)}>"
    known = [one for one in letter.references if len(one) <= _MAX_ID and _ID.fullmatch(one)]
    if known:
        built["In-Reply-To"] = f"<{known[-1]}>"
        built["References"] = _references(known)
    built[signing.HEADER] = signing.token(outgoing.conversation, outgoing.seq, letterhead.secret)
    if letter.automatic:
        built["Auto-Submitted"] = "auto-replied"
        built["X-Auto-Response-Suppress"] = "All"


def _references(known: Sequence[str]) -> str:
    chosen = [f"<{one}>" for one in known]
    if len(chosen) > _MAX_REFERENCES:
        chosen = [chosen[0], *chosen[1 - _MAX_REFERENCES :]]
    return " ".join(chosen)


def _values(outgoing: Outgoing, letterhead: Letterhead, subject: str) -> dict[str, object]:
    language = _TEXTS.spoken(outgoing.language) or DEFAULT
    code = outgoing.join_code
    return {
        "language": language,
        "subject": subject,
        "choices": [" ".join(button.title.split()) for button in outgoing.buttons],
        "hint": _hint(outgoing.buttons, language) if outgoing.buttons else "",
        "link": f"{letterhead.public_url}/?continue={code}" if code else None,
        "link_words": _TEXTS.say("continue", language),
        "link_why": _TEXTS.say("continue_why.choices" if outgoing.buttons else "continue_why.words", language),
        "footer": _footer(outgoing, language),
    }


def _hint(buttons: Sequence[Button], language: str) -> str:
    """An open question's only choice is to pass it: words come first there."""
    *numbers, last = [str(number) for number, _ in enumerate(buttons, 1)]
    if not numbers:
        return _TEXTS.say("choose.one", language, number=last)
    return _TEXTS.say("choose.several", language, first=", ".join(numbers), last=last)


def _footer(outgoing: Outgoing, language: str) -> list[str]:
    letter = _letter(outgoing)
    told = letter.ticket is None or letter.ticket in outgoing.text
    ticket = [] if told else [_TEXTS.say("ticket", language, ticket=letter.ticket)]
    if outgoing.author is not Author.BOT:
        return [*ticket, _TEXTS.say("person", language)]
    return [*ticket, _TEXTS.say("assistant.passed_on" if letter.with_people else "assistant.alone", language)]


def attach(built: EmailMessage, file: File) -> None:
    """Add `file` under its own name."""
    kind = file.type if _TYPE.fullmatch(file.type) else "application/octet-stream"
    # A part that is a mail, or that has parts, would be read as more of this mail.
    main, _, sub = kind.partition("/")
    if main in {"message", "multipart"}:
        main, sub = "application", "octet-stream"
    built.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)


def _addresses(built: EmailMessage, name: str) -> list[str]:
    header = built[name]
    return [address.addr_spec for address in header.addresses] if header is not None else []


def _laid_out(template: str, values: Mapping[str, object], body: str) -> str:
    return _templates().get_template(template).render(**values, body=body)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("channels.email", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
