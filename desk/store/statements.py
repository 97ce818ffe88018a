"""Compiled SQL, remembered for the whole process.

Compiling a statement takes longer than running it. SQLAlchemy remembers what it compiled, but each engine for itself:
SQLite, which is opened twice (see `Database`), would compile everything twice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.util import LRUCache

_KEPT = 1000


class Statements(LRUCache[Any, Any]):
    """What SQLAlchemy takes for its execution option ``compiled_cache``, shared by all engines of one kind."""

    def get(self, key: Any, default: Any = None) -> Any:
        """The compiled statement of `key`, whose first item is the dialect of one engine."""
        return super().get(_of_all_engines(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_all_engines(key), value)


def _of_all_engines(key: tuple[Any, ...]) -> tuple[Any, ...]:
    # Two engines compile alike when their kind, their driver and the version they speak to are the same.
    dialect, *statement = key
    return (dialect.dialect_description, dialect.server_version_info, *statement)


@cache
def statements() -> Statements:
    """The statements of this process."""
    return Statements(_KEPT)
