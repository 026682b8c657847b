"""A file on its way: the handle that `upload_file` gives, and what tells of its progress."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import msgspec
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import Disposable

from livechat_customer.callbacks import Report, guarded
from livechat_customer.errors import UploadCancelledError, UploadFailedError
from livechat_customer.http_calls import HttpCall
from livechat_customer.models import UploadedFile
from livechat_customer.models.wire.decode import decode_as
from livechat_customer.models.wire.responses import UploadFileResponse


class UploadProgress(msgspec.Struct, frozen=True):
    """How much of the file has left, in bytes. It never goes back."""

    sent: int
    total: int

    @property
    def fraction(self) -> float:
        """0 to 1; of an empty file 1."""
        return self.sent / self.total if self.total else 1.0


class Progress:
    """Tells a callback and the subscribers of `observable`; what they raise goes to `failed`."""

    def __init__(self, callback: Callable[[float], object] | None, failed: Report) -> None:
        self.observable: Observable[UploadProgress] = Observable(self._subscribe)
        self._callback = callback
        self._failed = failed
        self._observers: list[ObserverBase[UploadProgress]] = []
        self._now: UploadProgress | None = None
        self._ended = False

    def sent(self, sent: int, total: int) -> None:
        """So many bytes have left. A second sending tells nothing until it is past the first."""
        if self._ended or (self._now is not None and sent <= self._now.sent):
            return
        self._now = now = UploadProgress(sent, total)
        if self._callback is not None:
            guarded("on_progress of upload_file", self._failed, self._callback, now.fraction)
        for observer in tuple(self._observers):
            self._tell(observer.on_next, now)

    def end(self) -> None:
        self._ended = True
        for observer in tuple(self._observers):
            self._tell(observer.on_completed)
        self._observers.clear()

    def _tell(self, deliver: Callable[..., object], *given: object) -> None:
        guarded("a subscriber of an upload's progress", self._failed, deliver, *given)

    def _subscribe(
        self, observer: ObserverBase[UploadProgress], scheduler: SchedulerBase | None = None
    ) -> DisposableBase:
        if self._now is not None:
            self._tell(observer.on_next, self._now)
        if self._ended:
            self._tell(observer.on_completed)
            return Disposable()
        self._observers.append(observer)
        return Disposable(lambda: self._forget(observer))

    def _forget(self, observer: ObserverBase[UploadProgress]) -> None:
        if observer in self._observers:
            self._observers.remove(observer)


class Upload:
    """A file on its way. `await` it for the `UploadedFile`, as often as you like.

    It raises `TooBigFileError` (over 10 MiB; nothing was sent), `EntityTooLargeError`,
    `ValidationError` or another `ServerError` when the server refuses, `UploadFailedError` when no
    answer came or one that is none, `AuthError`, `UploadCancelledError` after `cancel()`, and
    `SDKDestroyedError` when the SDK ends first. Cancelling who waits does not stop the upload.
    """

    def __init__(self, call: HttpCall[bytes], progress: Progress) -> None:
        self._call = call
        self._progress = progress
        call.task.add_done_callback(lambda _: progress.end())

    @property
    def progress(self) -> Observable[UploadProgress]:
        """The latest at once, then each further one; completes when the upload ends, however."""
        return self._progress.observable

    @property
    def done(self) -> bool:
        """It has ended, in one way or another."""
        return self._call.done

    def cancel(self) -> None:
        """Stop it: who waits gets `UploadCancelledError`. Nothing, once it has ended."""
        self._call.end(UploadCancelledError())

    def __await__(self) -> Generator[Any, None, UploadedFile]:
        return self._uploaded().__await__()

    async def _uploaded(self) -> UploadedFile:
        body = await self._call.outcome()
        try:
            wire = decode_as(UploadFileResponse, body)
        except msgspec.ValidationError as error:
            raise UploadFailedError("The server's answer holds no URL. Try again.") from error
        return UploadedFile(url=wire.url)
