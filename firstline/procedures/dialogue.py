"""The conversation on a terminal, or through pipes: then what was read is repeated, so that the output tells it all."""

from __future__ import annotations

import importlib
import sys
from typing import TextIO

_PROMPT = "> "


class Dialogue:
    """Reads lines from one stream and writes to another."""

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._lively = stdin is sys.stdin and stdin.isatty() and stdout.isatty()
        if self._lively:
            importlib.import_module("readline")  # makes `input` edit its line and remember the ones before

    def say(self, *lines: str) -> None:
        """Write each line, and an empty one."""
        self._stdout.writelines(f"{line}\n" for line in (*lines, ""))
        self._stdout.flush()

    def hear(self) -> str | None:
        """The next line that is not blank, without spaces around it; None when there are no more."""
        while (line := self._line()) is not None:
            if line.strip():
                return line.strip()
        return None

    def _line(self) -> str | None:
        if self._lively:
            try:
                line = input(_PROMPT)
            except EOFError:
                self.say("")
                return None
            self.say()
            return line
        line = self._stdin.readline()
        if line.strip():
            self.say(f"{_PROMPT}{line.strip()}")
        return line or None
