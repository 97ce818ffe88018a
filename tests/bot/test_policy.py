"""The policy, its words and its domain, with the real Rasa: policy_in_engine.py runs in the engine's environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("policy_in_engine.py")
RUN = """
from bot.repairs import leave_out_tensorflow, remember_event_types
leave_out_tensorflow()  # nothing here computes with it, and importing it takes longest
remember_event_types()
from runpy import run_module
run_module("tests.bot.policy_in_engine", run_name="__main__")
"""
CHECKS = re.findall(r"^def check_(\w+)", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)

pytestmark = [pytest.mark.slow, pytest.mark.rasa]


@pytest.fixture(scope="module")
def results() -> dict[str, str | None]:
    ran = subprocess.run(
        [ROOT / ".venv-engine/bin/python", "-W", "ignore", "-c", RUN],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    found: dict[str, str | None] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_with_rasa(results: dict[str, str | None], check: str) -> None:
    assert results[f"check_{check}"] is None, results[f"check_{check}"]
