"""A supervisor as `make run` starts it, over stub children: ``stub_supervisor <folder> <plan>``.

The plan is JSON: for each command of the start the character of the stub and its argument.
"""

import asyncio
import json
import sys
from pathlib import Path

from firstline.children import Child, Pace
from firstline.settings import read_settings
from firstline.supervisor import Plan, Supervisor
from firstline.terminal import Terminal

STUB = str(Path(__file__).with_name("stub_child.py"))


def main(folder: str, plan: str) -> int:
    characters: dict[str, list[str]] = json.loads(plan)

    def stub(name: str) -> Child:
        return Child(name, (sys.executable, STUB, folder, name, *characters[name]))

    settings, _ = read_settings(
        {
            "FIRSTLINE_DATA_DIR": folder,
            "FIRSTLINE_PORT": characters["app"][1],
            "FIRSTLINE_ENGINE_WAKE_SECONDS": "0.2",
        },
        Path(folder) / ".env",
    )
    commands = Plan(
        admin=stub("admin"),
        app=stub("app"),
        fresh=stub("fresh"),
        train=stub("train"),
        assistant=(stub("engine"), stub("actions")),
        ports=(),
    )
    return asyncio.run(Supervisor(settings, commands, Terminal(sys.stdout), Pace(stop_within=0.5)).run())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
