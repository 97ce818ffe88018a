"""A desk that knows only the internal API which the actions call: it remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeDesk:
    """`requests` are (method, path, authorization, body). Set `broken` to let it answer 503, and `tickets` to show."""

    url: str = ""
    broken: bool = False
    people_available: bool = True
    tickets: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, str, Any]] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Be as new, at the same address."""
        vars(self).update(vars(FakeDesk(url=self.url)))

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, dict[str, Any]]:
        """Do what the desk's contract says, idempotent by message id."""
        self.requests.append((method, path, authorization, body))
        if self.broken:
            return 503, {"type": "about:blank", "title": "down", "status": 503, "detail": "down"}
        if method == "GET":
            return 200, {"tickets": self.tickets}
        number = self.numbers.setdefault(body["message_id"], f"FL-{1001 + len(self.numbers)}")
        return 201, {"number": number, "created": True, "people_available": self.people_available}


@contextmanager
def running_desk() -> Iterator[FakeDesk]:
    """Serve a FakeDesk on a free port."""
    desk = FakeDesk()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, body: Any) -> None:
            status, content = desk.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    desk.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
