"""The local mailbox page: what customers would get, for a person who only tries Firstline and has no mail server.

Whoever opens it reads customers' mail and writes in their name. So it is there on this machine only, asked for by its
own name, and never through a proxy.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from channels.contract import MAX_FILES, File, Rejected
from channels.email.addresses import is_address
from channels.email.intake import Intake
from channels.email.render import Letterhead, attach
from channels.texts import DEFAULT, load

_TEXTS = load("channels.email")
_NAME = re.compile(r"[0-9T]+-\d+-\d+\.eml")
_SHOWN = 100
_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
PATIENCE_SECONDS = 5.0
"""How long whoever wrote waits for the answer, which mostly comes within one; then they look for it themselves."""
_POLL_SECONDS = 0.1
_LANGUAGES = {code: _TEXTS.say("page.name_of_language", code) for code in _TEXTS.languages}
_ALICE = {"address": "alice@example.com", "name": "Alice"}

Page = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail of ours, as the page shows it."""

    name: str
    sender: str
    to: str
    subject: str
    date: str
    message_id: str
    references: str
    reply_to: str
    text: str
    html: str
    files: tuple[str, ...]


class LocalMailbox:
    """The page over the mails in `directory`; what is written there goes to `intake`."""

    def __init__(
        self,
        directory: Path,
        letterhead: Letterhead,
        intake: Intake,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory = directory
        self._letterhead = letterhead
        self._intake = intake
        self._now = now

    @property
    def is_local(self) -> bool:
        """Whether this installation is reached by this machine's own name."""
        return _is_here(urlsplit(self._letterhead.public_url).hostname)

    def routes(self) -> Router:
        """To be mounted at ``/channels/email``."""
        return Router(
            [
                Route("/", _guarded(self._list)),
                Route("/mails/{name}", _guarded(self._show)),
                Route("/write", _guarded(self._write), methods=["POST"]),
            ]
        )

    async def _list(self, request: Request) -> Response:
        return await self._listed(request, _form(**_ALICE), sent="sent" in request.query_params)

    async def _listed(
        self, request: Request, form: Mapping[str, str], problem: str = "", *, sent: bool = False
    ) -> Response:
        mails = await asyncio.to_thread(self._mails)
        return _page("mails.html", request, form=form, mails=mails, sent=sent, problem=problem)

    async def _show(self, request: Request) -> Response:
        mail = await asyncio.to_thread(self._mail, request.path_params["name"])
        if mail is None:
            return Response(status_code=404)
        subject = mail.subject if mail.subject.startswith("Re: ") else f"Re: {mail.subject}"
        return _page(
            "mail.html", request, form=_form(answers=mail.name, address=mail.to, subject=subject), mail=mail, problem=""
        )

    async def _write(self, request: Request) -> Response:
        language = _language(request)
        async with request.form(max_files=MAX_FILES) as given:
            form, files = _form(**_texts(given)), await _files(given)
        if not is_address(form["address"]) or not form["text"].strip():
            return await self._listed(request, form, _TEXTS.say("page.wrong", language))
        answered = await asyncio.to_thread(self._mail, form["answers"])
        mailbox = next(iter(self._letterhead.mailboxes))
        try:
            written = bytes(_written(form, answered, mailbox, language, files, self._now()))
        except (ValueError, HeaderParseError):  # it looks like an address, and is none
            return await self._listed(request, form, _TEXTS.say("page.wrong", language))
        before = await asyncio.to_thread(self._names)
        try:
            await self._intake.hand_in(written, mailbox)
        except Rejected as rejected:
            return await self._listed(
                request, form, _TEXTS.say("page.rejected", language, reason=rejected.reason.value)
            )
        answer = await self._answer(form["address"], frozenset(before))
        where = f"mails/{answer.name}?" if answer else "?sent=1&"
        return RedirectResponse(f"{_root(request)}/{where}language={language}", status_code=303, headers=_HEADERS)

    async def _answer(self, address: str, before: Collection[str]) -> Shown | None:
        """The mail to `address` that was not there `before`; None: it takes its time, or there is none."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            for mail in await asyncio.to_thread(self._mails, before):
                if mail.to.lower() == address.strip().lower():
                    return mail
            if loop.time() >= until:
                return None
            await asyncio.sleep(_POLL_SECONDS)

    def _names(self) -> list[str]:
        return sorted((path.name for path in self._directory.glob("*.eml")), reverse=True)

    def _mails(self, but: Collection[str] = ()) -> list[Shown]:
        """The newest first, without those named."""
        names = [name for name in self._names() if name not in but]
        return [mail for name in names[:_SHOWN] if (mail := self._mail(name)) is not None]

    def _mail(self, name: str) -> Shown | None:
        if not _NAME.fullmatch(name):
            return None
        try:
            raw = (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return Shown(
            name=name,
            sender=str(mail["From"]),
            to=mail["To"].addresses[0].addr_spec,
            subject=str(mail["Subject"]),
            date=f"{parsedate_to_datetime(mail['Date']).astimezone():%Y-%m-%d %H:%M:%S}",
            message_id=str(mail["Message-ID"]),
            references=str(mail.get("References", "")),
            reply_to=str(mail.get("Reply-To") or mail["From"]),
            text=_body(mail, "plain"),
            html=_body(mail, "html"),
            files=tuple(part.get_filename() or "?" for part in mail.iter_attachments()),
        )


def _written(
    form: Mapping[str, str],
    answered: Shown | None,
    mailbox: str,
    language: str,
    files: Sequence[File],
    now: datetime,
) -> EmailMessage:
    """What the person wrote, as a mail program would have sent it."""
    built = EmailMessage(policy=policy.SMTP)
    address = form["address"].strip()
    built["From"] = Address(" ".join(form["name"].split()), addr_spec=address)
    built["To"] = answered.reply_to if answered else mailbox
    built["Subject"] = " ".join(form["subject"].split())
    built["Date"] = format_datetime(now)
    built["Message-ID"] = f"<{uuid.uuid4()}@{address.rpartition('@')[2]}>"
    text = form["text"]
    if answered:
        built["In-Reply-To"] = answered.message_id
        built["References"] = f"{answered.references} {answered.message_id}".strip()
        quoted = "\n".join(f"> {line}" for line in answered.text.splitlines())
        text = f"{text}\n\n{_TEXTS.say('page.quoted', language, date=answered.date, who=answered.sender)}\n{quoted}\n"
    built.set_content(text)
    for file in files:
        attach(built, file)
    return built


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content() if isinstance(part, EmailMessage) else ""


def _guarded(page: Page) -> Page:
    async def guarded(request: Request) -> Response:
        if not _from_here(request):
            return Response(status_code=404)
        return await page(request)

    return guarded


def _from_here(request: Request) -> bool:
    """Whether a browser on this machine asks, for a page of ours: not a proxy, and no page of another site."""
    host = urlsplit(f"//{request.headers.get('host', '')}")
    if request.client is None or not _is_here(request.client.host) or not _is_here(host.hostname):
        return False
    if any(name in request.headers for name in _PROXIED):
        return False
    if request.method == "GET":
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == host.netloc


def _is_here(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _form(answers: str = "", address: str = "", name: str = "", subject: str = "", text: str = "") -> dict[str, str]:
    return {"answers": answers, "address": address, "name": name, "subject": subject, "text": text}


def _texts(given: FormData) -> dict[str, str]:
    return {name: value for name in _form() if isinstance(value := given.get(name), str)}


async def _files(given: FormData) -> list[File]:
    """A browser sends a file without a name where none was chosen."""
    uploads = [one for one in given.getlist("files") if isinstance(one, UploadFile) and one.filename]
    return [File(one.filename or "", one.content_type or "", await one.read()) for one in uploads]


def _language(request: Request) -> str:
    asked = request.query_params.get("language")
    accepted = [one.strip() for one in request.headers.get("accept-language", "").split(",")]
    return _TEXTS.spoken(asked, *accepted) or DEFAULT


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _page(template: str, request: Request, **values: object) -> Response:
    language, root = _language(request), _root(request)
    around = {
        "language": language,
        "languages": _LANGUAGES,
        "t": _TEXTS.section("page", language),
        "root": root,
        # What was posted cannot be asked for again in another language.
        "here": request.url.path if request.method == "GET" else f"{root}/",
    }
    return HTMLResponse(_templates().get_template(template).render(**values, **around), headers=_HEADERS)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("channels.email", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
