"""A procedure drawn: Mermaid as it is written, SVG as Graphviz's `dot` lays it out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bot.procedures.graph import diagram, dot, mermaid
from bot.procedures.model import Catalogue, Procedure
from firstline.procedures.catalogue import ProcedureError
from firstline.procedures.texts import texts

_SECONDS = 60


def draw(catalogue: Catalogue, procedure: Procedure, language: str, as_svg: bool) -> str:
    """The picture as text: Mermaid, or SVG. Raises ProcedureError when SVG is wanted and `dot` is missing or fails."""
    picture = diagram(catalogue, procedure, language, texts(language))
    return _svg(dot(picture)) if as_svg else mermaid(picture)


def publish(picture: str, file: Path | None) -> None:
    """Write to the file, else to stdout. Raises ProcedureError when the file cannot be written."""
    if file is None:
        sys.stdout.write(picture)
        return
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise ProcedureError(f"cannot write “{file}”: {error.strerror}", code=1) from None


def _svg(source: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise ProcedureError(
            "SVG needs the program `dot` of Graphviz (Debian, macOS: the package graphviz); "
            "without it use --format mermaid, which GitHub and most editors show as a picture",
            code=1,
        )
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=source.encode(), capture_output=True, timeout=_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise ProcedureError(f"`dot` failed: {error.stderr.decode(errors='replace').strip()}", code=1) from None
    except subprocess.TimeoutExpired:
        raise ProcedureError(f"`dot` did not finish within {_SECONDS} seconds", code=1) from None
    return done.stdout.decode()
