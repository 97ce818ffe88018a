"""What the supervisor tells the person who started it: whole lines, and one line of progress updated in place."""

from __future__ import annotations

import contextlib
from typing import TextIO

CLEAR = "\r\033[K"


class Terminal:
    """Writes to a stream. On a terminal progress overwrites itself; elsewhere only its first text is written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._in_place = stream.isatty()
        self._progress = ""

    def closed(self) -> bool:
        """Whether this was a terminal's window and it is gone."""
        return self._in_place and not self._stream.isatty()

    def say(self, line: str) -> None:
        """Write a line; a progress line stays below it."""
        if self._in_place and self._progress:
            self._write(f"{CLEAR}{line}\n{self._progress}")
        else:
            self._write(f"{line}\n")

    def progress(self, text: str) -> None:
        """Show how far something is; called again with a newer text, as often as one likes."""
        if self._in_place:
            self._write(f"{CLEAR}{text}")
        elif not self._progress:
            self._write(f"{text}\n")
        self._progress = text

    def done(self) -> None:
        """Take the progress line away."""
        if self._in_place and self._progress:
            self._write(CLEAR)
        self._progress = ""

    def _write(self, text: str) -> None:
        # The window may have been closed; the children are still to be stopped in good order.
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
