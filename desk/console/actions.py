"""What technicians do in the console. Refusals are raised by the desk and worded by `errors`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.procedures.model import Catalogue
from channels.contract import Author
from desk import conversations, diagnosis, linking, outbox
from desk.console import answers, directory
from desk.console.answers import SENT
from desk.console.errors import CHANGED
from desk.console.files import uploads
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.errors import Conflict, NotFound
from desk.model.technician import Technician
from desk.store import conversations as store
from desk.store.database import Transaction

_Move = Callable[[Transaction, int, Technician, datetime], object]


def _give_back(catalogue: Catalogue, tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    diagnosis.give_back(tx, catalogue, conversation, technician, now)


def done(visit: Visit, *events: str) -> Response:
    """Something was changed about the conversation."""
    return answers.done(visit, visit.url("conversation", conversation=visit.conversation()), *events)


class Actions:
    """Everything that changes something."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/conversations/{conversation:id}"

        def post(path: str, name: str, handler: Callable[[Visit], object]) -> Route:
            return Route(at + path, gate.signed_in(handler), methods=["POST"], name=name)  # type: ignore[arg-type]

        return [
            post("/take", "take", self.take),
            post("/release", "release", self.release),
            post("/give-back", "give_back", self.give_back),
            post("/close", "close", self.close),
            post("/reopen", "reopen", self.reopen),
            post("/transfer", "transfer", self.transfer),
            Route(at + "/transfer", gate.signed_in(self.transfer_dialog)),
            post("/messages", "write", self.write),
            post("/messages/{seq:seq}/again", "again", self.again),
            post("/unlink", "unlink_identity", self.unlink),
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

    async def reopen(self, visit: Visit) -> Response:
        """Take a closed one up again."""
        return await self._move(visit, conversations.reopen)

    async def unlink(self, visit: Visit) -> Response:
        """Undo that an address was linked to this customer."""
        form = await visit.form()
        channel, address = form.get("channel", ""), form.get("address", "")
        if not await self._console.database.write(lambda tx: linking.leave(tx, channel, address, visit.now)):
            raise Conflict("unlink", "changed")
        return done(visit)

    async def _move(self, visit: Visit, move: _Move) -> Response:
        number = visit.conversation()
        await self._console.database.write(lambda tx: move(tx, number, visit.me, visit.now))
        return done(visit)

    async def close(self, visit: Visit) -> Response:
        """Close it with what was done, and the cause where it was found."""
        number, form = visit.conversation(), await visit.form()
        resolution, cause = form.get("resolution", ""), form.get("cause", "")
        await self._console.database.write(
            lambda tx: conversations.resolve(tx, number, visit.me, resolution, visit.now, cause=cause)
        )
        return done(visit, SENT)

    async def transfer_dialog(self, visit: Visit) -> Response:
        """To whom it can be passed on."""
        number = visit.conversation()
        found = await self._console.database.read(lambda tx: (store.get(tx, number), directory.read(tx, visit.texts)))
        return self._renderer.page(visit, "dialogs/transfer.html", c=found[0], d=found[1])

    async def transfer(self, visit: Visit) -> Response:
        """Pass it on, to a team or to a colleague."""
        number, form = visit.conversation(), await visit.form()
        kind, _, key = form.get("to", "").partition(":")
        team = key if kind == "team" else None
        colleague = int(key) if kind == "colleague" and re.fullmatch(r"[0-9]{1,18}", key) else None
        note = form.get("note", "")
        await self._console.database.write(
            lambda tx: conversations.transfer(tx, number, visit.me, note, visit.now, team=team, colleague=colleague)
        )
        return done(visit, SENT)

    async def write(self, visit: Visit) -> Response:
        """Reply to the customer, or leave a note for colleagues."""
        number, form = visit.conversation(), await visit.form()
        if form.get("kind") not in {"reply", "note"}:
            # Never guess: a note that is sent to a customer cannot be taken back.
            raise HTTPException(400)
        text, files = form.get("text", ""), uploads(form)
        seen = None if "anyway" in form else _number(form.get("after", ""))
        if form["kind"] == "note":
            note = partial(conversations.note, uploads=files)
            await self._console.database.write(lambda tx: note(tx, number, visit.me, text, visit.now))
        else:
            send = partial(conversations.reply, seen=seen, keep_open="keep_open" in form, uploads=files)
            try:
                await self._console.database.write(lambda tx: send(tx, number, visit.me, text, visit.now))
            except Conflict as conflict:
                if conflict.state != "changed" or seen is None:
                    raise
                return await self._changed(visit, number, seen)
        self._console.live.set_typing(number, visit.me.name, visit.now, on=False)
        self._console.live.stop_writing(number, visit.me.id)
        return done(visit, SENT)

    async def _changed(self, visit: Visit, number: int, seen: int) -> Response:
        """Somebody wrote something that the technician has not seen: what, and the choice to send all the same."""
        view = await self._console.database.read(lambda tx: conversations.view(tx, number, seen))
        unseen = [m for m in view.messages if m.author is not Author.DESK and m.technician != visit.me.id]
        response = self._renderer.page(visit, "changed.html", 409, unseen=unseen, c=view.conversation)
        response.headers["HX-Trigger"] = CHANGED
        return response

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
        """The technician is writing: colleagues are shown so, and of a reply by who has the case, the customer too."""
        number, form = visit.conversation(), await visit.form()
        conversation = await self._console.database.read(lambda tx: store.get(tx, number))
        if conversation.technician == visit.me.id and form.get("kind") != "note":
            self._console.live.set_typing(number, visit.me.name, visit.now)
        self._console.live.set_looking(number, visit.me.id, visit.me.name, visit.now, writing=True)
        return Response(status_code=204)


def _number(given: str) -> int | None:
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else None
