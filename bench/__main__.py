"""``python -m bench``: what a turn costs, as a table and as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from bench.clients import EngineCustomer, RestCustomer, WebCustomer, instant_desk
from bench.processes import ENGINE_PYTHON, ROOT, Installation, Running
from bench.turns import Join, Measured, action_latency, latency, throughput

Enter = Callable[[aiohttp.ClientSession], Join]


async def _measure(enter: Enter, running: list[Running], options: argparse.Namespace) -> Measured:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        join = enter(session)
        await latency(join, 5)  # warm up
        p50, p95 = await latency(join, options.conversations)
        rate = await throughput(join, options.customers, options.seconds)
        return Measured(p50, p95, rate, sum(process.memory_mb() for process in running))


def _rasa(installation: Installation, options: argparse.Namespace) -> Measured:
    with installation.actions() as actions, installation.rasa() as rasa:
        enter: Enter = lambda session: lambda: RestCustomer(session, rasa.url)  # noqa: E731
        return asyncio.run(_measure(enter, [actions, rasa], options))


async def _actions(enter: Enter, desk_port: int, options: argparse.Namespace) -> dict[str, float]:
    async with aiohttp.ClientSession() as session, instant_desk(desk_port):
        await action_latency(enter(session), 5)  # warm up
        p50, p95 = await action_latency(enter(session), options.conversations)
        return {"p50_ms": round(p50, 2), "p95_ms": round(p95, 2)}


def _ours(installation: Installation, options: argparse.Namespace) -> tuple[Measured, Measured, dict[str, float]]:
    token = installation.env["FIRSTLINE_ENGINE_TOKEN"]
    with ExitStack() as stack:
        running = [stack.enter_context(installation.actions()), stack.enter_context(installation.engine())]
        engine = running[1]
        direct: Enter = lambda session: lambda: EngineCustomer(session, engine.url, token)  # noqa: E731
        alone = asyncio.run(_measure(direct, running, options))
        actions = asyncio.run(_actions(direct, installation.app_port, options))
        app = stack.enter_context(installation.app())
        whole: Enter = lambda session: lambda: WebCustomer(session, app.url)  # noqa: E731
        return alone, asyncio.run(_measure(whole, [*running, app], options)), actions


def _model() -> Path:
    """The trained model; trained now when it is missing or stale."""
    folder = ROOT / "var" / "models"
    subprocess.run([ENGINE_PYTHON, "-m", "bot", "train", "--out", folder], cwd=ROOT, check=True, stdout=sys.stderr)
    return folder / "firstline.tar.gz"


def _table(results: dict[str, Measured], ratios: dict[str, dict[str, float]]) -> str:
    lines = ["| | p50 ms | p95 ms | turns/s | MiB |", "|---|---|---|---|---|"]
    for name, result in results.items():
        values = (result.p50_ms, result.p95_ms, result.turns_per_second, result.memory_mb)
        lines.append(f"| {name} | " + " | ".join(f"{value:.1f}" for value in values) + " |")
    for name, ratio in ratios.items():
        lines.append(f"| {name} | " + " | ".join(f"{value:.2f} ×" for value in ratio.values()) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--conversations", type=int, default=60, help="of six turns each, for the latency")
    parser.add_argument("--customers", type=int, default=8, help="at once, for the throughput")
    parser.add_argument("--seconds", type=float, default=15, help="for each throughput")
    options = parser.parse_args()
    model = _model()
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as folder:
        for name in ("rasa", "ours"):
            (Path(folder) / name).mkdir()
        bare = _rasa(Installation(Path(folder) / "rasa", model), options)
        engine, product, actions = _ours(Installation(Path(folder) / "ours", model), options)
    results = {"bare Rasa, REST channel": bare, "our engine alone": engine, "whole product, web chat": product}
    ratios = {
        "product / bare Rasa": _ratio(product, bare),
        "product / our engine": _ratio(product, engine),
    }
    print(_table(results, ratios))
    print(
        f"\nA turn with an action, our engine alone: p50 {actions['p50_ms']:.1f} ms, p95 {actions['p95_ms']:.1f} ms\n"
    )
    rows = {name: result.as_json() for name, result in results.items()}
    print(json.dumps({"results": rows, "ratios": ratios, "action_turn": actions}, indent=2))


def _ratio(one: Measured, other: Measured) -> dict[str, float]:
    mine, theirs = one.as_json(), other.as_json()
    return {name: round(mine[name] / theirs[name], 3) for name in mine}


if __name__ == "__main__":
    main()
