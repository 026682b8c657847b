"""Views as observables: what reaches subscribers, and what subscribers can't do to others."""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import Any

import pytest
import reactivex
from reactivex import Observer
from reactivex import operators as ops

from livechat_customer.callbacks import SLOW_S
from livechat_customer.projections.changes import Append, Change, Reset, applied
from livechat_customer.projections.live import ListView, View, close, refresh
from livechat_customer.projections.streams import Lag, Lagged


class Source:
    """A value that the test changes, and the view of it."""

    def __init__(self) -> None:
        self.value: tuple[int, ...] = ()
        self.reported: list[tuple[str, Exception]] = []
        self.held: list[bool] = []
        self.view: ListView[tuple[int, ...], int] = ListView(
            "numbers",
            lambda: self.value,
            self.between,
            None,
            lambda where, error: self.reported.append((where, error)),
            lambda _, held: self.held.append(held),
        )

    @staticmethod
    def between(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[Change[int], ...]:
        return tuple(Append(each) for each in new[len(old) :])

    def emit(self, *value: int) -> None:
        self.value = value
        refresh(self.view)


def test_a_subscriber_gets_the_current_value_and_each_later_one() -> None:
    source = Source()
    got: list[tuple[int, ...]] = []

    subscription = source.view.subscribe(got.append)
    source.emit(1)
    refresh(source.view)
    source.emit(1, 2)
    subscription.dispose()
    source.emit(1, 2, 3)

    assert got == [(), (1,), (1, 2)]
    assert source.view.value == (1, 2, 3)


def test_whoever_is_subscribed_holds_the_view() -> None:
    source = Source()
    one, other = source.view.subscribe(print), source.view.changes.subscribe(print)
    assert source.held == [True, True]
    again = source.view.subscribe(print)
    again.dispose()
    one.dispose()
    one.dispose()
    other.dispose()

    assert source.held == [True, True, False, False]


def failing(_: object) -> None:
    raise ZeroDivisionError("a subscriber's own")


def test_a_raising_subscriber_hurts_nobody() -> None:
    source = Source()
    before: list[Any] = []
    after: list[Any] = []
    source.view.subscribe(before.append)
    source.view.subscribe(failing)
    source.view.map(lambda value: 1 // len(value)).subscribe(failing, on_error=failing)
    source.view.subscribe(after.append)
    source.view.changes.subscribe(failing)

    source.emit(1)
    source.emit(1, 2)

    assert before == after == [(), (1,), (1, 2)]
    assert {where for where, _ in source.reported} == {
        "subscriber of numbers",
        "subscriber of numbers.changes",
    }
    assert all(isinstance(error, ZeroDivisionError) for _, error in source.reported)


def length(value: tuple[int, ...]) -> int:
    return len(value)


def test_an_observer_and_operators_work_as_in_reactivex() -> None:
    source = Source()
    got: list[Any] = []
    source.view.subscribe(Observer(got.append))
    lengths: reactivex.Observable[int] = source.view.pipe(ops.map(length))
    lengths.pipe(ops.distinct_until_changed()).subscribe(got.append)
    source.view.map(lambda value: f"{len(value)}").subscribe(got.append)

    source.emit(1)

    assert got == [(), 0, "0", (1,), 1, "1"]


def test_changes_begin_with_the_whole_and_lead_on() -> None:
    source = Source()
    source.emit(1)
    got: list[tuple[Change[int], ...]] = []
    source.view.changes.subscribe(got.append)

    source.emit(1, 2)
    source.emit(1, 2, 3, 4)
    refresh(source.view)

    assert got == [(Reset((1,)),), (Append(2),), (Append(3), Append(4))]
    found: list[int] = []
    for changes in got:
        found = applied(found, changes)
    assert found == [1, 2, 3, 4]


def test_a_value_without_any_change_in_the_list_is_no_change() -> None:
    source = Source()
    source.value = (1,)
    got: list[tuple[Change[int], ...]] = []
    source.view.changes.subscribe(got.append)

    source.value = tuple(each for each in [1])
    refresh(source.view)

    assert got == [(Reset((1,)),)]


def test_a_subscriber_may_subscribe_and_unsubscribe_others() -> None:
    source = Source()
    got: list[str] = []
    others: list[Any] = []

    def first(value: tuple[int, ...]) -> None:
        got.append(f"first {len(value)}")
        if len(value) == 1:
            others.append(source.view.subscribe(lambda value: got.append(f"new {len(value)}")))
            others[0].dispose()

    source.view.subscribe(first)
    others.append(source.view.subscribe(lambda value: got.append(f"second {len(value)}")))
    source.emit(1)
    source.emit(1, 2)

    assert got == ["first 0", "second 0", "first 1", "new 1", "first 2", "new 2"]


async def test_a_coroutine_function_cannot_subscribe() -> None:
    source = Source()

    async def handler(value: object) -> None:
        raise AssertionError(value)

    class Called:
        async def __call__(self, value: object) -> None:
            raise AssertionError(value)

    class Watching:
        async def on_next(self, value: object) -> None:
            raise AssertionError(value)

    given: list[Any] = [handler, functools.partial(handler), Called(), Watching()]
    for callback in given:
        with pytest.raises(TypeError, match="numbers: a coroutine function can't subscribe"):
            source.view.subscribe(callback)
        with pytest.raises(TypeError, match="async for"):
            source.view.changes.subscribe(callback)


async def test_a_view_is_no_iterable_and_no_awaitable() -> None:
    view: Any = Source().view

    with pytest.raises(TypeError, match="not iterable"):
        iter(view)
    with pytest.raises(TypeError, match=r"not (iterable|a container)"):
        assert 1 in view
    with pytest.raises(TypeError, match=r"numbers\.value"):
        await view


async def test_async_for_gives_the_latest_value() -> None:
    source = Source()
    got: list[tuple[int, ...]] = []

    async def read() -> None:
        async for value in source.view:
            got.append(value)
            if len(value) == 3:
                break

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    source.emit(1)
    source.emit(1, 2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.emit(1, 2, 3)
    await task

    assert got == [(), (1, 2), (1, 2, 3)]
    assert source.held == [True, False]


async def test_a_stream_with_a_policy() -> None:
    source = Source()
    stream = source.view.stream(overflow=Lagged(2))
    for number in range(4):
        source.emit(number)
    close(source.view)

    assert [value async for value in stream] == [Lag(3), (2,), (3,)]


async def test_the_end_completes_everybody() -> None:
    source = Source()
    ended: list[str] = []
    source.view.subscribe(on_completed=lambda: ended.append("view"))
    source.view.changes.subscribe(on_completed=lambda: ended.append("changes"))
    source.view.subscribe(on_completed=lambda: failing(None))
    source.value = (7,)

    close(source.view)
    source.view.subscribe(
        lambda value: ended.append(f"late {value}"), on_completed=lambda: ended.append("late")
    )
    source.view.changes.subscribe(on_completed=lambda: ended.append("late changes"))

    assert sorted(ended) == ["changes", "late", "late (7,)", "late changes", "view"]
    assert [value async for value in source.view] == [(7,)]
    assert source.view.value == (7,)
    assert [where for where, _ in source.reported] == ["subscriber of numbers"]
    assert source.held == [True, True, False, False]


def test_a_slow_subscriber_is_reported(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    source = Source()

    def slow(_: object) -> None:
        now[0] += 2 * SLOW_S

    with caplog.at_level(logging.WARNING):
        source.view.subscribe(slow)

    assert "numbers took 100 ms" in caplog.text


async def test_ready_is_immediate_where_nothing_is_loaded() -> None:
    await Source().view.ready()


@pytest.mark.parametrize("kind", [View, ListView])
def test_no_attribute_hides_one_of_the_observable(kind: type[Any]) -> None:
    """All operators of reactivex stay reachable as methods; `subscribe` does more than before."""
    inherited = set(dir(reactivex.Observable)) - set(dir(object))
    ours = {
        name
        for part in kind.__mro__
        if part.__module__.startswith("livechat_customer")
        for name in vars(part)
        if not name.startswith("__") and not name.startswith("_abc")
    }
    instance, plain = Source().view, reactivex.Observable[int]()
    ours |= vars(instance).keys() - vars(plain).keys()

    assert len(inherited) > 130
    assert ours & inherited == {"subscribe", "_subscribe_core"}
