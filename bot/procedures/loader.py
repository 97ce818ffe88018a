"""`data/procedures/*.yml` and `bot/texts/*.yml` to a `Catalogue`, or a `CatalogueError`: every mistake with its cure.

`data/procedures/_vocabulary.yml` lists the known categories and teams, the impact that an answer gives any ticket,
and the procedures most asked for; a file that begins with `_` is no procedure.
What a procedure is made of: `bot.procedures.procedure_file`.
"""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from pathlib import Path

from bot.procedures.checks import check
from bot.procedures.model import Catalogue, Option, Procedure, Text
from bot.procedures.nodes import CatalogueError, Fields, Problem, document
from bot.procedures.procedure_file import Lines, ProcedureReader, Vocabulary, flat, read_option
from bot.procedures.words import Words

STANDARD_OPTIONS = ("yes", "no", "done", "cannot")


def load(procedures: Path, texts: Path) -> Catalogue:
    """Reads and checks everything. Raises CatalogueError."""
    problems: list[Problem] = []
    catalogue, lines = _read(procedures, texts, problems)
    if not problems:
        problems.extend(check(catalogue, lines))
    if problems:
        raise CatalogueError(sorted(problems, key=lambda p: (p.file, p.line)))
    return catalogue


def load_words(texts: Path) -> Words:
    """What the assistant recognises in any procedure, of both languages: `words.yml`. Raises CatalogueError."""
    problems: list[Problem] = []
    words, _ = _words(texts / "words.yml", problems)
    if problems:
        raise CatalogueError(problems)
    return words


def source_files(procedures: Path, texts: Path) -> list[Path]:
    """Every file a catalogue is made of, in a fixed order (for fingerprints)."""
    return sorted(procedures.glob("*.yml")) + sorted(texts.glob("*.yml"))


def _read(folder: Path, texts: Path, problems: list[Problem]) -> tuple[Catalogue, Lines]:
    sentences = _sentences(texts / "sentences.yml", problems)
    words, standard = _words(texts / "words.yml", problems)
    vocabulary = _vocabulary(folder / "_vocabulary.yml", problems)
    found: dict[str, Procedure] = {}
    lines: Lines = {}
    for path in sorted(folder.glob("[!_]*.yml")):
        fields = document(path, f"{folder.name}/{path.name}", problems)
        if fields is None:
            continue
        procedure = ProcedureReader(fields, vocabulary, standard, lines).read()
        if procedure.id in found:
            fields.problem(
                f"The id “{procedure.id}” is used by another file too; give each its own.", fields.line_at("id")
            )
        found[procedure.id] = procedure
    if not found:
        problems.append(Problem(folder.name, 1, "There is no procedure here; add at least one .yml file."))
    return Catalogue(found, sentences, words, standard, vocabulary.impacts, vocabulary.common), lines


def _sentences(path: Path, problems: list[Problem]) -> dict[str, Text]:
    fields = document(path, f"texts/{path.name}", problems)
    if fields is None:
        return {}
    return {name: text for name in fields.names() if (text := fields.text(name)) is not None}


def _words(path: Path, problems: list[Problem]) -> tuple[Words, dict[str, Option]]:
    """The command words, and the options every procedure shares (yes, no, done, cannot)."""
    fields = document(path, f"texts/{path.name}", problems)
    if fields is None:
        return Words(), {}
    words = Words(**{field.name: flat(fields, field.name) for field in dataclass_fields(Words)})
    options = {}
    for name in STANDARD_OPTIONS:
        option = fields.fields(name, f"the option “{name}”", required=True)
        if option is not None:
            options[name] = read_option(name, option)
            option.close()
    fields.close()
    return words, options


def _vocabulary(path: Path, problems: list[Problem]) -> Vocabulary:
    if not path.exists():
        problems.append(Problem(path.name, 1, "The file is missing; it lists the known categories and teams."))
        return Vocabulary()
    fields = document(path, path.name, problems)
    if fields is None:
        return Vocabulary()
    found = Vocabulary(fields.words("categories"), fields.words("teams"), _impacts(fields), fields.words("common"))
    fields.close()
    return found


def _impacts(vocabulary: Fields) -> dict[str, dict[str, int]]:
    fields = vocabulary.fields("impacts", "“impacts”")
    found: dict[str, dict[str, int]] = {}
    for fact, answers in fields.children("the fact") if fields else ():
        found[fact] = {name: impact for name in answers.names() if (impact := answers.number(name, 1, 3)) is not None}
    return found
