"""Runs the engine and the custom actions as servers that only this machine can reach."""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from bot.sources import MODEL_NAME

HOST = "127.0.0.1"
_DEFAULTS = {
    "FIRSTLINE_DESK_URL": "http://127.0.0.1:8000",
    "FIRSTLINE_ENGINE_PORT": "5005",
    "FIRSTLINE_ACTIONS_PORT": "5055",
    "FIRSTLINE_TRACKER_DB": "var/tracker.db",
}
_SECRETS = ("FIRSTLINE_ENGINE_TOKEN", "FIRSTLINE_INTERNAL_TOKEN")


class NotConfigured(RuntimeError):
    """The server cannot start as things are; the message says what is missing."""


def serve(model: Path) -> None:
    """Answer turns with `model` (an archive, or a folder that holds one) until told to stop. Raises NotConfigured."""
    _prepare()
    archive = model / MODEL_NAME if model.is_dir() else model
    if not archive.is_file():
        raise NotConfigured(f"there is no model at {archive}: run python -m bot train")
    listener = _bind("FIRSTLINE_ENGINE_PORT")
    Path(os.environ["FIRSTLINE_TRACKER_DB"]).parent.mkdir(parents=True, exist_ok=True)

    from rasa.core.channels.channel import register
    from rasa.core.run import create_http_input_channels
    from sanic import Sanic

    from bot.agent import load_agent
    from bot.repairs import after_import

    after_import()
    app = Sanic("firstline_engine", configure_logging=False)
    register(create_http_input_channels(None, "credentials.yml"), app, route="/webhooks/")

    async def load(running: Any, loop: Any) -> None:
        running.ctx.agent = load_agent(archive, "endpoints.yml")

    app.register_listener(load, "before_server_start")
    app.run(sock=listener, access_log=False, motd=False)


def serve_actions() -> None:
    """Run the actions of the package `actions` for the engine, and for nobody else. Raises NotConfigured."""
    _prepare()
    listener = _bind("FIRSTLINE_ACTIONS_PORT")
    from actions.server import make_app

    app = make_app(os.environ["FIRSTLINE_INTERNAL_TOKEN"])
    app.run(sock=listener, access_log=False, motd=False)


def _bind(variable: str) -> socket.socket:
    """Take the port before the slow part: Sanic would log that it is busy, and end as if all were well."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, int(os.environ[variable])))
    except OSError as error:
        raise NotConfigured(f"port {os.environ[variable]} of {HOST} ({variable}): {error.strerror}") from error
    return listener


def _prepare() -> None:
    """Fill in the environment that endpoints.yml and credentials.yml refer to. Raises NotConfigured."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    missing = [name for name in _SECRETS if not os.environ.get(name)]
    if missing:
        raise NotConfigured(f"{' and '.join(missing)} must be set")
