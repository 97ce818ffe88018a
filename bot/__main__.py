"""Commands of the engine environment, run from the repository root.

python -m bot train --out var/models       train when the newest model is stale or missing; prints one line
python -m bot fresh --out var/models       exit code 0: the newest model matches the sources, 3: stale or missing
python -m bot serve --model var/models/…   answer turns on 127.0.0.1:$FIRSTLINE_ENGINE_PORT
python -m bot understand --model var/models  say as JSON what each line of standard input is taken for
python -m bot stories --out FILE           write a story for every way through every procedure, for `rasa test core`
python -m bot actions                      run the custom actions on 127.0.0.1:$FIRSTLINE_ACTIONS_PORT
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from bot.repairs import before_import
from bot.sources import MODEL_NAME, is_fresh

FAILED, MISUSED, STALE = 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")  # Rasa is tied to SQLAlchemy 1.4 for good
    os.environ["SANIC_HOST"] = "127.0.0.1"
    if options.command == "fresh":
        return 0 if is_fresh(Path.cwd(), options.out) else STALE
    if options.command == "train" and is_fresh(Path.cwd(), options.out) and not options.force:
        print(f"model {options.out / MODEL_NAME} is up to date")
        return 0
    if options.command == "understand":
        return _understand(options)
    if options.command == "stories":
        return _stories(options)
    return _run_with_rasa(options)


def _understand(options: argparse.Namespace) -> int:
    from bot.understanding import NoModel, answer_lines

    try:
        answer_lines(options.model, sys.stdin.buffer, sys.stdout)
    except NoModel as error:
        print(error, file=sys.stderr)
        return MISUSED
    return 0


def _stories(options: argparse.Namespace) -> int:
    from bot.procedures.loader import load
    from bot.procedures.stories import stories

    written = stories(load(Path("data/procedures"), Path("bot/texts")), options.each)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), encoding="utf-8")
    print(f"{len(written['stories'])} stories in {options.out}")
    return 0


def _run_with_rasa(options: argparse.Namespace) -> int:
    """Everything that imports Rasa, which takes seconds: only now, and repaired."""
    before_import(yaml.safe_load(Path("config.yml").read_text(encoding="utf-8")))
    if options.command == "train":
        return _train(options)
    from bot.serving import NotConfigured, serve, serve_actions

    try:
        if options.command == "serve":
            serve(options.model)
        else:
            serve_actions()
    except NotConfigured as error:
        print(error, file=sys.stderr)
        return MISUSED
    return 0


def _train(options: argparse.Namespace) -> int:
    with _output_to(options.log):
        from bot.training import TrainingFailed, train

        try:
            line, code = train(Path.cwd(), options.out), 0
        except TrainingFailed as error:
            line, code = f"training failed: {error} (more in {options.log})", FAILED
    print(" ".join(line.split()))
    return code


@contextlib.contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Send everything that is written to standard output and error into `log`, native code's progress bars too."""
    log.parent.mkdir(parents=True, exist_ok=True)
    saved = os.dup(1), os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            for target, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, target)
                os.close(copy)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="The assistant: train it, run it.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train when the newest model is stale or missing")
    train.add_argument("--out", type=Path, default=Path("var/models"), help="folder of the model")
    train.add_argument("--log", type=Path, default=Path("var/log/train.log"), help="where Rasa's output goes")
    train.add_argument("--force", action="store_true", help="train also when nothing changed")
    fresh = commands.add_parser("fresh", help="exit with 0 when the model matches the sources, else with 3")
    fresh.add_argument("--out", type=Path, default=Path("var/models"), help="folder of the model")
    serve = commands.add_parser("serve", help="answer the desk's turns")
    serve.add_argument("--model", type=Path, default=Path("var/models"), help="model archive, or the folder of it")
    understand = commands.add_parser("understand", help="read one text per line, print what each is taken for as JSON")
    understand.add_argument("--model", type=Path, default=Path("var/models"), help="model archive, or the folder of it")
    stories = commands.add_parser("stories", help="write a story for every way through every procedure")
    stories.add_argument("--out", type=Path, default=Path("var/stories.yml"), help="the file to write")
    stories.add_argument("--each", type=int, help="only so many of each procedure")
    commands.add_parser("actions", help="run the custom actions")
    return parser


if __name__ == "__main__":
    sys.exit(main())
