"""What a mail system says of a mail of ours that it could not deliver (RFC 3464, and as vendors word it). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import EmailMessage, Message

from channels.email import automatic, headers, ids, mime
from channels.email.automatic import folded_lines, report_parts
from channels.email.machines import machines
from channels.email.markers import fold
from channels.letter import Automatic, Bounce

_Block = Mapping[str, str]

MAX_RECIPIENTS = 100
_MAX_REPORT = 200_000
_MAX_LINES = 400
"""Of a text that are looked at for recipients."""
_DETAIL = 500

_LETTER = r"[\w.!#$%&'*+/=?^`{|}~-]"
_WRITTEN = rf"{_LETTER}{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,10}}"
_ADDRESS = re.compile(rf"(?<!{_LETTER}){_WRITTEN}")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,2})\.(\d{1,3})(?![\d.]|\s*\d*\])")
_REPLY = re.compile(r"(?<![\d.:/-])([45])[0-5]\d(?=[ \-:;,]|$)(?!-\d)", re.MULTILINE)
_MESSAGE_ID = re.compile(r"^[> \t]*message-id:\s*<([^<>\s]{1,500})>", re.IGNORECASE | re.MULTILINE)
_ORIGINAL_TO = re.compile(r"^[> \t]*(?:rcpt )?to:[ \t]*(.{1,300})$", re.IGNORECASE | re.MULTILINE)
_FRAME = " -=*_#>:|~"
_RETURNED = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/partial"}
)
_DELIVERED = frozenset({"delivered", "relayed", "expanded", "deliverable"})


def bounces(message: EmailMessage, text: str) -> tuple[Bounce, ...]:
    """What `message`, whose text is `text`, says of each recipient; empty when it is not about a failed delivery."""
    if automatic.classify(message, text)[0] is not Automatic.BOUNCE:
        return ()
    said = _own_words(text)
    message_id = _returned_id(message, text)
    blocks = list(_recipient_blocks(message)) or list(_blocks_in_text(text))
    found = [bounce for block in blocks if (bounce := _reported(block, said, message_id)) is not None]
    if not found and not blocks:
        found = [_worded(recipient, said, message_id) for recipient in _recipients(message, text, said)]
    return tuple({bounce.recipient: bounce for bounce in reversed(found[:MAX_RECIPIENTS])}.values())[::-1]


# --- machine-readable ---


def _recipient_blocks(message: Message) -> Iterator[_Block]:
    for part in report_parts(message):
        if part.get_content_type().lower() in {"message/delivery-status", "message/global-delivery-status"}:
            yield from _blocks(_content(part))


def _content(part: Message) -> str:
    return mime.content(part)[:_MAX_REPORT].decode("utf-8", "replace")


def _blocks_in_text(text: str) -> Iterator[_Block]:
    """Programs that wrap a report in plain text keep its fields."""
    if re.search(r"^[ \t]*final-recipient:", text[:_MAX_REPORT], re.IGNORECASE | re.MULTILINE):
        yield from _blocks(text[:_MAX_REPORT])


def _blocks(report: str) -> Iterator[_Block]:
    """The groups of fields that are about one recipient."""
    for group in re.split(r"\n[ \t]*\n", report.replace("\r\n", "\n")):
        fields: dict[str, str] = {}
        for name, value in re.findall(
            r"^([A-Za-z-]{1,40}):[ \t]*(.{0,2000}(?:\n[ \t]+\S.{0,2000}){0,50})", group, re.MULTILINE
        ):
            fields.setdefault(name.lower(), " ".join(value.split()))
        if "final-recipient" in fields or "original-recipient" in fields:
            yield fields


def _reported(block: _Block, said: str, message_id: str | None) -> Bounce | None:
    action = block.get("action", "").lower().split(" ")[0]
    recipient = _address(block.get("original-recipient", "")) or _address(block.get("final-recipient", ""))
    if action in _DELIVERED or not recipient:
        return None
    diagnostic = re.sub(r"^[\w-]{1,40}\s*;\s*", "", block.get("diagnostic-code", ""))
    told = _STATUS.search(block.get("status", ""))
    status = told[0] if told else ""
    if (not status or status.endswith(".0.0")) and (better := _status(diagnostic)):
        status = better
    permanent = action != "delayed" and not status.startswith("4") and (bool(status) or _is_over(diagnostic or said))
    expired = not permanent and (action == "failed" or (action != "delayed" and _has_expired(diagnostic or said)))
    detail = (diagnostic or _excerpt(said, recipient))[:_DETAIL]
    return Bounce(recipient, permanent, status, detail, message_id, expired)


def _address(field: str) -> str:
    found = _ADDRESS.search(field.partition(";")[2] or field)
    return found[0].lower() if found else ""


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[0] if found else ""


def _is_over(said: str) -> bool:
    """Whether the mail system has given up, by its words."""
    text = folded_lines(said)
    status = _STATUS.search(text) or _REPLY.search(text)
    if machines().still_trying.search(text) and not machines().given_up.search(text):
        return False
    return status is None or status[1] != "4"


def _has_expired(said: str) -> bool:
    """Whether the mail system says that it stops trying."""
    text = folded_lines(said)
    return bool(machines().given_up.search(text)) and not machines().still_trying.search(text)


# --- as vendors word it ---


def _own_words(text: str) -> str:
    """What the mail system says, without the mail that came back."""
    lines = text.split("\n")[:_MAX_LINES]
    for number, line in enumerate(lines):
        core = fold(line.strip(_FRAME))
        if number and machines().original.match(core) and len(core) < 90 and any(one.strip() for one in lines[:number]):
            return "\n".join(lines[:number])
    return "\n".join(lines)


def _worded(recipient: str, said: str, message_id: str | None) -> Bounce:
    about = _excerpt(said, recipient)
    status = _status(about) or _status(said)
    permanent = status.startswith("5") if status[:1] in {"4", "5"} else _is_over(said)
    return Bounce(recipient, permanent, status, about[:_DETAIL], message_id, not permanent and _has_expired(said))


def _excerpt(said: str, recipient: str) -> str:
    """What is said after the recipient is named."""
    at = said.lower().find(recipient)
    return " ".join(said[max(at, 0) :][: 3 * _DETAIL].split())


def _recipients(message: Message, text: str, said: str) -> list[str]:
    failed = _ADDRESS.findall(str(message.get("x-failed-recipients") or "").lower())
    if failed:
        return list(dict.fromkeys(failed))[:MAX_RECIPIENTS]
    others = _involved(message)
    named = [address for address in _named(said) if address not in others]
    if not named:
        named = [address for address in _sent_to(message, text) if address not in others]
    return list(dict.fromkeys(named))[:MAX_RECIPIENTS]


def _involved(message: Message) -> set[str]:
    """Who sent the notification, and who got it: neither is who did not get the mail."""
    fields = ("from", "to", "sender", "reply-to", "return-path", "delivered-to", "x-original-to", "envelope-to")
    return {address for name in fields for address in _ADDRESS.findall(headers.field(message, name).lower())}


_ALONE = re.compile(
    # What stands before it is never given back: each sign of a long rule would be tried as an address's beginning.
    rf"(?:[\s>*•·\-).]|\d{{1,10}}(?![\w@+]))*+[<\"'(\[]?(?:mailto:)?({_WRITTEN})[>\"')\]]{{0,2}}"
    r"\s*+(?:[:;,.(\[<]|(?:on|invalid)\s|\Z)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"(?:\bto|user|recipients?|address|addresses|mailbox|errors|account)\b[\s:*]{{0,10}}[<\"'(\[]?({_WRITTEN})",
    re.IGNORECASE,
)


def _named(said: str) -> list[str]:
    """Addresses in a place where mail systems put those that failed; else any."""
    lines = [line[:1_000] for line in said.split("\n")]
    alone = [found[1].lower() for line in lines if (found := _ALONE.match(line))]
    if alone:
        return alone
    labelled = [address.lower() for line in lines for address in _LABELLED.findall(line)]
    return labelled or [address.lower() for line in lines for address in _ADDRESS.findall(line)]


def _sent_to(message: Message, text: str) -> list[str]:
    """Whom the mail that came back was for."""
    for part in _returned_parts(message):
        found = _ADDRESS.findall(headers.field(part, "to").lower())
        if found:
            return found
    named = _ORIGINAL_TO.search(text[:_MAX_REPORT])
    return _ADDRESS.findall(named[1].lower()) if named else []


# --- which mail it was ---


def _returned_parts(message: Message) -> Iterator[Message]:
    for part in report_parts(message):
        if part is not message and part.get_content_type().lower() in _RETURNED:
            content = (
                mime.enclosed(part) if part.get_content_type().lower() != "text/rfc822-headers" else mime.content(part)
            )
            yield mime.part(content[:_MAX_REPORT])


def _returned_id(message: Message, text: str) -> str | None:
    for part in _returned_parts(message):
        found = ids.own(part)
        if found:
            return found
    texts = [text, *(_content(part) for part in report_parts(message) if part.get_content_maintype() == "text")]
    quoted = (ids.kept(line[1]) for each in texts if (line := _MESSAGE_ID.search(each[:_MAX_REPORT])))
    return next(quoted, None) or next(iter(ids.references(message)), None)
