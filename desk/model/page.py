"""A part of a long list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some lines of a list; `following` asks for the next ones, and is None when these were the last."""

    items: Sequence[T]
    following: int | None
