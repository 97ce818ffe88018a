"""What the pages for administrators share: who may see them, forms, and what they say afterwards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk.console.errors import invalid
from desk.console.rendering import Renderer
from desk.console.session import Endpoint, Gate
from desk.console.visit import Console, Visit
from desk.model.errors import Conflict, DeskError, Invalid
from desk.model.technician import Permission, require
from desk.wording import Texts


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields of a form, and what is wrong with one of them."""

    id: str
    """Ids of its fields begin with it: a page may have several forms."""
    values: Mapping[str, object] = field(default_factory=dict)
    wrong: str = ""
    """The name of the field that is not acceptable; a form's own name stands for all of it."""
    error: str = ""

    def value(self, name: str) -> object:
        """What stands in the field `name`."""
        found = self.values.get(name)
        return "" if found is None else found


def refused(texts: Texts, form: str, typed: Mapping[str, object], error: DeskError) -> Form:
    """The form `form` again, as it was filled in, with what is wrong with it."""
    match error:
        case Conflict() if texts.has(f"admin.conflict.{error.state}"):
            return Form(form, typed, form, texts(f"admin.conflict.{error.state}"))
        case Invalid():
            return Form(form, typed, error.field, _sentence(texts, error))
    raise error


def _sentence(texts: Texts, error: Invalid) -> str:
    name = error.field.partition(".")[0]
    for key in (f"admin.invalid.{name}.{error.rule}", f"admin.invalid.any.{error.rule}"):
        if texts.has(key):
            return texts(key)
    return invalid(texts, error)


class AdminPage(ABC):
    """A page and what can be done on it."""

    section: ClassVar[str]
    """Its name among the pages for administrators."""
    permission: ClassVar[Permission] = Permission.ADMINISTER

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self.console = console
        self.database = console.database
        self._renderer = renderer

    @abstractmethod
    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""

    def allowed(self, gate: Gate, handler: Callable[[Visit], Awaitable[Response]]) -> Endpoint:
        """`handler` for those who may."""

        async def checked(visit: Visit) -> Response:
            require(visit.me, self.permission)
            return await handler(visit)

        return gate.signed_in(checked)

    def show(self, visit: Visit, template: str, status: int = 200, **values: object) -> Response:
        """The page `template`, inside what all pages for administrators share."""
        done = visit.request.query_params.get("done", "")
        return self._renderer.page(
            visit,
            f"admin/{template}.html",
            status,
            section="administration",
            page=self.section,
            done=done if visit.texts.has(f"admin.done.{done}") else "",
            **values,
        )

    def done(self, visit: Visit, what: str, route: str, /, **values: object) -> Response:
        """Show the page `route` again, and say there that `what` is done."""
        return RedirectResponse(f"{visit.url(route, **values)}?done={what}", 303)
