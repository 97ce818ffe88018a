"""The console's words, and in which language a browser wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from desk import wording
from desk.wording import DEFAULT, Texts


def load() -> dict[str, Texts]:
    """Every language there is a folder for."""
    return wording.load(Path(__file__).parent / "locale")


def preferred(accept_language: str, spoken: Mapping[str, Texts]) -> str:
    """The first language of an Accept-Language header that is spoken here, by its quality, else English."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        name, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((float(quality or 1), name.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    # Stable: among equals the one named first.
    ranked = [name for quality, name in sorted(wishes, key=lambda wish: -wish[0]) if quality > 0]
    return next((name for name in ranked if name in spoken), DEFAULT)
