"""YAML read with the line of everything, and every mistake collected instead of the first one thrown.

Scalars are taken as written: `yes`, `no` and `on` stay words here, whatever YAML 1.1 makes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.procedures.model import LANGUAGES, Text

# libyaml's is ten times as fast, where the package was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """Something to mend: where, and a sentence that tells how."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class CatalogueError(ValueError):
    """The procedures cannot be used; `problems` tells the author what to mend."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def line_of(node: Node) -> int:
    """Counted from 1."""
    return int(node.start_mark.line) + 1


def document(path: Path, name: str, problems: list[Problem]) -> Fields | None:
    """The mapping at the root of a file, or None (and a problem) when it is not one."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(
            Problem(name, line, f"This is not valid YAML ({error.problem}); check the indentation and quotes.")
        )
        return None
    except UnicodeDecodeError:
        problems.append(Problem(name, 1, "This file is not UTF-8; save it as UTF-8."))
        return None
    if not isinstance(root, MappingNode):
        problems.append(Problem(name, 1, "The file must be a mapping of names to values; see the other files."))
        return None
    return Fields(root, name, "the file", problems)


class Fields:
    """A YAML mapping whose fields are taken one by one; `close` complains of those nobody took."""

    def __init__(self, node: MappingNode, file: str, what: str, problems: list[Problem]) -> None:
        self.line = line_of(node)
        self.file, self.what, self._problems = file, what, problems
        self._nodes: dict[str, Node] = {}
        self._lines: dict[str, int] = {}
        self._taken: set[str] = set()
        for key, value in node.value:
            if str(key.value) in self._nodes:
                self.problem(f"“{key.value}” appears twice in {what}; keep one.", line_of(key))
            self._nodes[str(key.value)] = value
            self._lines[str(key.value)] = line_of(key)

    def problem(self, text: str, line: int | None = None) -> None:
        self._problems.append(Problem(self.file, line or self.line, text))

    def names(self) -> list[str]:
        return list(self._nodes)

    def line_at(self, name: str) -> int:
        return self._lines.get(name, self.line)

    def take(self, name: str, required: bool = False) -> Node | None:
        self._taken.add(name)
        node = self._nodes.get(name)
        if node is None and required:
            self.problem(f"“{name}” is missing in {self.what}; add it.")
        return node

    def word(self, name: str, required: bool = False) -> str | None:
        node = self.take(name, required)
        if node is None:
            return None
        if isinstance(node, ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self.problem(f"“{name}” of {self.what} must be one word.", line_of(node))
        return None

    def number(self, name: str, low: int, high: int, required: bool = False) -> int | None:
        word = self.word(name, required)
        if word is None:
            return None
        if word.isdecimal() and low <= int(word) <= high:
            return int(word)
        self.problem(f"“{name}” is {word}; it must be a number from {low} to {high}.", self.line_at(name))
        return None

    def words(self, name: str) -> tuple[str, ...]:
        node = self.take(name)
        if node is None:
            return ()
        if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.value):
            return tuple(str(item.value) for item in node.value)
        self.problem(f"“{name}” of {self.what} must be a list of words, like [one, two].", line_of(node))
        return ()

    def text(self, name: str, required: bool = False) -> Text | None:
        """A sentence in every language."""
        fields = self.fields(name, f"“{name}” of {self.what}", required)
        if fields is None:
            return None
        text = fields.translations(name, self.what)
        fields.close()
        return text

    def translations(self, name: str, what: str) -> Text:
        """These fields as a sentence in every language; `name` of `what` is what misses one."""
        said = {language: self.word(language) for language in LANGUAGES}
        for language, words in said.items():
            if not words:
                self.problem(f"The translation “{language}” of “{name}” is missing in {what}; add it.")
        return Text(en=said["en"] or "", nl=said["nl"] or "")

    def per_language(self, name: str, required: bool = False) -> dict[str, tuple[str, ...]]:
        """Lists of words per language; both must be there when one is."""
        fields = self.fields(name, f"“{name}” of {self.what}", required)
        if fields is None:
            return {}
        found = {language: fields.words(language) for language in LANGUAGES}
        for language, words in found.items():
            if not words:
                fields.problem(f"“{name}” of {self.what} has nothing in “{language}”; add at least one.")
        fields.close()
        return found

    def fields(self, name: str, what: str, required: bool = False) -> Fields | None:
        node = self.take(name, required)
        if node is None:
            return None
        if not isinstance(node, MappingNode):
            self.problem(f"{what} must be a mapping, like {{en: …, nl: …}}.", line_of(node))
            return None
        return Fields(node, self.file, what, self._problems)

    def children(self, what: str) -> Iterator[tuple[str, Fields]]:
        """Every field as a mapping of its own."""
        for name in self._nodes:
            child = self.fields(name, f"{what} “{name}”")
            if child is not None:
                child.line = self.line_at(name)
                yield name, child

    def close(self) -> None:
        for name in self._nodes:
            if name not in self._taken:
                near = get_close_matches(name, self._taken, 1)
                hint = f"did you mean “{near[0]}”?" if near else f"known here: {', '.join(sorted(self._taken))}."
                self.problem(f"“{name}” is not known in {self.what}; {hint}", self.line_at(name))
