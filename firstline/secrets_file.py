"""The secrets that this installation made for itself: ``<data_dir>/secrets.json``, readable by its owner only."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from pathlib import Path

BYTES = 32


class SecretsFileError(Exception):
    """The file cannot be read or is damaged; the message names it and says what to do."""


def kept_secret(data_dir: Path, name: str) -> str:
    """Return the secret of that name, made and stored when it is asked for the first time.

    Several processes may start at once on a fresh directory: the lock makes all of them return the same secret.
    """
    path = data_dir / "secrets.json"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SecretsFileError(f"{path}: cannot be opened ({error.strerror})") from None
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = _parse(path, file.read())
        if name not in kept:
            kept[name] = secrets.token_urlsafe(BYTES)
            file.seek(0)
            json.dump(kept, file, indent=2)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        return kept[name]


def _parse(path: Path, text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        kept = json.loads(text)
    except json.JSONDecodeError:
        kept = None
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise SecretsFileError(
            f"{path}: is damaged; restore it from a backup, or remove it and everybody has to sign in again"
        )
    return kept
