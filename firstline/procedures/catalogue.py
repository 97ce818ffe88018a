"""The procedures of a folder, or what is wrong with them; and one of them by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from bot.procedures.loader import load
from bot.procedures.model import Call, Catalogue, Procedure
from bot.procedures.nodes import CatalogueError, Problem

TEXTS = Path("bot/texts")


class ProcedureError(Exception):
    """A command cannot go on. `problems` are those of the procedures, `text` is any other, `code` the exit code."""

    def __init__(self, text: str = "", code: int = 2, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.text, self.code, self.problems = text, code, problems


def open_catalogue(folder: Path) -> Catalogue:
    """Read and check the procedures. Raises ProcedureError: code 1 with problems, whose files are paths from here;
    code 2 when a folder is missing."""
    for needed in (folder, TEXTS):
        if not needed.is_dir():
            raise ProcedureError(f"there is no folder “{needed}”; run this from the root of the repository")
    try:
        return load(folder, TEXTS)
    except CatalogueError as error:
        problems = [replace(problem, file=_path(problem.file, folder)) for problem in error.problems]
        raise ProcedureError(code=1, problems=problems) from None


def find(catalogue: Catalogue, name: str, startable: bool = False) -> Procedure:
    """The procedure of that id. Raises ProcedureError when there is none, or when it is only called by others and a
    `startable` one is wanted."""
    procedure = catalogue.procedures.get(name)
    if procedure is None:
        near = get_close_matches(name, catalogue.procedures, 1)
        cure = f"did you mean “{near[0]}”?" if near else f"there are {', '.join(catalogue.procedures)}"
        raise ProcedureError(f"no procedure “{name}”; {cure}")
    if startable and procedure.shared:
        callers = ", ".join(_callers(catalogue, name)) or "none so far"
        raise ProcedureError(f"“{name}” is shared, so it starts only where it is called; its callers: {callers}")
    return procedure


def _callers(catalogue: Catalogue, name: str) -> list[str]:
    return [
        procedure.id
        for procedure in catalogue.procedures.values()
        if any(isinstance(step, Call) and step.procedure == name for step in procedure.steps.values())
    ]


def _path(file: str, folder: Path) -> str:
    """The loader tells files from the folder above; editors open them from here."""
    places = (folder.parent / file, TEXTS.parent / file, folder / file)
    return str(next((path for path in places if path.exists()), file))
