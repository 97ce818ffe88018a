"""The commands of the engine environment, as the supervisor runs them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from bot.sources import MODEL_NAME, STAMP_NAME
from tests.engine_process import PYTHON, ROOT, bot, trained_model

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

SECRETS = {"FIRSTLINE_ENGINE_TOKEN": "a", "FIRSTLINE_INTERNAL_TOKEN": "b"}
ENGINE = {"FIRSTLINE_ACTIONS_PORT": "1", "FIRSTLINE_TRACKER_DB": "", "RASA_TELEMETRY_ENABLED": "false"}
RASA = """
import sys, yaml
from bot.repairs import before_import, read_sentences_once
before_import(yaml.safe_load(open("config.yml", encoding="utf-8")))
read_sentences_once()
from rasa.__main__ import main
sys.argv[0] = "rasa"
main()
"""
"""Rasa's own command, as this project uses Rasa: without TensorFlow, which takes longest to import."""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in ("bot", "actions", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_a_wrong_procedure_is_named_in_one_line_and_the_old_model_stays(sources: Path) -> None:
    models = sources / "var" / "models"
    models.mkdir(parents=True)
    (models / MODEL_NAME).write_bytes(b"the old model")
    (models / STAMP_NAME).write_text("of older sources")
    for said in (sources / "data" / "nlu").glob("[!p]*.yml"):
        said.unlink()  # Rasa reads these before the procedures: some are enough
    procedure = sources / "data" / "procedures" / "printer_offline.yml"
    procedure.write_text(
        procedure.read_text(encoding="utf-8").replace("otherwise: power", "otherwise: pwoer"), encoding="utf-8"
    )

    failed = bot("train", root=sources)
    assert failed.returncode == 1
    assert failed.stdout.count("\n") == 1
    assert "printer_offline.yml" in failed.stdout
    assert "pwoer" in failed.stdout
    assert (models / MODEL_NAME).read_bytes() == b"the old model"
    assert bot("fresh", root=sources).returncode == 3
    assert sorted(path.name for path in models.iterdir()) == [STAMP_NAME, MODEL_NAME]


def test_serving_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    refused = bot("serve", "--model", str(tmp_path), environment=SECRETS)
    assert refused.returncode == 2
    assert "python -m bot train" in refused.stderr


@pytest.mark.parametrize("command", ["serve", "actions"])
def test_servers_do_not_start_without_their_secrets(command: str) -> None:
    refused = bot(command, environment=dict.fromkeys(SECRETS, ""))
    assert refused.returncode == 2
    assert "FIRSTLINE_ENGINE_TOKEN and FIRSTLINE_INTERNAL_TOKEN must be set" in refused.stderr


def test_a_model_is_missing_until_it_was_trained(tmp_path: Path) -> None:
    assert bot("fresh", "--out", str(tmp_path)).returncode == 3


def test_rasas_own_test_finds_the_policy_on_every_generated_story(tmp_path: Path) -> None:
    """One way of each procedure; `python -m bot stories` without --each writes all."""
    stories = tmp_path / "stories.yml"
    assert bot("stories", "--out", str(stories), "--each", "1").returncode == 0
    done = subprocess.run(
        [PYTHON, "-c", RASA, "test", "core", "--model", trained_model() / MODEL_NAME, "--stories", stories, "--no-plot",
         "--out", tmp_path / "results", "--endpoints", "endpoints.yml"],
        cwd=ROOT,
        env={**os.environ, **SECRETS, **ENGINE, "FIRSTLINE_TRACKER_DB": str(tmp_path / "tracker.db")},
        capture_output=True,
        text=True,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    failed = (tmp_path / "results" / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "story:" not in failed
    report = json.loads((tmp_path / "results" / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["correct"] == report["conversation_accuracy"]["total"] >= 37


def test_rasa_finds_nothing_wrong_with_the_data() -> None:
    done = subprocess.run(
        [PYTHON, "-c", RASA, "data", "validate", "--data", "data/nlu", "data/stories", "--fail-on-warnings"],
        cwd=ROOT,
        env={**os.environ, **SECRETS, **ENGINE},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    (tmp_path / MODEL_NAME).write_bytes(b"")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {**SECRETS, "FIRSTLINE_ENGINE_PORT": port, "FIRSTLINE_ACTIONS_PORT": port}
        for command in (["serve", "--model", str(tmp_path)], ["actions"]):
            refused = bot(*command, environment=environment)
            assert refused.returncode == 2
            assert f"port {port}" in refused.stderr
