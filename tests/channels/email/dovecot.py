"""A real IMAP server: Dovecot, on free ports, with everything it has in a folder of its own."""

from __future__ import annotations

import getpass
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from imapclient import IMAPClient

from tests.channels.email.certificates import Certificate, certificate
from tests.ports import free_port
from tests.waiting import wait_until

PASSWORD = "pa ss@word"
_TOKEN = "good-token-of-"
BINARY = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")

needs_dovecot = pytest.mark.skipif(BINARY is None, reason="Dovecot (package dovecot-imapd) is not installed")

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
auth_username_format = %Lu
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 50
mailbox_list_index = no
verbose_proctitle = yes
imap_capability = {capability}
{keywords}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


_NO_KEYWORDS = """
mail_plugins = acl
plugin {{
  acl = vfile:{folder}/acl
}}
"""


@dataclass
class Dovecot:
    """A running server. Every user there is has the same password, or a token (`token`)."""

    folder: Path
    certificate: Certificate
    port: int
    tls_port: int
    user: pwd.struct_passwd
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, user: str, options: str = "", *, tls: bool = False, password: str = PASSWORD) -> str:
        """The address of `user`'s mailbox, as it stands in the settings."""
        scheme, port = ("imaps", self.tls_port) if tls else ("imap", self.port)
        secret = password.replace("@", "%40").replace(" ", "%20")
        return f"{scheme}://{user.replace('@', '%40')}:{secret}@localhost:{port}/INBOX{options}"

    def client(self, user: str) -> IMAPClient:
        """A person's mail program, in the inbox."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False)
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        return client

    def append(self, user: str, *mails: bytes, flags: tuple[str, ...] = ()) -> None:
        """Mails arrive."""
        with self.client(user) as client:
            for mail in mails:
                client.append("INBOX", mail, flags=flags)

    def fill(self, user: str, mails: Iterator[bytes]) -> None:
        """Many mails arrive at once, as files, which is quicker: before the mailbox is opened for the first time."""
        maildir = self.folder / "home" / user / "Maildir"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        self._own(maildir.parent)
        begun = int(time.time()) - 100_000
        for number, mail in enumerate(mails):
            (maildir / "new" / f"{begun + number}.M{number}P1.test").write_bytes(mail)

    def flags(self, user: str, folder: str = "INBOX") -> list[tuple[str, ...]]:
        """What each mail in `folder` is marked with, the oldest first."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search("ALL"))
            return [tuple(sorted(flag.decode() for flag in found[uid] if flag != b"\\Recent")) for uid in sorted(found)]

    def start(self) -> None:
        """Start it, again after a `stop` too."""
        assert BINARY is not None
        self.process = subprocess.Popen(
            [BINARY, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: _answers(self.port) or self._ended())

    def stop(self) -> None:
        """End it, with all its connections."""
        assert self.process is not None
        # The whole session: left to itself, it goes on serving who is connected.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def log(self) -> str:
        """What it had to say."""
        return (self.folder / "dovecot.log").read_text("utf-8", "replace")

    def _ended(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        return False

    def _own(self, folder: Path) -> None:
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)


@contextmanager
def dovecot(capability: str = "", *, keywords: bool = True, tls: bool = True) -> Iterator[Dovecot]:
    """A server with no mailboxes yet. `capability`: what it says it can do, instead of everything. `keywords`: whether
    mails may be marked with words of one's own. `tls`: without, others can listen in."""
    # Not below pytest's folder: the server works as another user when we are root, and must get in there. In memory,
    # where that can be had: ten thousand mails are ten thousand files.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2e8 else None
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir=memory) as name, _tokens() as tokens:
        folder = Path(name)
        folder.chmod(0o755)
        user = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
        server = Dovecot(folder, certificate(folder), free_port(), free_port(), user)
        values = {
            "folder": folder,
            "user": user.pw_name,
            "group": grp.getgrgid(user.pw_gid).gr_name,
            "uid": user.pw_uid,
            "gid": user.pw_gid,
            "certificate": server.certificate,
            "port": server.port,
            "tls_port": server.tls_port,
            "capability": capability,
            "ssl": "yes" if tls else "no",
            "keywords": "" if keywords else _NO_KEYWORDS.format(folder=folder),
        }
        (folder / "acl").write_text("* owner lrstipekx\n")
        (folder / "dovecot.conf").write_text(_CONFIG.format(**values))
        (folder / "oauth2.conf").write_text(
            f"tokeninfo_url = http://127.0.0.1:{tokens}/?access_token=\nusername_attribute = user\n"
            "active_attribute = active\nactive_value = true\n"
        )
        (folder / "users").write_text("".join(f"{name}@example.org:{PASSWORD}\n" for name in _names()))
        (folder / "home").mkdir()
        server._own(folder / "home")
        server.start()
        try:
            yield server
        finally:
            server.stop()


def token(user: str) -> str:
    """The access token of `user`, as the server wants it."""
    return _TOKEN + user.partition("@")[0]


def _names() -> list[str]:
    return ["support", "field", *(f"box{number}" for number in range(100))]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Tokens(BaseHTTPRequestHandler):
    """Whom an access token is for."""

    def do_GET(self) -> None:
        name = self.path.partition(f"access_token={_TOKEN}")[2]
        self.send_response(200 if name else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"user": f"{name}@example.org", "active": "true"} if name else {}).encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def _tokens() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
