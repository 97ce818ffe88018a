"""What a turn costs: the same messages to bare Rasa, to our engine, and through the whole product."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bench.clients import Customer

SCRIPT = (
    "my printer does not print anything",
    "yes",
    "why do you ask that?",
    "no",
    "what was the question again",
    "yes",
)
"""One conversation: a procedure started by free text, answered, interrupted. Six turns, none with an action."""


ACTION = "I want to talk to a person"
"""A turn that calls an action."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds a turn, one customer at a time; turns a second, several at once; MiB of all processes."""

    p50_ms: float
    p95_ms: float
    turns_per_second: float
    memory_mb: float

    def as_json(self) -> dict[str, float]:
        """Rounded."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


Join = Callable[[], Customer]


async def _converse(join: Join, times: list[float]) -> None:
    async with join() as customer:
        for text in SCRIPT:
            begun = time.perf_counter()
            await customer.ask(text)
            times.append(time.perf_counter() - begun)


async def latency(join: Join, conversations: int) -> tuple[float, float]:
    """The median and the 95th percentile of a turn, in ms."""
    times: list[float] = []
    for _ in range(conversations):
        await _converse(join, times)
    cuts = statistics.quantiles(times, n=100)
    return statistics.median(times) * 1000, cuts[94] * 1000


async def action_latency(join: Join, turns: int) -> tuple[float, float]:
    """Likewise for a turn with an action: a new customer asks for a person, and a ticket is opened."""
    times: list[float] = []
    for _ in range(turns):
        async with join() as customer:
            begun = time.perf_counter()
            await customer.ask(ACTION)
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000, statistics.quantiles(times, n=100)[94] * 1000


async def throughput(join: Join, customers: int, seconds: float) -> float:
    """Turns a second with so many customers at once."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def customer() -> None:
        while time.perf_counter() < end:
            await _converse(join, times)

    begun = time.perf_counter()
    await asyncio.gather(*(customer() for _ in range(customers)))
    return len(times) / (time.perf_counter() - begun)
