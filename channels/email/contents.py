"""What is in a mail: its words, its layout and its files, gathered from the tree of its parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from html import escape
from mimetypes import guess_extension

from channels.contract import MAX_LETTER_FILES, File
from channels.email import charsets, flowed, headers, invitations, markup, mime, smime, tnef, transfer
from channels.files import safe_name

MAX_DEPTH = 40
"""How deep parts may be within parts; what is deeper is a file."""
MAX_PARTS = 2_000
"""Parts that are looked at."""
_PGP = "-----BEGIN PGP MESSAGE-----"
_PGP_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:[A-Za-z-]+: .*\r?\n)*[ \t]*\r?\n"
    r"((?:(?!-----).*\n)*)-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n"
    r"(?:(?!-----).*\n)*-----END PGP SIGNATURE-----[ \t]*\r?$",
    re.MULTILINE,
)
_BODIES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-amp-html"})
_FAMILIES = {"image": "image", "audio": "audio", "video": "video", "text": "document"}
_EXTENSIONS = {
    "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html", "text/rfc822-headers": ".txt",
    "message/delivery-status": ".txt", "message/disposition-notification": ".txt", "image/jpeg": ".jpg",
    "application/octet-stream": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of the mail's text."""

    text: str
    html: str = ""
    """Unsafe, as the sender wrote it; empty where there is plain text only."""


@dataclass(slots=True)
class Contents:
    """What was found."""

    bodies: list[Body] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    content_ids: list[str] = field(default_factory=list)
    """Of each of `files`; empty for those that no picture refers to."""
    enclosed: list[bytes] = field(default_factory=list)
    """Mails within the mail."""
    left_out: list[str] = field(default_factory=list)
    encrypted: str | None = None
    signed_by: str | None = None

    @property
    def text(self) -> str:
        """All that is to be read, without the calendars."""
        return "\n\n".join(body.text for body in self.bodies if body.text.strip())

    @property
    def html(self) -> str:
        """All of it as it was laid out; empty when none of it was."""
        if not any(body.html for body in self.bodies):
            return ""
        said = [body for body in self.bodies if body.html or body.text.strip()]
        return "\n".join(body.html or f"<pre>{escape(body.text)}</pre>" for body in said)


def gather(message: Message, max_file: int) -> Contents:
    """What is in `message`; files of more than `max_file` bytes, and too many, are left out."""
    gathering = _Gathering(max_file)
    gathering.take(message, 0)
    return gathering.found


