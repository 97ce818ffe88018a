"""Machines told from people, by what their mail says of itself (RFC 3834 and what programs do instead). Pure.

What a person may write, such as "out of office" in a subject, is never enough: it counts with what only a program does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from email.message import EmailMessage, Message

from channels.email import headers, lists, mime
from channels.email.machines import machines
from channels.email.markers import MAX_LINE, fold
from channels.letter import Automatic

Verdict = tuple[Automatic, str]

_NULL_PATHS = frozenset({"<>", "<null>", "<nobody>", "null"})
_BEGINNING = 4_000
"""Characters of the text in which a mail system says what it is about."""
_PARTS = 50
_REFUSAL = re.compile(r"(?:^|[\s:(#<])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])")


def classify(message: EmailMessage, text: str, own: Set[str] = frozenset()) -> tuple[Automatic | None, str]:
    """What kind of machine wrote `message`, whose text is `text`, and by what that is known.

    (None, ""): a person did. own: our addresses, lower case: what a list of ours adds to everybody's mail says nothing
    about who wrote it.
    """
    for check in _CHECKS:
        verdict = check(message, text)
        if verdict is not None and not (check is _mailing_list and lists.is_through_own(message, own)):
            return verdict
    return None, ""


# --- reports ---


def _report(message: EmailMessage, text: str) -> Verdict | None:
    del text
    kind = _type(message)
    report = mime.parameter(message, "content-type", "report-type").lower() if kind == "multipart/report" else ""
    types = [_type(part) for part in report_parts(message)]
    if report == "feedback-report" or "message/feedback-report" in types:
        return Automatic.FEEDBACK_REPORT, "content type: feedback-report"
    if report == "disposition-notification" or "message/disposition-notification" in types:
        return Automatic.AUTO_REPLY, "content type: disposition-notification"
    if report == "delivery-status" or (kind == "multipart/report" and "message/delivery-status" in types):
        return Automatic.BOUNCE, "content type: delivery-status"
    if kind == "multipart/report" and not report and _says_undelivered(message, ""):
        return Automatic.BOUNCE, "content type: report"
    return None


def report_parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, itself first, without those of mails within it."""
    waiting = [message]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        waiting += list(mime.parts(part))


def _type(part: Message) -> str:
    return part.get_content_type().lower()


# --- mail systems ---


def _bounce(message: EmailMessage, text: str) -> Verdict | None:
    if _value(message, "x-failed-recipients"):
        return Automatic.BOUNCE, "header x-failed-recipients"
    if _value(message, "x-ms-exchange-message-is-ndr") or message.get("x-ms-exchange-message-is-ndr") is not None:
        return Automatic.BOUNCE, "header x-ms-exchange-message-is-ndr"
    if _is_auto_reply(message):
        return None
    local, name = sender_parts(message)
    if machines().daemon.match(local) or machines().daemon_name.match(name):
        return Automatic.BOUNCE, "sender: mail system"
    unsent = _has_null_path(message) or "@" not in headers.field(message, "from")
    if not unsent and not _automatic_submission(message) and not _perhaps_daemon(local, text):
        return None
    if _says_undelivered(message, text):
        return Automatic.BOUNCE, "return path: none" if unsent else "sender and text: mail system"
    return None


def _perhaps_daemon(local: str, text: str) -> bool:
    """Whether the mail system writes from there; so does whoever reads its mail, also of what was not delivered."""
    return bool(machines().perhaps_daemon.match(local)) and not machines().greeting.match(
        fold(text.lstrip()[:MAX_LINE])
    )


def sender_parts(message: Message) -> tuple[str, str]:
    """The sender's address before the @, without dots and dashes, and the name; both folded."""
    value = fold(headers.field(message, "from") or headers.field(message, "sender"))
    bracketed = re.search(r"<([^<>]*)>", value)
    address = bracketed[1] if bracketed else value.split(" ")[0] if "@" in value.split(" ")[0] else value
    name = re.sub(r"<[^<>]*>|[\"'()]|\S+@\S+", " ", value)
    return re.sub(r"[^\w]|_", "", address.partition("@")[0]), re.sub(r"\s+", " ", name).strip()


def _has_null_path(message: Message) -> bool:
    paths = message.get_all("return-path") or []
    if not paths:
        return False
    path = fold(str(paths[0]))
    return path in _NULL_PATHS or path == "" or bool(re.match(r"<?mailer-daemon(?:@|>?\Z)", path))


def _says_undelivered(message: Message, text: str) -> bool:
    if machines().bounce_subject.match(_subject(message)):
        return True
    beginning = folded_lines(text[:_BEGINNING])
    return bool(machines().bounce_text.search(beginning)) and bool(_REFUSAL.search(beginning) or "@" in beginning)


