"""Free ports, for whatever tests and measurements start."""

from __future__ import annotations

import os
import random
import socket

# Below those that the system gives to connections: none of them takes a port between this look and its use. Each worker
# of the tests has a thousand of its own.
_FIRST = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 12)
_UNUSED = random.sample(range(_FIRST, _FIRST + 1_000), 1_000)


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment, and that was not given before."""
    while True:
        port = _UNUSED.pop()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue  # somebody else has it
        return port
