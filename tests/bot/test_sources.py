"""When a model counts as fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sources import MODEL_NAME, STAMP_NAME, fingerprint, is_fresh


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "config.yml",
        "domain.yml",
        "data/nlu/printer.yml",
        "data/stories/talk.yml",
        "data/procedures/printer.yml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def trained(root: Path) -> Path:
    models = root / "var" / "models"
    models.mkdir(parents=True, exist_ok=True)
    (models / MODEL_NAME).write_bytes(b"")
    (models / STAMP_NAME).write_text(fingerprint(root))
    return models


def test_a_model_of_these_sources_is_fresh(root: Path) -> None:
    assert is_fresh(root, trained(root))


@pytest.mark.parametrize("name", ["config.yml", "data/nlu/printer.yml", "data/procedures/printer.yml"])
def test_a_changed_file_makes_it_stale(root: Path, name: str) -> None:
    models = trained(root)
    (root / name).write_text("changed")
    assert not is_fresh(root, models)


def test_a_new_or_renamed_file_makes_it_stale(root: Path) -> None:
    models = trained(root)
    (root / "data/procedures/printer.yml").rename(root / "data/procedures/scanner.yml")
    assert not is_fresh(root, models)


def test_what_is_no_source_changes_nothing(root: Path) -> None:
    models = trained(root)
    (root / "data/procedures/printer.yml~").write_text("an editor's backup")
    (root / "README.md").write_text("text")
    assert is_fresh(root, models)


@pytest.mark.parametrize("name", [MODEL_NAME, STAMP_NAME])
def test_half_a_model_is_none(root: Path, name: str) -> None:
    models = trained(root)
    (models / name).unlink()
    assert not is_fresh(root, models)
