"""The last resort against orphans: a tiny process that ends the children when their supervisor has died.

It reads process groups from stdin, ``+123`` for a group that has begun and ``-123`` for one that is over. The end of
stdin means that the supervisor is gone, however it went (``kill -9`` included): all groups that are left get SIGTERM,
and SIGKILL when they are still there after `GRACE`. Run as a script, with the standard library only: it starts fast.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 4.0
"""Seconds between asking and killing."""


def watch() -> None:
    """Follow stdin to its end, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end(groups)


def end(groups: set[int]) -> None:
    """Ask the groups to stop and kill those that do not within `GRACE`."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE
    while left and time.monotonic() < deadline:
        time.sleep(0.05)  # these are not our children: nothing tells us when they end
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a group; False when nobody is left in it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    watch()
