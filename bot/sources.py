"""Which files a model is made of, and whether a model still matches them. Needs nothing but the standard library."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

MODEL_NAME = "firstline.tar.gz"
STAMP_NAME = "firstline.sources"
# Training data is named folder by folder: given "data", Rasa would read every YAML file below as its own.
TRAINING_DATA = ("data/nlu", "data/stories")
_SOURCES = ("config.yml", "domain.yml", *TRAINING_DATA, "data/procedures", "bot", "requirements/engine.txt")
_SUFFIXES = {".py", ".yml", ".yaml", ".txt", ".json"}


def fingerprint(root: Path) -> str:
    """Hash names and contents of all files that decide what a model is."""
    digest = hashlib.sha256()
    for path in _files(root):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(root: Path, models: Path) -> bool:
    """Whether `models` holds a model that was trained from the files as they are now."""
    stamp = models / STAMP_NAME
    if not (models / MODEL_NAME).is_file() or not stamp.is_file():
        return False
    return stamp.read_text(encoding="ascii").strip() == fingerprint(root)


def _files(root: Path) -> Iterator[Path]:
    for source in _SOURCES:
        path = root / source
        if path.is_file():
            yield path
        else:
            yield from sorted(each for each in path.rglob("*") if each.is_file() and each.suffix in _SUFFIXES)