def folded_lines(text: str) -> str:
    """All lines as one, folded piece by piece, since only so much is looked at of each."""
    joined = " ".join(text.split())
    return " ".join(fold(joined[i : i + MAX_LINE]) for i in range(0, len(joined), MAX_LINE))


# --- programs that answer, write, or send to many ---


def _automatic_submission(message: Message) -> str:
    value = fold(_value(message, "auto-submitted")).split(";")[0].strip()
    return "" if value == "no" else value


def _submitted(message: EmailMessage, text: str) -> Verdict | None:
    del text
    value = _automatic_submission(message)
    if not value:
        return None
    kind = Automatic.AUTO_REPLY if value.startswith("auto-replied") else Automatic.AUTO_GENERATED
    return kind, f"header auto-submitted: {value[:100]}"


def _is_auto_reply(message: Message) -> bool:
    return _named(message, "auto_reply") is not None


def _auto_reply(message: EmailMessage, text: str) -> Verdict | None:
    del text
    name = _named(message, "auto_reply")
    return (Automatic.AUTO_REPLY, f"header {name}") if name else None


def _named(message: Message, kind: str) -> str | None:
    """The field by which it is of this kind of machine."""
    there = {name.lower() for name in message.keys()}  # noqa: SIM118  a mail is no mapping
    for name, values in machines().headers[kind].items():
        if name not in there:
            continue
        for found in message.get_all(name) or []:
            value = fold(str(found))
            if any(wanted in value for wanted in values) and value not in {"no", "false", "none", "0"}:
                return f"{name}: {value[:60]}"
    return None


def _mailing_list(message: EmailMessage, text: str) -> Verdict | None:
    del text
    name = _named(message, "mailing_list")
    if name:
        return Automatic.MAILING_LIST, f"header {name}"
    if fold(_value(message, "precedence")) == "list":
        return Automatic.MAILING_LIST, "header precedence: list"
    return None


def _newsletter(message: EmailMessage, text: str) -> Verdict | None:
    del text
    name = _named(message, "newsletter")
    return (Automatic.MAILING_LIST, f"header {name}") if name else None


def _suppresses(message: EmailMessage, text: str) -> Verdict | None:
    """Exchange and ticket systems mark what they write by what they do not want to get for it."""
    del text
    value = fold(_value(message, "x-auto-response-suppress"))
    # People, too, do without receipts and the absence of others.
    if not {"all", "autoreply"} & set(re.split(r"[\s,;]+", value)):
        return None
    answers = _is_answer(message) and bool(machines().auto_reply_subject.match(_subject(message)))
    kind = Automatic.AUTO_REPLY if answers else Automatic.AUTO_GENERATED
    return kind, f"header x-auto-response-suppress: {value[:60]}"


def _generated(message: EmailMessage, text: str) -> Verdict | None:
    del text
    name = _named(message, "auto_generated")
    if name:
        return Automatic.AUTO_GENERATED, f"header {name}"
    precedence = fold(_value(message, "precedence")) or fold(_value(message, "x-precedence"))
    if precedence in {"bulk", "junk"}:
        return Automatic.AUTO_GENERATED, f"header precedence: {precedence}"
    return None


def _away(message: EmailMessage, text: str) -> Verdict | None:
    """Programs that say nothing of themselves, but that they answer, in the words of programs."""
    if not machines().auto_reply_subject.match(_subject(message)):
        return None
    if _has_null_path(message):
        return Automatic.AUTO_REPLY, "subject, and return path: none"
    absent = bool(machines().absence.search(folded_lines(text[:_BEGINNING])))
    if _is_answer(message) and (absent or ":" in _subject(message)):
        return Automatic.AUTO_REPLY, "subject of an answer"
    return None


def _unanswerable(message: EmailMessage, text: str) -> Verdict | None:
    del text
    return (Automatic.AUTO_GENERATED, "return path: none") if _has_null_path(message) else None


def _is_answer(message: Message) -> bool:
    return bool(_value(message, "in-reply-to") or _value(message, "references"))


def _subject(message: Message) -> str:
    return fold(headers.field(message, "subject")).lstrip("[*( ")


def _value(message: Message, name: str) -> str:
    return str(message.get(name) or "").strip()


_CHECKS: tuple[Callable[[EmailMessage, str], Verdict | None], ...] = (
    _report, _bounce, _auto_reply, _submitted, _mailing_list, _newsletter, _suppresses, _generated, _away,
    _unanswerable,
)  # fmt: skip
