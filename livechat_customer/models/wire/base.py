"""What all wire structs share: their configuration, and how an absent list differs from `[]`."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

import msgspec

Properties = dict[str, dict[str, Any]]
"""`{namespace: {name: value}}` (Customer Chat API 3.5, properties)."""

PropertyNames = dict[str, tuple[str, ...]]
"""`{namespace: [name, …]}`: the deleting form of `Properties`."""

PropertiesView = Mapping[str, Mapping[str, Any]]
"""`Properties` for readers."""


class _Absent(tuple[Any, ...]):
    """An empty tuple that is not the interpreter's one `()`."""

    __slots__ = ()


ABSENT: Final[tuple[Any, ...]] = _Absent()
"""Default of list fields. msgspec leaves a field out when it *is* its default, so a list that was
absent stays out and a received `[]` (which decodes to the plain `()`) is written as `[]`. It
equals `()` everywhere else."""


class Wire(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Base of the wire structs: frozen; no cycles, hence untracked; defaults are not written.

    Their repr may end up in a log or an error text, so it shows ids, kinds, times, numbers and
    how things hang together, never what people wrote.
    """

    def __repr__(self) -> str:
        shown = (
            f"{name}={_shown(name, value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None and value is not ABSENT
        )
        return f"{type(self).__name__}({', '.join(shown)})"


_TELLING: Final = frozenset(
    {
        "action",
        "id",
        "created_at",
        "events_seen_up_to",
        "opened_at",
        "queued_at",
        "reason",
        "recipients",
        "seen_up_to",
        "sent_at",
        "sort_order",
        "status",
        "subtype",
        "system_message_type",
        "thread_created_at",
        "type",
        "visibility",
    }
)


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether `value` is a tuple: for checkers, of anything."""
    return isinstance(value, tuple)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, str) and (name in _TELLING or name.endswith(("_id", "_ids"))):
        return repr(value)
    if isinstance(value, bool | int | float | Wire):
        return repr(value)
    if is_tuple(value):
        return f"({', '.join(_shown(name, item) for item in value)})"
    return "…"


class Empty(Wire, frozen=True):
    """A payload without fields: `{}` of acknowledgements and of requests without arguments."""
