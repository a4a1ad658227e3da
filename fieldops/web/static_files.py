"""The files that pages are made of, read and compressed once: a page asks for twenty of them while its data load."""

from __future__ import annotations

import os
from functools import lru_cache
from gzip import compress
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope


class KeptFiles(StaticFiles):
    """Static files that stay in memory until they change."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, compressed for whom that may be sent, or that it has not changed."""
        path, asked = os.fspath(full_path), Headers(scope=scope)
        plain, zipped, tag = _read(path, stat_result.st_mtime_ns)
        headers = {"ETag": tag, "Vary": "Accept-Encoding"}
        if self.is_not_modified(Headers(headers), asked):
            return NotModifiedResponse(Headers(headers))
        if "gzip" not in asked.get("accept-encoding", ""):
            return Response(plain, status_code, headers, guess_type(path)[0])
        return Response(zipped, status_code, headers | {"Content-Encoding": "gzip"}, guess_type(path)[0])


@lru_cache(maxsize=512)
def _read(path: str, _changed_ns: int) -> tuple[bytes, bytes, str]:
    plain = Path(path).read_bytes()
    return plain, compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"'
