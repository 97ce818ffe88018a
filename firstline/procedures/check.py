"""What `check` says of procedures in which nothing is wrong."""

from __future__ import annotations

from bot.procedures.model import LANGUAGES, Catalogue


def summary(catalogue: Catalogue) -> str:
    """One line: how many procedures and steps, in which languages."""
    procedures = catalogue.procedures.values()
    shared = sum(procedure.shared for procedure in procedures)
    steps = sum(len(procedure.steps) for procedure in procedures)
    languages = ", ".join(LANGUAGES)
    return f"Nothing is wrong: {len(procedures)} procedures ({shared} shared), {steps} steps, in {languages}.\n"
