"""The widget's files, held in memory: a few dozen kilobytes, hashed and compressed once."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

# Not from `mimetypes`, whose answers depend on the machine: a browser refuses a module with the wrong type.
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # Unversioned addresses and modules that belong together: always ask, and be told 304.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    # Any site may embed the widget; module scripts and fetch need this.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send."""

    body: bytes
    packed: bytes
    etag: str
    media_type: str

    @classmethod
    def read(cls, file: Path) -> Asset:
        """`file` as it is now; later changes are not noticed."""
        body = file.read_bytes()
        # Weak, because it names the content whether compressed or not.
        return cls(body, gzip.compress(body, mtime=0), f'W/"{sha256(body).hexdigest()[:20]}"', _TYPES[file.suffix])


class Assets:
    """Files by the path they are served at."""

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = files

    @classmethod
    def load(cls, directories: Mapping[str, Path]) -> Assets:
        """All files directly in each directory, under its prefix (``""`` or ``"locale/"``)."""
        return cls(
            {
                prefix + file.name: Asset.read(file)
                for prefix, directory in directories.items()
                for file in sorted(directory.iterdir())
                if file.is_file()
            }
        )

    def respond(self, name: str, request: Request) -> Response:
        """The file `name`, or 304 if the browser has it, or 404."""
        asset = self._files.get(name)
        if asset is None:
            return Response(status_code=404)
        headers = {**_HEADERS, "ETag": asset.etag}
        if asset.media_type == "text/html":
            headers |= _PAGE_HEADERS
        if asset.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.media_type)
        return Response(asset.body, headers=headers, media_type=asset.media_type)
