"""``python -m bench.email``: how well mail is read, measured with real mails that are kept outside the repository.

Prints a table, and below it each mail that was not read as expected. Ends with 1 where the goals are missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from bench import email_parse, email_replies
from bench.email_data import REAL, Measure

MEASURES: tuple[Callable[[], Sequence[Measure]], ...] = (email_parse.measures, email_replies.measures)


def measured() -> list[Measure]:
    """All there is to measure; the mails must be there."""
    return [measure for measures in MEASURES for measure in measures()]


def table(measures: Sequence[Measure]) -> str:
    """Markdown: a line for each measure, and what was not as expected."""
    lines = ["| what | right | of | share | goal |", "|---|---|---|---|---|"]
    for measure in measures:
        goal = f"{measure.goal:.0%}" if measure.goal is not None else ""
        lines.append(f"| {measure.name} | {measure.right} | {measure.total} | {measure.share:.1%} | {goal} |")
    for measure in measures:
        if measure.wrong:
            lines += ["", f"{measure.name}:", *(f"- {mail}: {why}" for mail, why in measure.wrong)]
    return "\n".join(lines)


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(prog="bench.email", description="How well mail is read.")
    parser.add_argument("--short", action="store_true", help="without the mails that were not as expected")
    options = parser.parse_args()
    if not REAL.is_dir():
        sys.exit(f"the real mails are not at hand: {REAL} is missing")
    found = measured()
    shown = table(found)
    print(shown.partition("\n\n")[0] if options.short else shown)
    return 0 if all(measure.reached for measure in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
