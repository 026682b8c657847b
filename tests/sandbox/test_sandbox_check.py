from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields

Reader = Callable[[Fields], object]
READERS: dict[str, tuple[Reader, list[Any], list[Any]]] = {
    "string": (lambda f: f.string("x"), ["", "a"], [1, True, [], {}]),
    "integer": (lambda f: f.integer("x"), [0, -3], ["1", 1.5, True, []]),
    "number": (lambda f: f.number("x"), [0, 1.5], ["1", True, {}]),
    "boolean": (lambda f: f.boolean("x"), [True, False], [0, "true", []]),
    "mapping": (lambda f: f.mapping("x"), [{}, {"a": 1}], [[], "a", 1]),
    "array": (lambda f: f.array("x"), [[], [1]], [{}, "a", 1]),
    "strings": (lambda f: f.strings("x"), [[], ["a"]], [[1], ["a", None], "a"]),
    "integers": (lambda f: f.integers("x"), [[], [1]], [["1"], [True], 1]),
    "string_map": (lambda f: f.string_map("x"), [{}, {"a": "b"}], [{"a": 1}, []]),
    "email": (lambda f: f.email("x"), ["a@b.example"], ["a", "a@b", "a b@c.d", "@c.d", "a@.d", 1]),
    "one_of": (lambda f: f.one_of("x", ("a", "b")), ["a", "b"], ["c", "", 1]),
    "between": (lambda f: f.between("x", 1, 3), [1, 3], [0, 4, "2", True]),
}


def cases(*, sound: bool) -> list[Any]:
    return [
        pytest.param(read, value, id=f"{name}-{value!r}")
        for name, (read, right, wrong) in READERS.items()
        for value in (right if sound else wrong)
    ]


@pytest.mark.parametrize(("read", "value"), cases(sound=True))
def test_right_types_are_read(read: Callable[[Fields], object], value: object) -> None:
    assert read(Fields({"x": value})) == value


@pytest.mark.parametrize(("read", "value"), cases(sound=False))
def test_wrong_types_are_refused_by_name(read: Callable[[Fields], object], value: object) -> None:
    with pytest.raises(ApiError, match=r"`event\.x(\[\d\])?`") as refused:
        read(Fields({"x": value}, "event"))
    assert refused.value.type == "validation"


@pytest.mark.parametrize("name", list(READERS))
def test_null_counts_as_absent(name: str) -> None:
    assert READERS[name][0](Fields({"x": None})) is None
    assert READERS[name][0](Fields({})) is None


@pytest.mark.parametrize("given", [{}, {"x": None}, {"x": ""}])
def test_what_is_needed_is_missed(given: dict[str, Any]) -> None:
    fields = Fields(given)
    with pytest.raises(ApiError, match="`x` is required"):
        fields.need("x", fields.string("x"))


def test_false_and_zero_are_there() -> None:
    assert Fields({}).need("x", False) is False
    assert Fields({}).need("x", 0) == 0


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2025-01-01T12:00:00.000001Z", "2025-01-01T12:00:00.000001Z"),
        ("2025-01-01T12:00:00Z", "2025-01-01T12:00:00.000000Z"),
        ("2025-01-01T12:00:00.123456789Z", "2025-01-01T12:00:00.123456Z"),
        ("2025-01-01T13:00:00.5+01:00", "2025-01-01T12:00:00.500000Z"),
    ],
)
def test_times_come_in_the_servers_form(given: str, read: str) -> None:
    assert Fields({"x": given}).time("x") == read


@pytest.mark.parametrize("given", ["", "soon", "2025-13-01T12:00:00Z", 1735689600])
def test_what_is_no_time(given: object) -> None:
    with pytest.raises(ApiError):
        Fields({"x": given}).time("x")


def test_paths_grow_with_the_nesting() -> None:
    fields = Fields({"chat": {"thread": {"events": [{"type": 1}]}}})
    chat = fields.fields("chat")
    assert chat is not None
    thread = chat.fields("thread")
    assert thread is not None
    events = thread.objects("events")
    assert events is not None
    with pytest.raises(ApiError, match=r"`chat\.thread\.events\[0\]\.type`"):
        events[0].string("type")
    with pytest.raises(ApiError, match=r"`chat\.thread\.events\[0\]` must be an object"):
        Fields({"events": [1]}, "chat.thread").objects("events")
