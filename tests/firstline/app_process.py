"""The app as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.engine_process import ROOT
from tests.ports import free_port


@asynccontextmanager
async def app_process(
    environment: Mapping[str, str], tmp_path: Path, *options: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python -m firstline app``, killed at the end; what it logs goes to ``app.log``."""
    with (tmp_path / "app.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "firstline",
            "app",
            *options,
            cwd=ROOT,
            env={**os.environ, **environment, "FIRSTLINE_PORT": str(free_port())},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
