"""Handlers: order, isolation, coroutine queues, names."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from livechat_customer.emitter import HANDLER_QUEUE, Emitter
from livechat_customer.errors import CustomerSDKError, HandlerLagged


@pytest.fixture
def emitter() -> Emitter:
    return Emitter({"connected", "incoming_event", "disconnected"})


def test_handlers_are_called_in_the_order_of_registration(emitter: Emitter) -> None:
    heard: list[str] = []
    emitter.on("connected", lambda payload: heard.append(f"first {payload}"))
    emitter.on("connected", lambda payload: heard.append(f"second {payload}"))
    emitter.emit("connected", 1)
    assert heard == ["first 1", "second 1"]


def test_once_hears_one_and_can_be_taken_off_before(emitter: Emitter) -> None:
    heard: list[int] = []
    emitter.on("connected", heard.append, once=True)
    emitter.emit("connected", 1)
    emitter.emit("connected", 2)
    emitter.on("connected", heard.append, once=True)
    emitter.off("connected", heard.append)
    emitter.emit("connected", 3)
    assert heard == [1]


def test_a_handler_that_raises_hurts_nobody_and_is_reported(
    emitter: Emitter, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []
    errors: list[CustomerSDKError] = []

    def broken(_: object) -> None:
        raise RuntimeError("boom")

    emitter.on("error", errors.append)
    emitter.on("connected", broken)
    emitter.on("connected", heard.append)
    with caplog.at_level(logging.ERROR, "livechat_customer"):
        emitter.emit("connected", 1)
    assert heard == [1]
    assert [type(error.__cause__) for error in errors] == [RuntimeError]
    assert "broken of connected" in caplog.text


def test_an_error_handler_that_raises_does_not_call_itself(emitter: Emitter) -> None:
    calls: list[object] = []

    def broken(error: object) -> None:
        calls.append(error)
        raise RuntimeError("again")

    emitter.on("error", broken)
    emitter.report(CustomerSDKError("first"))
    assert len(calls) == 1


def test_dispose_off_by_name_and_off_all(emitter: Emitter) -> None:
    heard: list[Any] = []
    emitter.on("connected", heard.append).dispose()
    emitter.on("connected", heard.append)
    emitter.on("disconnected", heard.append)
    emitter.off("connected")
    emitter.emit("connected", "gone")
    emitter.emit("disconnected", "there")
    emitter.off()
    emitter.emit("disconnected", "gone")
    assert heard == ["there"]
    assert not emitter.wanted("disconnected")


@pytest.mark.parametrize(("typo", "meant"), [("conected", "connected"), ("incoming_evnt", "inc")])
def test_a_typo_names_the_nearest_event(emitter: Emitter, typo: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{meant}"):
        emitter.on(typo, print)


def test_a_handler_must_be_callable(emitter: Emitter) -> None:
    with pytest.raises(TypeError, match="connected"):
        emitter.on("connected", 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def test_a_coroutine_handler_gets_its_calls_one_after_the_other(emitter: Emitter) -> None:
    heard: list[int] = []
    gate, done = asyncio.Event(), asyncio.Event()

    async def slow(payload: int) -> None:
        if payload == 0:
            await gate.wait()
        heard.append(payload)
        if payload == 2:
            done.set()

    emitter.on("incoming_event", slow)
    for number in range(3):
        emitter.emit("incoming_event", number)
    assert heard == []
    gate.set()
    await done.wait()
    assert heard == [0, 1, 2]


async def test_a_coroutine_handler_that_raises_goes_on_with_the_next(emitter: Emitter) -> None:
    heard: list[int] = []
    done = asyncio.Event()

    async def shaky(payload: int) -> None:
        if payload == 0:
            raise RuntimeError("boom")
        heard.append(payload)
        done.set()

    emitter.on("incoming_event", shaky)
    emitter.emit("incoming_event", 0)
    emitter.emit("incoming_event", 1)
    await done.wait()
    assert heard == [1]


async def test_a_coroutine_handler_that_lags_loses_the_oldest_and_is_told(
    emitter: Emitter,
) -> None:
    heard: list[int] = []
    lagged: list[CustomerSDKError] = []
    done = asyncio.Event()
    last = HANDLER_QUEUE + 5

    async def slow(payload: int) -> None:
        heard.append(payload)
        if payload == last:
            done.set()

    emitter.on("error", lagged.append)
    emitter.on("incoming_event", slow)
    for number in range(1, last + 1):
        emitter.emit("incoming_event", number, seq=number)
    await done.wait()
    assert heard == list(range(6, last + 1))
    (report,) = lagged
    assert isinstance(report, HandlerLagged)
    assert (report.first, report.last) == (1, 5)


async def test_close_cancels_handlers_but_not_its_own_caller(emitter: Emitter) -> None:
    closed = asyncio.Event()
    cancelled = asyncio.Event()

    async def waits(_: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def closes(_: object) -> None:
        await asyncio.gather(*emitter.close(keep=asyncio.current_task()), return_exceptions=True)
        closed.set()

    emitter.on("connected", waits)
    emitter.on("connected", closes)
    emitter.emit("connected", None)
    await closed.wait()
    assert cancelled.is_set()


async def test_wait_for_takes_the_first_that_fits(emitter: Emitter) -> None:
    waiting = asyncio.create_task(emitter.wait_for("connected", lambda it: it > 1, timeout=5))
    await asyncio.sleep(0)
    for number in (1, 2, 3):
        emitter.emit("connected", number)
    assert await waiting == 2
    assert not emitter.wanted("connected")


async def test_wait_for_times_out_with_the_builtin_error(emitter: Emitter) -> None:
    with pytest.raises(TimeoutError):
        await emitter.wait_for("connected", timeout=0)


async def test_wait_for_raises_what_the_predicate_raises(emitter: Emitter) -> None:
    waiting = asyncio.create_task(emitter.wait_for("connected", lambda it: it.missing))
    await asyncio.sleep(0)
    emitter.emit("connected", 1)
    with pytest.raises(AttributeError):
        await waiting


def test_observe_gives_an_observable_that_can_be_left(emitter: Emitter) -> None:
    heard: list[int] = []
    subscription = emitter.observe("connected").subscribe(heard.append)
    emitter.emit("connected", 1)
    subscription.dispose()
    emitter.emit("connected", 2)
    assert heard == [1]