class _Gathering:
    def __init__(self, max_file: int) -> None:
        self.found = Contents()
        self._max_file = max_file
        self._parts = 0

    def take(self, part: Message, depth: int) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS or depth > MAX_DEPTH:
            self.found.left_out.append(_name(part, part.get_content_type()))
            return
        kind = part.get_content_type()
        children = list(mime.parts(part))
        if not children and part.get_content_maintype() == "multipart":
            kind = "text/plain"  # it says that it has parts, and has none
        if kind == "multipart/alternative" and children:
            self._alternative(children, depth)
        elif children:
            if kind == "multipart/encrypted":
                self.found.encrypted = "smime" if "pkcs7" in mime.parameter(part, "content-type", "protocol") else "pgp"
            self._several(children, kind, depth)
        elif kind == "message/rfc822" or kind == "message/global":
            self._mail(part)
        else:
            self._leaf(part, kind, depth)

    def _several(self, children: Sequence[Message], kind: str, depth: int) -> None:
        """Parts that belong together. A text that directly follows the text was appended on the way, such as a list's
        footer, and what a layout refers to is no text of its own: both are kept as files."""
        after_text = False
        for number, child in enumerate(children):
            bodies, files = len(self.found.bodies), len(self.found.files)
            is_text = child.get_content_type() in _BODIES and _is_body(child, _file_name(child), top=False)
            if is_text and (after_text or (kind == "multipart/related" and number > 0 and self.found.bodies)):
                self._file(child)
                continue
            self.take(child, depth + 1)
            if len(self.found.files) > files:
                after_text = False
            elif any(body.text.strip() for body in self.found.bodies[bodies:]):
                after_text = True

    def _alternative(self, children: Sequence[Message], depth: int) -> None:
        """Several ways to say one thing: read the richest that says something."""
        before = len(self.found.bodies)
        for child in children:
            self.take(child, depth + 1)
        bodies = self.found.bodies[before:]
        laid_out = [body for body in bodies if body.html and body.text.strip()]
        plain = [body for body in bodies if not body.html and body.text.strip()]
        chosen = laid_out or plain
        if laid_out and plain and not re.search(r"\w", laid_out[0].text):
            chosen = plain
        # A layout that holds pictures only is still what the sender wants to be seen.
        html = next((body.html for body in bodies if body.html), "")
        self.found.bodies[before:] = (
            chosen
            if chosen is laid_out or not html
            else [Body(plain[0].text, html), *plain[1:]]
            if plain
            else bodies[-1:]
        )

    def _leaf(self, part: Message, kind: str, depth: int) -> None:
        content = mime.content(part)
        name = _file_name(part)
        if kind in smime.TYPES and self._wrapped(part, content, depth):
            return
        if (kind in tnef.TYPES or name.lower() == "winmail.dat") and self._winmail(content):
            return
        if kind in invitations.TYPES or (name.lower().endswith(".ics") and b"BEGIN:VCALENDAR" in content[:200]):
            self.found.calendars.append(charsets.decode(content, headers.hint(part) or "utf-8"))
        if kind in smime.SIGNATURES:
            self.found.signed_by = self.found.signed_by or _signer(content)
        if kind in _BODIES and _is_body(part, name, top=depth == 0):
            self.found.bodies.append(self._body(part, kind, content))
        elif content or name:
            self._file(part)

    def _file(self, part: Message) -> None:
        kind = part.get_content_type()
        self._keep(File(_file_name(part) or _name(part, kind), kind, mime.content(part)), part)

    def _body(self, part: Message, kind: str, content: bytes) -> Body:
        declared = headers.hint(part)
        if kind == "text/html" or kind == "text/x-amp-html" or _is_html(content):
            html = markup.decode(content, declared)
            return Body(markup.text(html), html)
        text = charsets.decode(content, declared)
        if kind in {"text/enriched", "text/richtext"}:
            return Body(markup.text(re.sub(r"(?<!\n)\n(?!\n)", " ", text.replace("<<", "&lt;").replace("\r\n", "\n"))))
        if mime.parameter(part, "content-type", "format").lower() == "flowed":
            text = flowed.unfold(text, delete_space=mime.parameter(part, "content-type", "delsp").lower() == "yes")
        if _PGP in text:
            self.found.encrypted = self.found.encrypted or "pgp"
        text = _PGP_SIGNED.sub(lambda signed: re.sub(r"(?m)^- ", "", signed[1]), text)
        for file in transfer.uuencoded(content):
            self._keep(File(headers.decode(file.name), "application/octet-stream", file.content), None)
        return Body(text)

    def _wrapped(self, part: Message, content: bytes, depth: int) -> bool:
        wrapped = smime.read(content)
        if wrapped is None:
            if "enveloped" in mime.parameter(part, "content-type", "smime-type").lower():
                self.found.encrypted = "smime"
            return False
        self.found.signed_by = self.found.signed_by or wrapped.signed_by
        if wrapped.encrypted:
            self.found.encrypted = "smime"
        if not wrapped.content:
            return False
        self.take(mime.part(wrapped.content), depth + 1)
        return True

    def _winmail(self, content: bytes) -> bool:
        try:
            winmail = tnef.read(content)
        except tnef.NoWinmail:
            return False
        if not self.found.text.strip():
            text = winmail.text or markup.text(winmail.html)
            self.found.bodies.append(Body(markup.text(winmail.html) or text, winmail.html))
        for file, name in zip(winmail.files, winmail.content_ids, strict=True):
            self._keep(file, None, name)
        return True

    def _mail(self, part: Message) -> None:
        content = mime.enclosed(part)
        self.found.enclosed.append(content)
        name = _file_name(part)
        if not name:
            try:
                name = headers.field(mime.read(content), "subject")
            except mime.NoMail:
                name = ""
        name = name if name.lower().endswith(".eml") else f"{name or 'message'}.eml"
        self._keep(File(name, "message/rfc822", content), part)

    def _keep(self, file: File, part: Message | None, content_id: str = "") -> None:
        name = safe_name(file.name)
        if len(file.content) > self._max_file or len(self.found.files) >= MAX_LETTER_FILES:
            self.found.left_out.append(name)
            return
        self.found.files.append(File(name, file.type, file.content))
        named = str(part.get("content-id") or "") if part is not None else content_id
        self.found.content_ids.append(markup.content_id(named))


def _is_body(part: Message, name: str, *, top: bool) -> bool:
    """Whether a text is what the sender says, rather than a file of theirs."""
    if (part.get_content_disposition() or "") == "attachment":
        return False
    return top or not name


def _is_html(content: bytes) -> bool:
    """Some programs send HTML as plain text."""
    return re.match(rb"\s*(?:<!doctype html|<html[\s>])", content[:200], re.IGNORECASE) is not None


def _signer(content: bytes) -> str | None:
    wrapped = smime.read(content)
    return wrapped.signed_by if wrapped else None


def _file_name(part: Message) -> str:
    return mime.parameter(part, "content-disposition", "filename") or mime.parameter(part, "content-type", "name")


def _name(part: Message, kind: str) -> str:
    """A name for a file whose sender gave it none."""
    for told in (headers.field(part, "content-location"), headers.field(part, "content-id").partition("@")[0]):
        last = told.partition("?")[0].strip("<>").rpartition("/")[2]
        if re.fullmatch(r"[^\s:]{1,100}\.[A-Za-z][A-Za-z0-9]{1,4}", last):
            return last
    extension = _EXTENSIONS.get(kind)
    described = headers.field(part, "content-description") if kind.startswith("message/") else ""
    return (described or _FAMILIES.get(kind.partition("/")[0], "file")) + (
        (guess_extension(kind) or "") if extension is None else extension
    )
