"""Uploaded files: kept in memory, served back, made permanent by a `file` event.

Protocol: upload_file, file. A file that no event uses is gone after 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.image_size import image_size
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.wire_json import JsonObject

PATH: Final = "/_files"
VENDOR_HOSTS: Final = ("cdn.livechatinc.com", "cdn.livechat-files.com")
"""Files there can't be looked at from here: taken, with what the URL tells."""

_PROGRAMS: Final = frozenset({".exe", ".bat", ".cmd", ".com", ".msi", ".scr", ".sh", ".vbs"})
_PROGRAM_STARTS: Final = (b"MZ", b"\x7fELF", b"#!")
_UNKNOWN_TYPE: Final = "application/octet-stream"
# The standard library's table reads files of the system, which would block the loop.
_TYPES: Final = {
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".zip": "application/zip",
}


@dataclass(slots=True)
class Upload:
    """One file."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    made: int
    permanent: bool = False


class Uploads:
    """All files of a sandbox. `origin` is where it serves them."""

    def __init__(self, ids: Ids, now: Callable[[], int], limits: Limits) -> None:
        self.origin = ""
        self._ids = ids
        self._now = now
        self._limits = limits
        self._files: dict[str, Upload] = {}

    def add(self, name: str, content_type: str | None, data: bytes) -> str:
        """Takes a file; gives its URL. Too large and executable ones are refused."""
        if len(data) > self._limits.upload:
            raise ApiError("entity_too_large")
        plain = PurePosixPath(name.replace("\\", "/")).name or "file"
        if PurePosixPath(plain).suffix.lower() in _PROGRAMS or data.startswith(_PROGRAM_STARTS):
            raise ApiError("validation", "`file` must not be executable")
        self._drop_unused()
        key = self._ids.hexadecimal("file", 32)
        kind = content_type or _guess(plain)
        self._files[key] = Upload(plain, kind, data, self._now())
        return f"{self.origin}{PATH}/{key}/{quote(plain)}"

    def find(self, key: str) -> Upload | None:
        """The file by the key in its URL."""
        self._drop_unused()
        return self._files.get(key)

    def details(self, url: str) -> JsonObject | None:
        """What a `file` event says of it; None when the URL is not of an uploaded file."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        name = unquote(PurePosixPath(parts.path).name)
        if parts.scheme == "https" and parts.hostname in VENDOR_HOSTS and name:
            return {"name": name, "content_type": _guess(name)}
        found = self._of_url(url)
        if found is None:
            return None
        details: JsonObject = {
            "name": found.name,
            "content_type": found.content_type,
            "size": len(found.data),
        }
        size = image_size(found.data)
        if size is not None:
            # The sandbox has no smaller copies: the picture is its own thumbnail.
            details |= {"width": size[0], "height": size[1]}
            details |= {"thumbnail_url": url, "thumbnail2x_url": url}
        return details

    def keep(self, url: str) -> None:
        """An event uses the file: its URL is permanent from now on."""
        found = self._of_url(url)
        if found is not None:
            found.permanent = True

    def clear(self) -> None:
        self._files.clear()

    def _of_url(self, url: str) -> Upload | None:
        prefix = f"{self.origin}{PATH}/"
        if not self.origin or not url.startswith(prefix):
            return None
        return self.find(url.removeprefix(prefix).split("/")[0])

    def _drop_unused(self) -> None:
        oldest = self._now() - round(self._limits.unused_upload * SECOND)
        self._files = {
            key: upload
            for key, upload in self._files.items()
            if upload.permanent or upload.made > oldest
        }


def _guess(name: str) -> str:
    return _TYPES.get(PurePosixPath(name).suffix.lower(), _UNKNOWN_TYPE)
