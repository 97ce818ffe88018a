"""``python -m bench.nlu``: how well messages are understood, as Markdown and as JSON.

Trains on `data/nlu` in the engine's environment and measures by cross-validation, and with real sentences from outside
where those are at hand. Next to it DIET, which Rasa would use itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.processes import ENGINE_PYTHON, ROOT

_LANGUAGES = ("en", "nl")


def _measured(kind: str, every: int, log: Path) -> dict[str, Any]:
    with log.open("wb") as noise:
        done = subprocess.run(
            [ENGINE_PYTHON, "-m", "bench.nlu_measure", kind, str(every)],
            check=False,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=noise,
        )
    if done.returncode != 0:
        sys.exit(f"measuring {kind} failed, see {log}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown: a table of sets for each kind of model, the curve, F1 per topic."""
    lines: list[str] = []
    for kind, numbers in found.items():
        lines += [f"## {kind}", "", *_head(numbers), "", *_sets(numbers), ""]
    ours = found["ours"]
    lines += ["## The threshold", "", *_curve(ours), "", "## F1 per topic, cross-validated on our own sentences", ""]
    return "\n".join([*lines, *_f1(ours)])


def _head(numbers: Mapping[str, Any]) -> Iterator[str]:
    latency = numbers["latency_ms"]
    yield f"{numbers['sentences']} sentences, {numbers['labels']} labels, trained in {numbers['training_seconds']} s;"
    yield f"a message takes {latency['p50']} ms at the median, {latency['p95']} ms at the 95th percentile."
    for language, those in (numbers["cross_validation"] or {}).items():
        yield f"Cross-validation, {language}: {_percent(those['right'])} right, macro F1 {those['macro_f1']}."


def _sets(numbers: Mapping[str, Any]) -> Iterator[str]:
    if not numbers["real"]:
        yield "The real sentences are not at hand: nothing is measured with them."
        return
    yield "| set | in scope | right topic | refused in scope | out of scope | noticed | taken for a problem |"
    yield "|---|---|---|---|---|---|---|"
    for name, each in numbers["real"].items():
        shares = (each["right"], each["refused"], each["out_of_scope"], each["noticed"], each["taken_for_a_problem"])
        right, refused, outside, noticed, taken = shares
        yield (
            f"| {name} | {each['in_scope']} | {_percent(right)} | {_percent(refused)} | {outside} | "
            f"{_percent(noticed)} | {_percent(taken)} |"
        )


def _curve(numbers: Mapping[str, Any]) -> Iterator[str]:
    names = list(numbers["real"])
    if not names:
        return
    yield "| threshold | " + " | ".join(f"{name}: refused, noticed" for name in names) + " |"
    yield "|---|" + "---|" * len(names)
    for threshold, sets in numbers["curve"].items():
        cells = (f"{_percent(sets[name]['refused'])}, {_percent(sets[name]['noticed'])}" for name in names)
        yield f"| {threshold} | " + " | ".join(cells) + " |"


def _f1(numbers: Mapping[str, Any]) -> Iterator[str]:
    scores = {language: numbers["cross_validation"][language]["f1"] for language in _LANGUAGES}
    yield "| topic | en | nl |"
    yield "|---|---|---|"
    for topic in sorted({*scores["en"], *scores["nl"]}):
        yield f"| {topic} | {scores['en'].get(topic, '–')} | {scores['nl'].get(topic, '–')} |"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description="How well messages are understood.")
    parser.add_argument("--diet", action=argparse.BooleanOptionalAction, default=True, help="DIET too, takes an hour")
    parser.add_argument(
        "--every", type=int, default=1, help="train on each N-th sentence only, in less time", metavar="N"
    )
    parser.add_argument("--json", type=Path, help="write the numbers into this file as well")
    parser.add_argument("--logs", type=Path, default=ROOT / "var" / "log", help="where Rasa's output goes")
    options = parser.parse_args()
    options.logs.mkdir(parents=True, exist_ok=True)
    kinds = ["ours", "diet"] if options.diet else ["ours"]
    found = {kind: _measured(kind, options.every, options.logs / f"bench-nlu-{kind}.log") for kind in kinds}
    print(report(found))
    print()
    print(json.dumps(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
