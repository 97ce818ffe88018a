"""What technicians do in the console. Refusals are raised by the desk and worded by `errors`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.procedures.model import Catalogue
from desk import conversations, diagnosis, outbox
from desk.console.errors import CHANGED
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.errors import NotFound
from desk.model.technician import Technician
from desk.store import conversations as store
from desk.store.database import Transaction

_Move = Callable[[Transaction, int, Technician, datetime], object]
SENT = "desk:sent"
"""The event that empties the field a text was written in."""


def _give_back(catalogue: Catalogue, tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    diagnosis.give_back(tx, catalogue, conversation, technician, now)


def done(visit: Visit, *events: str) -> Response:
    """Something was changed: the open page is told to look again, by `events` besides."""
    if not visit.htmx:
        return RedirectResponse(visit.url("conversation", conversation=visit.conversation()), 303)
    # An empty body empties the place for notices; the page then fetches what changed.
    return Response("", headers={"HX-Trigger": ", ".join([CHANGED, *events])}, media_type="text/html")


class Actions:
    """Everything that changes something."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/conversations/{conversation:int}"

        def post(path: str, name: str, handler: Callable[[Visit], object]) -> Route:
            return Route(at + path, gate.signed_in(handler), methods=["POST"], name=name)  # type: ignore[arg-type]

        return [
            post("/take", "take", self.take),
            post("/release", "release", self.release),
            post("/give-back", "give_back", self.give_back),
            post("/close", "close", self.close),
            post("/messages", "write", self.write),
            post("/messages/{seq:int}/again", "again", self.again),
            post("/typing", "typing", self.typing),
        ]

    async def take(self, visit: Visit) -> Response:
        """Take the conversation over."""
        return await self._move(visit, conversations.take)

    async def release(self, visit: Visit) -> Response:
        """Put it back into the queue."""
        return await self._move(visit, conversations.release)

    async def give_back(self, visit: Visit) -> Response:
        """Give it back to the assistant."""
        return await self._move(visit, partial(_give_back, self._console.catalogue))

    async def _move(self, visit: Visit, move: _Move) -> Response:
        number = visit.conversation()
        await self._console.database.write(lambda tx: move(tx, number, visit.me, visit.now))
        return done(visit)

    async def close(self, visit: Visit) -> Response:
        """Close it with a resolution."""
        number, form = visit.conversation(), await visit.form()
        resolution = form.get("resolution", "")
        await self._console.database.write(
            lambda tx: conversations.resolve(tx, number, visit.me, resolution, visit.now)
        )
        return done(visit, SENT)

    async def write(self, visit: Visit) -> Response:
        """Reply to the customer, or leave a note for colleagues."""
        number, form = visit.conversation(), await visit.form()
        if form.get("kind") not in {"reply", "note"}:
            # Never guess: a note that is sent to a customer cannot be taken back.
            raise HTTPException(400)
        say = conversations.reply if form["kind"] == "reply" else conversations.note
        text = form.get("text", "")
        await self._console.database.write(lambda tx: say(tx, number, visit.me, text, visit.now))
        self._console.live.set_typing(number, visit.me.name, visit.now, on=False)
        return done(visit, SENT)

    async def again(self, visit: Visit) -> Response:
        """Have a message that failed sent again."""
        number, seq = visit.conversation(), visit.request.path_params["seq"]

        def send(tx: Transaction) -> None:
            found = [m for m in conversations.view(tx, number).messages if m.seq == seq]
            if not found:
                raise NotFound("message", seq)
            outbox.send_again(tx, number, found[0].id, visit.now)

        await self._console.database.write(send)
        return done(visit)

    async def typing(self, visit: Visit) -> Response:
        """The technician who has the conversation is writing a reply: the customer is shown so."""
        number = visit.conversation()
        conversation = await self._console.database.read(lambda tx: store.get(tx, number))
        if conversation.technician == visit.me.id:
            self._console.live.set_typing(number, visit.me.name, visit.now)
        return Response(status_code=204)
