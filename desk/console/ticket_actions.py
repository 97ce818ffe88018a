"""What technicians do with tickets. Refusals are raised by the desk and worded by `errors`."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from channels.contract import Author
from desk import incidents, merging, tickets
from desk.console.answers import SENT, done
from desk.console.errors import CHANGED
from desk.console.fields import whole
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.errors import Invalid
from desk.model.ticket import Link, State
from desk.store import conversations, messages
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.tickets import Edit

_DIALOGS = frozenset({"subject", "merge", "link", "split", "resolve", "tell"})
_SPLITTABLE = 100
"""So many of the newest messages of the customer are offered as the beginning of a new ticket."""


class TicketActions:
    """Everything that changes a ticket."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/tickets/{number}"

        def post(path: str, name: str, handler: Callable[[Visit], object]) -> Route:
            return Route(at + path, gate.signed_in(handler), methods=["POST"], name=name)  # type: ignore[arg-type]

        return [
            post("/edit", "edit_ticket", self.edit),
            post("/merge", "merge", self.merge),
            post("/unmerge", "unmerge", self.unmerge),
            post("/link", "link", self.link),
            post("/unlink", "unlink", self.unlink),
            post("/split", "split", self.split),
            post("/tell", "tell", self.tell),
            Route(at + "/dialogs/{dialog}", gate.signed_in(self.dialog), name="ticket_dialog"),
        ]

    async def edit(self, visit: Visit) -> Response:
        """Change what the form says, if the ticket is still as the technician saw it."""
        number, form = visit.request.path_params["number"], await visit.form()
        wanted, revision = _edit(form, visit.me.id), whole(form, "revision")
        try:
            changed = await self._console.database.write(
                lambda tx: tickets.edit(tx, number, wanted, visit.me, revision, visit.now)
            )
        except Invalid as error:
            if error.field != "resolution" or "resolution" in form or not visit.htmx:
                raise
            # The form beside the conversation has no field for it.
            response = await self._dialog(visit, number, "resolve")
            response.headers["HX-Retarget"] = "#dialog-body"
            return response
        if not visit.htmx:
            return _done(visit, number)
        # Whoever changes two things quickly must not collide with themselves before the page has looked again.
        response = self._renderer.page(visit, "revision.html", k=changed, oob=True)
        response.headers["HX-Trigger"] = f"{CHANGED}, {SENT}"
        return response

    async def merge(self, visit: Visit) -> Response:
        """Make it part of another ticket; the answer offers to take that back."""
        number, into = visit.request.path_params["number"], (await visit.form()).get("into", "")
        target = await self._console.database.write(lambda tx: merging.merge(tx, number, into, visit.me, visit.now))
        if not visit.htmx:
            return _done(visit, target.number)
        response = self._renderer.page(visit, "undo_notice.html", merged=number, into=target.number)
        response.headers.update({"HX-Retarget": "#notice", "HX-Trigger": f"{CHANGED}, {SENT}"})
        return response

    async def unmerge(self, visit: Visit) -> Response:
        """Take a merge back."""
        number = visit.request.path_params["number"]
        await self._console.database.write(lambda tx: merging.unmerge(tx, number, visit.me, visit.now))
        return _done(visit, number)

    async def link(self, visit: Visit) -> Response:
        """Relate it to another ticket."""
        number, form = visit.request.path_params["number"], await visit.form()
        other, kind = form.get("other", ""), _kind(form)
        await self._console.database.write(lambda tx: merging.link(tx, number, other, kind, visit.me, visit.now))
        return _done(visit, number)

    async def unlink(self, visit: Visit) -> Response:
        """Take a relation back."""
        number, form = visit.request.path_params["number"], await visit.form()
        other, kind = form.get("other", ""), _kind(form)
        await self._console.database.write(lambda tx: merging.unlink(tx, number, other, kind, visit.me, visit.now))
        return _done(visit, number)

    async def split(self, visit: Visit) -> Response:
        """Make a ticket of its own from one message on."""
        number, form = visit.request.path_params["number"], await visit.form()
        conversation, from_seq = whole(form, "conversation") or 0, whole(form, "from_seq") or 0
        subject = form.get("subject", "")
        made = await self._console.database.write(
            lambda tx: merging.split(tx, number, conversation, from_seq, subject, visit.me, visit.now)
        )
        return _done(visit, made.number)

    async def tell(self, visit: Visit) -> Response:
        """Tell everybody affected by it something."""
        number, text = visit.request.path_params["number"], (await visit.form()).get("text", "")
        await self._console.database.write(lambda tx: incidents.tell(tx, number, visit.me, text, visit.now))
        return _done(visit, number)

    async def dialog(self, visit: Visit) -> Response:
        """The form to be filled in for one of these."""
        dialog = visit.request.path_params["dialog"]
        if dialog not in _DIALOGS:
            raise HTTPException(404)
        return await self._dialog(visit, visit.request.path_params["number"], dialog)

    async def _dialog(self, visit: Visit, number: str, dialog: str) -> Response:
        conversation, seq = visit.number("conversation"), visit.number("seq")

        def read(tx: Transaction) -> dict[str, object]:
            ticket = store.by_number(tx, number)
            candidates = [one for one in store.of_customer(tx, ticket.customer) if one.id != ticket.id]
            values: dict[str, object] = {"k": ticket, "candidates": candidates}
            if dialog == "tell":
                values["affected"] = incidents.affected(tx, ticket)
            if dialog == "split":
                where = conversations.get(tx, conversation)
                said = [m for m in messages.after(tx, where.id) if m.author is Author.CUSTOMER and m.text]
                values |= {"conversation": where.id, "said": said[-_SPLITTABLE:], "seq": seq}
            return values

        return self._renderer.page(visit, f"dialogs/{dialog}.html", **await self._console.database.read(read))


def _done(visit: Visit, number: str) -> Response:
    return done(visit, visit.url("ticket", number=number), SENT)


def _kind(form: dict[str, str]) -> Link:
    try:
        return Link(form.get("kind", ""))
    except ValueError:
        raise Invalid("kind", "unknown") from None


def _state(form: dict[str, str]) -> State | None:
    try:
        return State(form["state"]) if "state" in form else None
    except ValueError:
        raise Invalid("state", "unknown") from None


def _edit(form: dict[str, str], me: int) -> Edit:
    """What a form wants changed: fields it does not have stay as they are."""
    mine = "mine" in form
    assignee = me if mine else whole(form, "assignee")
    return Edit(
        subject=form.get("subject"),
        state=_state(form),
        category=form.get("category"),
        team=form.get("team"),
        assignee=assignee,
        unassign="assignee" in form and assignee is None,
        impact=whole(form, "impact"),
        urgency=whole(form, "urgency"),
        # An unticked box is not sent: the form says apart that it has one.
        major="major" in form if "may_major" in form else None,
        cause=form.get("cause"),
        resolution=form.get("resolution"),
    )
