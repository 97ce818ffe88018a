"""Stylesheets, scripts and the font: addressed by their content, so that browsers keep them for good."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIRECTORY = Path(__file__).parent / "static"


class Assets(StaticFiles):
    """Serves `DIRECTORY` with ETags; an address with the content's fingerprint (``?v=…``) never changes."""

    def __init__(self) -> None:
        super().__init__(directory=DIRECTORY)
        files = [file for file in DIRECTORY.rglob("*") if file.is_file()]
        self._versions = {
            file.relative_to(DIRECTORY).as_posix(): sha256(file.read_bytes()).hexdigest()[:12] for file in files
        }

    def address(self, name: str) -> str:
        """The path of the file `name` below the console's root, with its fingerprint."""
        return f"/static/{name}?v={self._versions[name]}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304, or 404."""
        response = await super().get_response(path, scope)
        current = f"v={self._versions.get(path)}".encode()
        same = scope["query_string"] == current
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if same else "no-cache"
        return response
