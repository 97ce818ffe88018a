"""Mails in the console: seeing one whole, who takes part, and deciding about strangers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from channels.files import IMAGES
from desk import participants
from desk.console import answers, layout
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.conversations import View
from desk.model.letter import Bodies, Bounced, Kept, Participant, Standing, Stranger, Thread
from desk.model.technician import Technician
from desk.store import attachments, cases, conversations, letters, mail_threads
from desk.store import tickets as store
from desk.store.database import Transaction

_SANDBOX = {
    # What anybody wrote, as they laid it out: nothing runs, nothing is fetched, no link leads out of the frame.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
_AS_IT_IS = 100_000
"""So many bytes of a mail that could not be read are shown; all of it can be kept as a file."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A stranger's case, with the tickets of both sides as people call them."""

    stranger: Stranger
    own: str | None
    original: str | None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What came by mail of a conversation, and what belongs to it; empty where nothing did."""

    mails: Mapping[int, Kept]
    """By message."""
    bounced: Mapping[int, Sequence[Bounced]]
    thread: Thread | None
    participants: Sequence[Participant]
    stranger: Linked | None
    """The conversation is a stranger's case."""
    strangers: Sequence[Linked]
    """Strangers who wrote in reply to the conversation, about whom nothing is decided yet."""
    begins: frozenset[int]
    """Numbers of the messages with which a case begins."""

    def offers_split(self, message: int, seq: int, ticket: str | None) -> bool:
        """Whether a message that came under another subject may be a case of its own."""
        mail = self.mails.get(message)
        return mail is not None and mail.new_subject and ticket is not None and seq not in self.begins


def read(tx: Transaction, view: View) -> Correspondence:
    """What came by mail of the conversation in `view`, for the messages in it."""
    number = view.conversation.id
    thread = mail_threads.find(tx, number)
    if thread is None:
        return Correspondence({}, {}, None, (), None, (), frozenset())
    ids = [message.id for message in view.messages]
    linked = [_linked(tx, one) for one in mail_threads.strangers_about(tx, number)]
    waiting = [one for one in linked if one.stranger.original == number]
    return Correspondence(
        mails=letters.of_messages(tx, ids),
        bounced=letters.bounces_of(tx, ids),
        thread=thread,
        participants=mail_threads.participants_of(tx, number),
        stranger=next((one for one in linked if one.stranger.conversation == number), None),
        strangers=[one for one in waiting if one.stranger.standing is Standing.WAITING],
        begins=frozenset(cases.beginnings(tx, number)),
    )


def _linked(tx: Transaction, stranger: Stranger) -> Linked:
    both = (stranger.conversation, stranger.original)
    tickets = [conversations.get(tx, number).ticket for number in both]
    own, original = (store.number_of(ticket) if ticket is not None else None for ticket in tickets)
    return Linked(stranger, own, original)


def _laid_out(tx: Transaction, conversation: int, seq: int) -> str:
    kept, bodies = letters.get(tx, conversation, seq)
    html = bodies.html or ""
    files = dict(enumerate(attachments.of_messages(tx, [kept.message]).get(kept.message, ())))
    wanted = [place for place in sorted(layout.places(html)) if place in files and files[place].type in IMAGES]
    found = {place: attachments.get(tx, files[place].id) for place in wanted}
    return layout.document(html, found.get)


class Mails:
    """One mail with all there is of it, and what technicians do with whoever wrote it."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/conversations/{conversation:id}"
        shown = at + "/messages/{seq:seq}/mail"

        def post(path: str, name: str, handler: Callable[[Visit], object]) -> Route:
            return Route(at + path, gate.signed_in(handler), methods=["POST"], name=name)  # type: ignore[arg-type]

        return [
            Route(shown, gate.signed_in(self.whole), name="mail"),
            Route(shown + "/layout", gate.signed_in(self.layout), name="mail_layout"),
            Route(shown + "/source", gate.signed_in(self.source), name="mail_source"),
            post("/stranger/approve", "approve", self.approve),
            post("/stranger/keep-apart", "keep_apart", self.keep_apart),
            post("/participants", "add_participant", self.add),
            post("/participants/remove", "remove_participant", self.remove),
        ]

    async def _read(self, visit: Visit) -> tuple[Kept, Bodies]:
        number, seq = visit.conversation(), visit.id("seq")
        return await self._console.database.read(lambda tx: letters.get(tx, number, seq))

    async def whole(self, visit: Visit) -> Response:
        """Everything in a mail: its header, all of its text, its layout in a frame; what cannot be read, as it is."""
        kept, bodies = await self._read(visit)
        as_it_is = None
        if kept.unreadable is not None and kept.source is not None:
            content = await self._source(kept.source)
            as_it_is = content[:_AS_IT_IS].decode("utf-8", "replace")
        page = "mail_whole.html" if visit.htmx else "mail_page.html"
        place = {"conversation": visit.conversation(), "seq": visit.id("seq")}
        return self._renderer.page(visit, page, mail=kept, bodies=bodies, as_it_is=as_it_is, **place)

    async def layout(self, visit: Visit) -> Response:
        """A mail as its sender laid it out, for the frame, with the pictures that came with it.

        They are in it, not at an address: in a sandbox the browser is nobody, and gets nothing of ours.
        """
        number, seq = visit.conversation(), visit.id("seq")
        shown = await self._console.database.read(lambda tx: _laid_out(tx, number, seq))
        return HTMLResponse(shown, headers=_SANDBOX)

    async def source(self, visit: Visit) -> Response:
        """A mail as it arrived, to be kept as a file."""
        kept, _ = await self._read(visit)
        content = await self._source(kept.source or "")
        name = f"mail-{visit.conversation()}-{visit.id('seq')}.eml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type="message/rfc822")

    async def _source(self, name: str) -> bytes:
        return await self._console.database.read(lambda tx: letters.source(tx, name))

    async def approve(self, visit: Visit) -> Response:
        """Whoever wrote takes part from now on; the page goes where their words stand now."""
        number = visit.conversation()
        original = await self._console.database.write(
            lambda tx: participants.approve(tx, number, visit.me, visit.now), brief=False
        )
        return answers.go(visit, visit.url("conversation", conversation=original))

    async def keep_apart(self, visit: Visit) -> Response:
        """What they wrote is a case of its own."""
        return await self._change(visit, participants.keep_apart)

    async def add(self, visit: Visit) -> Response:
        """Let somebody take part."""
        address = (await visit.form()).get("address", "")

        def change(tx: Transaction, number: int, technician: Technician, now: datetime) -> None:
            participants.add(tx, number, address, technician, now)

        return await self._change(visit, change)

    async def remove(self, visit: Visit) -> Response:
        """Let somebody take part no longer."""
        address = (await visit.form()).get("address", "")

        def change(tx: Transaction, number: int, technician: Technician, now: datetime) -> None:
            participants.remove(tx, number, address, technician, now)

        return await self._change(visit, change)

    async def _change(self, visit: Visit, change: Callable[[Transaction, int, Technician, datetime], None]) -> Response:
        number = visit.conversation()
        await self._console.database.write(lambda tx: change(tx, number, visit.me, visit.now))
        return answers.done(visit, visit.url("conversation", conversation=number), answers.SENT)
