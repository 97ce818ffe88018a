"""Keeps an eye on the assistant's engine, and tells everybody who waits for it when it wakes up or goes away."""

from __future__ import annotations

import asyncio
import logging

from channels.contract import Assistant
from desk.engine import Engine
from desk.live import Live

log = logging.getLogger(__name__)

_PAUSE = {Assistant.WAKING: 0.2, Assistant.DOWN: 0.5, Assistant.READY: 2.0}
"""Seconds between two looks."""


async def watch_engine(engine: Engine, live: Live) -> None:
    """Look until cancelled."""
    known: Assistant | None = None
    while True:
        await engine.check()
        if engine.assistant is not known:
            known = engine.assistant
            log.info("the assistant is %s", known.value)
            live.wake_all()
        await asyncio.sleep(_PAUSE[known])
