"""Reading the one file of a multipart form, and no more of it than is allowed (protocol:
upload_file)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from livechat_customer.sandbox.api_errors import ApiError

_AROUND: Final = 65_536
"""The form around the file takes some bytes of its own."""


@dataclass(frozen=True, slots=True)
class File:
    """What a client sent."""

    name: str
    content_type: str | None
    data: bytes = field(repr=False)


async def read_file(request: Request, limit: int) -> File:
    """The form field `file`. ApiError `entity_too_large` or `validation`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError("validation", "`file` is required")
    body = await _read(request, limit + _AROUND)
    try:
        form = await _Form(request.headers, _once(body)).parse()
    except (MultiPartException, KeyError):
        raise ApiError("validation", "`file` is required") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError("validation", "`file` is required")
        return File(file.filename or "file", file.content_type, await file.read())
    finally:
        await form.close()


async def _read(request: Request, most: int) -> bytes:
    """The body. What is too large is refused as soon as that is known; uvicorn reads on and throws
    away what the client still sends."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise ApiError("entity_too_large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ApiError("entity_too_large")
    return bytes(body)


class _Form(MultiPartParser):
    """Keeps files in memory: they are small, and a file on disk would need a thread."""

    spool_max_size = 1 << 30


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
