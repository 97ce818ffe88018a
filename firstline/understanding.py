"""``firstline understand``: what the assistant makes of each line of standard input, for whoever maintains it."""

from __future__ import annotations

import subprocess
import sys

from firstline.settings import Settings
from firstline.supervisor import ENGINE_PYTHON, ROOT


def understand(settings: Settings) -> int:
    """Print one JSON object for each line read. The model is trained first when it is missing or stale (30 s or so).

    Standard output belongs to the answers; everything else is told on standard error. Returns the exit code.
    """
    models = str(settings.data_dir / "models")
    log = str(settings.data_dir / "log" / "train.log")
    bot = [str(ENGINE_PYTHON), "-m", "bot"]
    trained = subprocess.run([*bot, "train", "--out", models, "--log", log], cwd=ROOT, stdout=sys.stderr, check=False)
    if trained.returncode != 0:
        return trained.returncode
    return subprocess.run([*bot, "understand", "--model", models], cwd=ROOT, check=False).returncode
