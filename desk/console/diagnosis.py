"""What technicians do with the procedures of a conversation: the section "Diagnosis" of its case."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from bot.procedures.continuing import TEXT
from desk import diagnosis
from desk.console.actions import done
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.store.database import Transaction

_OPEN = f"{TEXT}:"


class Diagnosis:
    """Marks, their taking back, and procedures that technicians start. Refusals are worded by `errors`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/conversations/{conversation:id}/diagnosis"
        handlers = {
            "mark": self.mark,
            "pick": self.pick,
            "take-back": self.take_back,
            "start": self.start,
            "stop": self.stop,
        }
        return [
            Route(f"{at}/{path}", gate.signed_in(handler), methods=["POST"], name=f"diagnosis_{path.replace('-', '_')}")
            for path, handler in handlers.items()
        ]

    async def mark(self, visit: Visit) -> Response:
        """The pending step is done with."""
        form = await visit.form()
        answer = form.get("answer", _OPEN if "text" in form else "")
        if answer == _OPEN:
            answer += form.get("text", "")
        return await self._change(visit, partial(diagnosis.mark, at=form.get("at", ""), answer=answer))

    async def pick(self, visit: Visit) -> Response:
        """Another step first."""
        form = await visit.form()
        return await self._change(visit, partial(diagnosis.pick, run=form.get("run", ""), step=form.get("step", "")))

    async def take_back(self, visit: Visit) -> Response:
        """The last mark was a mistake."""
        return await self._change(visit, diagnosis.take_back)

    async def start(self, visit: Visit) -> Response:
        """Start the procedure of that title, or id."""
        wanted = (await visit.form()).get("procedure", "").strip()
        known = diagnosis.startable(self._console.catalogue, visit.texts.language)
        found = next((each.procedure for each in known if each.title.casefold() == wanted.casefold()), wanted)
        return await self._change(visit, partial(diagnosis.start, procedure=found))

    async def stop(self, visit: Visit) -> Response:
        """End the active procedure without a result."""
        return await self._change(visit, partial(diagnosis.stop, at=(await visit.form()).get("at", "")))

    async def _change(self, visit: Visit, change: Callable[..., None]) -> Response:
        number, catalogue = visit.conversation(), self._console.catalogue

        def write(tx: Transaction) -> None:
            change(tx, catalogue, conversation=number, technician=visit.me, now=visit.now)

        await self._console.database.write(write)
        return done(visit)
