"""A real mail server between us and the world: Postfix, on a free port, with all it has in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.waiting import wait_until

_PATH = os.environ.get("PATH", "") + ":/usr/sbin"
POSTFIX = shutil.which("postfix", path=_PATH)

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
transport_maps = texthash:{folder}/transport
default_transport = error:nobody shall get mail from a test
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_host_lookup = native
disable_dns_lookups = yes
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
minimal_backoff_time = 1s
queue_run_delay = 1s
import_environment = MAIL_CONFIG
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running server."""

    folder: Path
    port: int

    def log(self) -> str:
        """What it had to say."""
        return (self.folder / "postfix.log").read_text("utf-8", "replace")


@contextmanager
def postfix(transports: dict[str, str]) -> Iterator[Postfix]:
    """A server that hands mail for a domain to where `transports` says, such as ``lmtp:inet:127.0.0.1:2424``."""
    with tempfile.TemporaryDirectory(prefix="postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Postfix(folder, free_port())
        for part in ("config", "queue", "data"):
            (folder / part).mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
        (folder / "config" / "main.cf").write_text(_MAIN.format(folder=folder))
        (folder / "config" / "master.cf").write_text(_MASTER.format(port=server.port))
        (folder / "transport").write_text("".join(f"{domain} {to}\n" for domain, to in transports.items()))
        _postfix(folder, "start")
        try:
            wait_until(lambda: _answers(server.port), 15)
            yield server
        finally:
            _postfix(folder, "stop")


def unusable() -> str | None:
    """Why Postfix cannot be used here; None: it can."""
    if POSTFIX is None:
        return "Postfix is not installed"
    return "Postfix can be started by root only" if os.geteuid() != 0 else None


def _postfix(folder: Path, command: str) -> None:
    assert POSTFIX is not None
    done = subprocess.run(
        [POSTFIX, "-c", str(folder / "config"), command], capture_output=True, text=True, env={"PATH": _PATH}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
