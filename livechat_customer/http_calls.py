"""Web API calls and uploads under way: each a task of its own, so that they end with the SDK.

What came of each is kept as an `http` record (status and error code, of an upload its size), and
is committed before the caller hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

from livechat_customer.errors import (
    ConnectionLostError,
    CustomerSDKError,
    NoConnectionError,
    OutcomeUnknownError,
    SDKDestroyedError,
    ServerError,
    UploadCancelledError,
    UploadFailedError,
)
from livechat_customer.transport.files import FileGiven, content_type_of, open_source
from livechat_customer.transport.upload import UploadBody
from livechat_customer.transport.web import UNREADABLE, WebAnswer, WebApi

T = TypeVar("T")

UPLOAD: Final = "upload_file"

_CANCELLED: Final = UploadCancelledError.default_code
_TOO_LARGE: Final = 413


class Recorder(Protocol):
    """Keeps what came of a call."""

    def http(self, action: str, outcome: Mapping[str, object]) -> Receipt:
        """Post an `http` record."""
        ...


class Receipt(Protocol):
    """Of a record that was posted."""

    async def committed(self) -> None:
        """Return when it is committed. Raises LogError."""
        ...


class HttpCall(Generic[T]):
    """One call. It goes on when who waits for it is cancelled, until `end()`."""

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, T]], name: str, changes: bool = False
    ) -> None:
        self.changes = changes
        """It may have an effect on the server that cannot be had twice without harm."""
        self._outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(work), name=name)
        self.task.add_done_callback(lambda _: self._outcome.cancel())

    @property
    def done(self) -> bool:
        """It has its outcome."""
        return self._outcome.done()

    def end(self, error: CustomerSDKError) -> None:
        """Stop it; who waits for it gets `error`. Nothing, if it has its outcome."""
        if not self._outcome.done():
            self._fail(error)
            self.task.cancel()

    async def outcome(self) -> T:
        """What the work gave, or raises what it raised; for any number of callers."""
        await asyncio.wait([self._outcome])
        return self._outcome.result()

    async def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        try:
            result = await work()
        except Exception as error:  # noqa: BLE001 - for who waits
            if not self._outcome.done():
                self._fail(error)
        else:
            if not self._outcome.done():
                self._outcome.set_result(result)

    def _fail(self, error: Exception) -> None:
        self._outcome.set_exception(error)
        self._outcome.exception()  # seen, even where nobody waits


class HttpCalls:
    """The calls of one customer."""

    def __init__(self, api: WebApi, recorder: Recorder) -> None:
        self._api = api
        self._recorder = recorder
        self._calls: set[HttpCall[Any]] = set()

    async def get(self, action: str, parameters: Mapping[str, str]) -> bytes:
        """The JSON object that a public action gives."""
        return await self._call(action, lambda: self._api.get(action, parameters))

    async def post(self, action: str, payload: Mapping[str, Any]) -> bytes:
        """The JSON object that an action gives."""
        return await self._call(action, lambda: self._api.post(action, payload), changes=True)

    def upload(
        self,
        file: FileGiven,
        name: str,
        content_type: str | None,
        sent: Callable[[int, int], None],
    ) -> HttpCall[bytes]:
        """Send a file. The call gives the answer's JSON object."""

        async def work() -> bytes:
            return await self._upload(file, name, content_type, sent)

        return self._start(work, UPLOAD)

    def end(self, error: SDKDestroyedError) -> None:
        """Stop all of them; who waits gets `error`, or for what may have had its effect a
        ConnectionLostError with its code."""
        for call in list(self._calls):
            call.end(ConnectionLostError.by_destroy() if call.changes else error)

    async def aclose(self) -> None:
        """Wait for what `end()` has stopped."""
        if tasks := [call.task for call in self._calls]:
            await asyncio.wait(tasks)

    def _start(
        self, work: Callable[[], Coroutine[Any, Any, T]], action: str, changes: bool = False
    ) -> HttpCall[T]:
        call = HttpCall(work, f"livechat {action}", changes)
        self._calls.add(call)
        call.task.add_done_callback(lambda _: self._calls.discard(call))
        return call

    async def _call(
        self, action: str, ask: Callable[[], Awaitable[WebAnswer]], changes: bool = False
    ) -> bytes:
        async def work() -> bytes:
            return await self._recorded(action, ask, {})

        call = self._start(work, action, changes)
        try:
            return await call.outcome()
        except asyncio.CancelledError:
            call.task.cancel()
            raise

    async def _recorded(
        self, action: str, ask: Callable[[], Awaitable[WebAnswer]], more: Mapping[str, object]
    ) -> bytes:
        """The answer's body, once the outcome is in the log. Raises what is to be raised."""
        outcome = dict(more)
        try:
            answer = await ask()
        except CustomerSDKError as error:
            await self._recorder.http(action, outcome | {"code": error.code}).committed()
            raise
        except asyncio.CancelledError:
            self._recorder.http(action, outcome | {"code": _CANCELLED})
            raise
        outcome["status"] = answer.status
        if answer.error is not None:
            outcome["code"] = answer.error.code
        await self._recorder.http(action, outcome).committed()
        if answer.error is not None:
            raise answer.error
        return answer.body

    async def _upload(
        self,
        file: FileGiven,
        name: str,
        content_type: str | None,
        sent: Callable[[int, int], None],
    ) -> bytes:
        source = await open_source(file)
        try:
            kind = content_type or await content_type_of(name)
            body = UploadBody(source, name, kind, sent)

            async def ask() -> WebAnswer:
                try:
                    return _as_upload(await self._api.upload(body))
                except (NoConnectionError, OutcomeUnknownError) as error:
                    raise UploadFailedError(error.message) from error

            return await self._recorded(UPLOAD, ask, {"size": source.size})
        finally:
            await source.aclose()


def _as_upload(answer: WebAnswer) -> WebAnswer:
    """A proxy's page says by its status alone that the file is too large for it."""
    if answer.error is None or answer.error.code != UNREADABLE:
        return answer
    if answer.status == _TOO_LARGE:
        return WebAnswer(answer.status, answer.body, ServerError.of("entity_too_large"))
    return WebAnswer(answer.status, answer.body, UploadFailedError(answer.error.message))
