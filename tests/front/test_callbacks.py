"""User code called back: handlers of events and subscribers of views are guarded by one guard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from livechat_customer.callbacks import SLOW_S, guarded
from livechat_customer.emitter import Emitter
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold

Give = Callable[[Emitter, Callable[[Any], None]], None]


def by_event(emitter: Emitter, callback: Callable[[Any], None]) -> None:
    emitter.on("connected", callback)
    emitter.emit("connected", None)


def by_view(emitter: Emitter, callback: Callable[[Any], None]) -> None:
    hub = Hub(RootFold(), seq=0, load=lambda _: None, report=emitter.failed)
    hub.connection.subscribe(callback)


WAYS = pytest.mark.parametrize(
    ("give", "named"),
    [
        (by_event, "handler {} of connected"),
        (by_view, "subscriber of connection"),
    ],
)


@WAYS
def test_what_raises_is_logged_once_and_reported(
    give: Give, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    emitter = Emitter({"connected"})
    errors: list[Any] = []
    emitter.on("error", errors.append)

    def broken(_: object) -> None:
        raise RuntimeError("boom")

    with caplog.at_level(logging.WARNING, "livechat_customer"):
        give(emitter, broken)

    (entry,) = caplog.records
    assert entry.getMessage() == f"{named.format(broken.__qualname__)} raised RuntimeError"
    assert entry.exc_info is not None
    assert [type(error.__cause__) for error in errors] == [RuntimeError]


@WAYS
def test_what_holds_the_loop_up_is_named(
    give: Give, named: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("livechat_customer.callbacks.time.perf_counter", lambda: now[0])

    def slow(_: object) -> None:
        now[0] += 2 * SLOW_S

    with caplog.at_level(logging.WARNING, "livechat_customer"):
        give(Emitter({"connected"}), slow)

    (entry,) = caplog.records
    who = named.format(slow.__qualname__)
    assert entry.getMessage() == f"{who} took 100 ms; hand long work to a task"


def test_what_is_in_time_and_does_not_raise_is_not_spoken_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livechat_customer.callbacks.time.perf_counter", lambda: 0.0)
    given: list[object] = []
    with caplog.at_level(logging.DEBUG, "livechat_customer"):
        guarded("somebody", lambda where, _: pytest.fail(where), given.append, 1)
    assert given == [1]
    assert not caplog.records
