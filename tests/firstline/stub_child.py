"""What the supervisor's tests run instead of the app, the engine and the rest: one small process, many characters.

``python stub_child.py <folder> <name> <character> [argument]`` notes its pid in ``<folder>/<name>.pid``.
"""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Healthy(BaseHTTPRequestHandler):
    status, body = 200, b"{}"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)


class Unready(Healthy):
    status, body = 503, b"engine is asleep"


def main(folder: str, name: str, character: str, argument: str = "") -> int:
    if character == "stubborn":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    if character == "parent":
        subprocess.Popen([sys.executable, __file__, folder, f"{name}-child", "stay"])
    with (Path(folder) / f"{name}.pid").open("a") as notes:
        notes.write(f"{os.getpid()}\n")
    match character:
        case "crash":
            print(f"{name} has started")
            return 3
        case "exit":
            print(f"{name} says why", file=sys.stderr)
            return int(argument)
        case "speak":
            print(argument)
        case "serve":
            HTTPServer(("127.0.0.1", int(argument)), Healthy).serve_forever()
        case "unready":
            HTTPServer(("127.0.0.1", int(argument)), Unready).serve_forever()
        case _:
            while True:
                signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
