"""A throw-away PostgreSQL server for tests, on a free port, ended by its pid."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port


def binaries() -> Path | None:
    """Where PostgreSQL's server programs are, if they are installed. Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).parent if on_path else None


def _run_as() -> int | None:
    """PostgreSQL refuses to run as root: its own user, or failing that nobody, runs it then. None: the present user."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody").pw_uid


def _run(directory: Path, user: int | None, *command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, cwd=directory, user=user)


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """A running server; yields the URL of its database ``postgres``."""
    programs = binaries()
    assert programs is not None
    user = _run_as()
    if user is not None:
        os.chown(directory, user, -1)
    data, port = directory / "data", free_port()
    initdb = ("-D", data, "-U", "firstline", "--auth=trust", "--encoding=UTF8", "--no-sync")
    _run(directory, user, programs / "initdb", *initdb)
    # Durability is not what these tests are about: without fsync they take half the time.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {directory} -c fsync=off -c max_connections=200"
    control = (programs / "pg_ctl", "-D", data, "-w", "-t", "60")
    _run(directory, user, *control, "-o", options, "-l", directory / "log", "start")
    try:
        yield f"postgresql+psycopg://firstline@127.0.0.1:{port}/postgres"
    finally:
        _run(directory, user, *control, "-m", "immediate", "stop")
