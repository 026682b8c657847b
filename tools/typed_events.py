"""Writes `livechat_customer/typed_events.py` from the table `models.payloads.EVENT_PAYLOADS`.

    python tools/typed_events.py

`tests/repository/test_typed_events.py` fails when the file is not what this writes.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

from livechat_customer.emitter import ERROR
from livechat_customer.errors import CustomerSDKError
from livechat_customer.models.payloads import EVENT_PAYLOADS

TARGET: Final = Path(__file__).resolve().parents[1] / "livechat_customer" / "typed_events.py"

HEAD = '''"""`on`, `once`, `observe`, `wait_for` and `consume`, typed for each event.

Written by `tools/typed_events.py` from the table of events: change that, not this.
"""

# ruff: noqa: ASYNC109, E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from reactivex import Observable
from reactivex.abc import DisposableBase

from livechat_customer.consume import Consumer, Since, Source
from livechat_customer.emitter import ERROR, Emitter, Handler
'''

CLASS = '''
T = TypeVar("T")
On = Callable[[T], Any]
Deco = Callable[[On[T]], On[T]]


class TypedEvents:
    """Handlers of events. A name that is no event is a `ValueError` that names the nearest."""

    _emitter: Emitter
    _source: Source
'''

OFF = '''
    def off(self, name: str | None = None, handler: Handler | None = None) -> None:
        """Forget `handler` of `name`, all handlers of `name`, or all there are.

        Who observes or waits is left alone.
        """
        self._emitter.off(name, handler)
'''

DOCS = {
    "on": "Call `handler(payload)` at each event `name`; returns what takes it off again.\n\n"
    '        Without `handler` it decorates: `@sdk.on("connected")`. Plain functions run in line, in\n'
    "        the order of registration, after the views; coroutine functions as tasks, one call after\n"
    "        the other.",
    "once": "As `on`, for the next event only.",
    "observe": "The payloads of `name` as an observable; it neither replays nor completes.",
    "wait_for": "The payload of the next `name` that `predicate` takes.\n\n"
    "        Raises the built-in TimeoutError after `timeout` seconds, and SDKDestroyedError when the\n"
    "        SDK ends first.",
    "consume": "Every event `name` of the log after `since`, then those to come, each once.\n\n"
    "        `async for item in sdk.consume(name, since=…)` gives what `on` would have told, as\n"
    "        `Consumed(seq, payload, part)`; those of earlier runs, too. Keep the `seq` of what you have\n"
    "        dealt with, or `(seq, part)`, and pass it as `since` the next time: nothing is lost\n"
    "        between, however slow you are. It works without a connection and ends at `aclose()`.\n\n"
    "        ValueError for a name that is no event and for `error`, which no record tells.\n"
    "        Iterating raises NoConnectionError before `open()`, InvalidArgumentError where the log\n"
    "        ends before `since`, IdentityMismatchError when another customer's log took its place.",
}


def events() -> dict[str, Any]:
    """All names with their payload types; `error` is of the SDK's own."""
    return {**EVENT_PAYLOADS, ERROR: CustomerSDKError}


def spelled(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return " | ".join(spelled(part) for part in get_args(kind))
    return str(kind.__name__)


def imported(kind: Any) -> set[tuple[str, str]]:
    if get_origin(kind) in (Union, types.UnionType):
        return {pair for part in get_args(kind) for pair in imported(part)}
    return set() if kind.__module__ == "builtins" else {(kind.__module__, kind.__name__)}


def source() -> str:
    table = events()
    names: dict[str, set[str]] = {}
    for kind in table.values():
        for module, name in imported(kind):
            names.setdefault(module, set()).add(name)
    lines = [HEAD.rstrip("\n")]
    for module in sorted(names):
        listed = ",\n    ".join(sorted(names[module]))
        lines.append(f"from {module} import (\n    {listed},\n)")
    lines.append(CLASS)
    for verb in ("on", "once"):
        for name, kind in table.items():
            shape = spelled(kind)
            head = f'    @overload\n    def {verb}(self, name: Literal["{name}"]'
            lines.append(f"{head}, handler: On[{shape}]) -> DisposableBase: ...")
            lines.append(f"{head}) -> Deco[{shape}]: ...")
        lines.append(
            f"    def {verb}(self, name: str, handler: Handler | None = None) -> Any:\n"
            f'        """{DOCS[verb]}\n        """\n'
            f"        if handler is not None:\n"
            f"            return self._emitter.on(name, handler, once={verb == 'once'})\n"
            f"        self._emitter.check(name)\n\n"
            f"        def decorate(function: Handler) -> Handler:\n"
            f"            self._emitter.on(name, function, once={verb == 'once'})\n"
            f"            return function\n\n"
            f"        return decorate\n"
        )
    lines.append(OFF)
    for name, kind in table.items():
        lines.append(
            f'    @overload\n    def observe(self, name: Literal["{name}"]) '
            f"-> Observable[{spelled(kind)}]: ..."
        )
    lines.append(
        f'    def observe(self, name: str) -> Any:\n        """{DOCS["observe"]}"""\n'
        "        return self._emitter.observe(name)\n"
    )
    for name, kind in table.items():
        shape = spelled(kind)
        lines.append(
            f'    @overload\n    async def wait_for(self, name: Literal["{name}"], '
            f"predicate: Callable[[{shape}], bool] | None = None, "
            f"timeout: float | None = None) -> {shape}: ..."
        )
    lines.append(
        "    async def wait_for(\n        self,\n        name: str,\n"
        "        predicate: Callable[[Any], bool] | None = None,\n"
        "        timeout: float | None = None,\n"
        f'    ) -> Any:\n        """{DOCS["wait_for"]}\n        """\n'
        "        return await self._emitter.wait_for(name, predicate, timeout)\n"
    )
    for name, kind in EVENT_PAYLOADS.items():
        lines.append(
            f'    @overload\n    def consume(self, name: Literal["{name}"], since: Since = 0) '
            f"-> Consumer[{spelled(kind)}]: ..."
        )
    lines.append(
        f'    def consume(self, name: str, since: Since = 0) -> Any:\n        """{DOCS["consume"]}\n'
        '        """\n'
        "        self._emitter.check(name)\n"
        "        if name == ERROR:\n"
        '            raise ValueError(f"{name!r} is told by no record; use on({name!r}, …)")\n'
        "        return Consumer[Any](self._source, name, since)\n"
    )
    return "\n".join(lines)


def main() -> None:
    import subprocess
    import sys

    TARGET.write_text(source())
    for command in (["format", "--quiet"], ["check", "--quiet", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, str(TARGET)], check=True)


if __name__ == "__main__":
    main()
