"""The body of `upload_file` (Customer Chat API 3.5): a multipart form with one part, `file`,
made as it is sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.transport.files import Source

_TYPE: Final = r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?: *;[ -~]*)?"
_ESCAPES: Final = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}
"""As browsers write names into a form (HTML, multipart form data)."""


class UploadBody:
    """One file as a form. `sent(bytes, total)` is called as the file's bytes leave, from 0."""

    def __init__(
        self, source: Source, name: str, content_type: str, sent: Callable[[int, int], None]
    ) -> None:
        boundary = secrets.token_hex(16)
        plain = name.translate(_ESCAPES)
        self._source = source
        self._sent = sent
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{plain}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        ).encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + source.size + len(self._tail)),
        }

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The whole body; each call starts again."""
        total, done = self._source.size, 0
        yield self._head
        self._sent(0, total)
        async with aclosing(self._source.chunks()) as chunks:
            async for chunk in chunks:
                yield chunk
                done += len(chunk)
                self._sent(done, total)
        yield self._tail


def check_content_type(value: str) -> None:
    """Raises `InvalidArgumentError` for what is no media type."""
    if not re.fullmatch(_TYPE, value, re.ASCII):
        raise InvalidArgumentError("content_type", "must be a media type such as 'image/png'")
