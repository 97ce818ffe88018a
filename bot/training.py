"""Trains the model: quietly, atomically, and only what changed (Rasa keeps a cache of fingerprints in .rasa/)."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from pathlib import Path

from rasa.model_training import train as rasa_train
from rasa.shared.exceptions import RasaException

from bot.repairs import before_training
from bot.sources import MODEL_NAME, STAMP_NAME, TRAINING_DATA, fingerprint

logger = logging.getLogger(__name__)


class TrainingFailed(RuntimeError):
    """The sources make no model; the message says why. An older model is left as it is."""


def train(root: Path, out: Path) -> str:
    """Train the sources below `root` into `out` and return a line about it. Raises TrainingFailed.

    Rasa floods standard output and standard error meanwhile.
    """
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    stamp = fingerprint(root)
    before_training()
    scratch = Path(tempfile.mkdtemp(prefix=".training-", dir=out))
    try:
        made = _train_into(scratch)
        # The stamp goes first and returns last: a model is never taken for newer than it is.
        (out / STAMP_NAME).unlink(missing_ok=True)
        made.replace(out / MODEL_NAME)
        (scratch / STAMP_NAME).write_text(stamp, encoding="ascii")
        (scratch / STAMP_NAME).replace(out / STAMP_NAME)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return f"model {out / MODEL_NAME} trained in {time.monotonic() - started:.0f} s"


def _train_into(folder: Path) -> Path:
    try:
        result = rasa_train("domain.yml", "config.yml", list(TRAINING_DATA), str(folder), fixed_model_name=MODEL_NAME)
    except (RasaException, ValueError, SystemExit) as error:  # Rasa leaves by sys.exit for some faults in the data
        logger.exception("Training failed")
        raise TrainingFailed(_reason(error)) from error
    if not result.model or result.code != 0:
        raise TrainingFailed("Rasa made no model")
    return Path(result.model)


def _reason(error: BaseException) -> str:
    """Rasa wraps what a component raised: the first cause says which file is wrong."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"
