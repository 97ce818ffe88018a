"""The command ``python -m firstline procedures``: its arguments, and what each of them runs.

What runs is imported then: every other command reads these arguments too.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.procedures.model import DEFAULT_LANGUAGE, LANGUAGES

if TYPE_CHECKING:
    # What argparse calls the thing that `add_subparsers` returns.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FOLDER = Path("data/procedures")
INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ends."""


def add_commands(commands: Commands) -> None:
    """Add `procedures` and what belongs to it to the parser of the command line."""
    parser = commands.add_parser("procedures", help="for authors of procedures: check, draw, play and count them")
    actions = parser.add_subparsers(dest="action", required=True)
    _add(actions, "check", "find what is wrong in the procedures; ends with 1 when there is something")
    graph = _add(actions, "graph", "draw a procedure", name=True, language=True)
    graph.add_argument("--format", choices=["mermaid", "svg"], help="by default mermaid, or svg when FILE ends so")
    graph.add_argument("--output", type=Path, metavar="FILE", help="write there instead of printing")
    play = _add(actions, "play", "walk through a procedure in the terminal", name=False, language=True)
    play.add_argument("--message", metavar="TEXT", help="what the customer writes first")
    play.add_argument(
        "--fact",
        type=_fact,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what the first message tells besides, such as operating_system=windows",
    )
    paths = _add(actions, "paths", "count the ways through the procedures", name=False)
    paths.add_argument("--limit", type=_count, default=10_000, help="ways to count of each procedure (default: 10000)")
    paths.add_argument("--json", action="store_true", help="print JSON")


def _add(
    actions: Commands, action: str, told: str, name: bool | None = None, language: bool = False
) -> argparse.ArgumentParser:
    """`name`: whether the procedure's name must be given; None = it takes none."""
    parser = actions.add_parser(action, help=told, description=f"{told[0].upper()}{told[1:]}.")
    if name is not None:
        parser.add_argument("name", nargs=None if name else "?", help="the procedure's id")
    if language:
        parser.add_argument("--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE)
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"the procedures (default: {FOLDER})")
    return parser


def _fact(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands; the exit code: 0 well, 1 it could not be done, 2 wrong use."""
    from firstline.procedures.catalogue import ProcedureError

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may know fewer letters than we do
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except ProcedureError as error:
        sys.stdout.writelines(f"{problem}\n" for problem in error.problems)
        if error.text:
            sys.stderr.write(f"firstline: {error.text}\n")
        return error.code
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return INTERRUPTED
    except BrokenPipeError:  # whoever was reading has seen enough; nothing is left to be flushed at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(arguments: argparse.Namespace) -> int:
    from firstline.procedures.catalogue import find, open_catalogue

    catalogue = open_catalogue(arguments.folder)
    match arguments.action:
        case "check":
            from firstline.procedures.check import summary

            sys.stdout.write(summary(catalogue))
        case "graph":
            from firstline.procedures.graph import draw, publish

            procedure = find(catalogue, arguments.name)
            as_svg = arguments.format == "svg" or (arguments.format is None and _is_svg(arguments.output))
            publish(draw(catalogue, procedure, arguments.language, as_svg), arguments.output)
        case "play":
            from firstline.procedures.dialogue import Dialogue
            from firstline.procedures.play import play

            named = find(catalogue, arguments.name, startable=True) if arguments.name else None
            dialogue = Dialogue(sys.stdin, sys.stdout)
            play(catalogue, dialogue, named, arguments.language, arguments.message, dict(arguments.fact))
        case "paths":
            from firstline.procedures.paths import as_json, as_table, count

            chosen = [find(catalogue, arguments.name)] if arguments.name else catalogue.procedures.values()
            counts = [count(catalogue, procedure, arguments.limit) for procedure in chosen]
            sys.stdout.write(as_json(counts) if arguments.json else as_table(counts))
    return 0


def _is_svg(file: Path | None) -> bool:
    return file is not None and file.suffix == ".svg"
