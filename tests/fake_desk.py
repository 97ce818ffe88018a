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
    """`requests` are (method, path, authorization, body). Set `broken` to let it answer 503, `tickets` to the
    customer's (number, subject, state; `told` collects what was said about each), `expectation` to what it says of
    the answer."""

    url: str = ""
    broken: bool = False
    people_available: bool = True
    expectation: str = ""
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
        _, _, number = path.partition("/tickets/")
        if number:
            return self._about_one(method, *number.partition("/")[::2], body)
        if method == "GET":
            return 200, {"tickets": [_complete(ticket) for ticket in self.tickets]}
        number = self._reopened or self.numbers.setdefault(body["message_id"], f"FL-{1001 + len(self.numbers)}")
        return 201, {
            "number": number,
            "created": True,
            "people_available": self.people_available,
            "expectation": self.expectation,
        }

    @property
    def _reopened(self) -> str | None:
        """The ticket that the conversation is about since it was opened again."""
        return next((t["number"] for t in self.tickets if any("reopening" in told for told in t.get("told", ()))), None)

    def _about_one(self, method: str, number: str, resource: str, body: Any) -> tuple[int, dict[str, Any]]:
        ticket = next((each for each in self.tickets if each["number"] == number), None)
        if ticket is None:
            return 404, {"type": "about:blank", "title": "Not found", "status": 404, "detail": "does not exist"}
        if method == "GET":
            return 200, _complete(ticket)
        if ticket["state"] in _TOO_LATE[resource]:
            return 409, {"type": "about:blank", "title": "Conflict", "status": 409, "state": ticket["state"]}
        told = {"message_id": body["message_id"], resource: body["text"]}
        known = ticket.setdefault("told", [])
        if told not in known:
            known.append(told)
        ticket["state"] = {"additions": ticket["state"], "closing": "closed", "reopening": "open"}[resource]
        return 200, {"number": number, "state": ticket["state"]}


_TOO_LATE = {"additions": ("closed", "merged"), "closing": ("closed", "merged"), "reopening": ()}


def _complete(ticket: dict[str, Any]) -> dict[str, Any]:
    shown = {"assignee": None, "team": None, "merged_into": None, **ticket}
    return {field: value for field, value in shown.items() if field != "told"}


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
