"""Tables of legal moves, drawn: the diagrams in the documentation are these texts, and a test keeps them so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


def states[S: StrEnum](legal: Mapping[S, Iterable[S]], first: S) -> str:
    """A Mermaid state diagram of what may follow what; it begins at `first`."""
    order = list(legal)
    lines = [f"[*] --> {first.value}"]
    for state, following in legal.items():
        lines += [f"{state.value} --> {other.value}" for other in sorted(following, key=order.index)]
    return "\n".join(["stateDiagram-v2", *(f"  {line}" for line in lines)])
