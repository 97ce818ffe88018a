"""A throw-away authority and a certificate of it for this machine."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Files in PEM form; `ca` is what clients must trust."""

    ca: Path
    chain: Path
    key: Path


def certificate(folder: Path) -> Certificate:
    """Made by openssl, for ``localhost`` and 127.0.0.1."""
    ca, ca_key, chain, key = (folder / name for name in ("ca.pem", "ca.key", "server.pem", "server.key"))
    new = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    _run(*new, "-subj", "/CN=Throw-away authority", "-keyout", ca_key, "-out", ca)
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    _run(*new, *names, "-CA", ca, "-CAkey", ca_key, "-keyout", key, "-out", chain)
    return Certificate(ca, chain, key)


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
