"""What to make of JSON that does not fit its struct: as much as fits, and nothing lost silently.

Whole subtrees that fit are taken as they are. In those that do not: an event that is unknown, or
whose id or body does not fit, becomes an `UnknownEvent` with the whole object; other fields fall
back to their default; list and map entries that can't be used are left out. A struct that lacks
a field it can't do without is itself such an entry. Each fault is named by its path, never by
its content.
"""

import types
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

import msgspec

from livechat_customer.models.wire import events, lenient
from livechat_customer.models.wire.lenient import is_list, is_map

P = TypeVar("P")

_MISFIT: Final = object()

_Faults = list[str]

_EVENTS: Final[frozenset[Any]] = frozenset(get_args(events.Event))

_BODIES: Final[dict[type[events.EventBase], frozenset[str]]] = {
    events.Message: frozenset({"id", "text"}),
    events.File: frozenset({"id", "url"}),
    events.Form: frozenset({"id", "form_id", "fields"}),
    events.FilledForm: frozenset({"id", "form_id", "fields"}),
    events.RichMessage: frozenset({"id", "template_id", "elements"}),
    events.SystemMessage: frozenset({"id", "text", "system_message_type"}),
    events.Custom: frozenset({"id", "content"}),
    events.System: frozenset({"id", "details"}),
}
"""The fields without which an event is no longer itself."""

_BY_TYPE: Final = {struct.type: struct for struct in _BODIES}


def repaired(value: Any, kind: type[P]) -> tuple[P | None, list[str]]:
    """`value`, as `lenient.loads` gives it, as `kind`, and the paths of what did not fit.

    None when nothing of it can be used.
    """
    faults: _Faults = []
    result = _fit(value, kind, "payload", faults)
    return (None if result is _MISFIT else cast(P, result)), faults


def _fit(value: Any, kind: Any, path: str, faults: _Faults) -> Any:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.MsgspecError, RecursionError):
        pass
    origin = get_origin(kind)
    if origin is Union or origin is types.UnionType:
        return _fit_union(value, get_args(kind), path, faults)
    if origin is tuple and is_list(value):
        return _fit_list(value, get_args(kind)[0], path, faults)
    if origin is dict and is_map(value):
        return _fit_map(value, get_args(kind)[1], path, faults)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and is_map(value):
        return _fit_struct(value, kind, path, faults)
    faults.append(path)
    return _MISFIT


def _fit_union(value: Any, members: tuple[Any, ...], path: str, faults: _Faults) -> Any:
    members = tuple(member for member in members if member is not types.NoneType)
    if frozenset(members) == _EVENTS:
        if is_map(value):
            return _fit_event(value, path, faults)
        faults.append(path)
        return _MISFIT
    attempt: _Faults = []
    for member in members:
        attempt = []
        result = _fit(value, member, path, attempt)
        if result is not _MISFIT:
            break
    else:
        result = _MISFIT
    faults.extend(attempt)
    return result


def _fit_list(value: list[Any], kind: Any, path: str, faults: _Faults) -> Any:
    fitted = (_fit(item, kind, f"{path}[{i}]", faults) for i, item in enumerate(value))
    return tuple(item for item in fitted if item is not _MISFIT)


def _fit_map(value: dict[str, Any], kind: Any, path: str, faults: _Faults) -> Any:
    # Keys may be the user's own words: they stay out of the path.
    fitted = ((key, _fit(item, kind, f"{path}.*", faults)) for key, item in value.items())
    return {key: item for key, item in fitted if item is not _MISFIT}


def _fit_struct(
    value: dict[str, Any],
    kind: Callable[..., Any],
    path: str,
    faults: _Faults,
    essential: frozenset[str] = frozenset(),
) -> Any:
    fitting: dict[str, Any] = {}
    for field in _fields(kind):
        if field.encode_name in value:
            item = _fit(value[field.encode_name], field.type, f"{path}.{field.name}", faults)
            if item is not _MISFIT:
                fitting[field.name] = item
                continue
            if field.name in essential:
                return _MISFIT
        elif field.required:
            faults.append(f"{path}.{field.name}")
        if field.required:
            return _MISFIT
    return kind(**fitting)


@lru_cache(maxsize=256)
def _fields(kind: Any) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _fit_event(value: dict[str, Any], path: str, faults: _Faults) -> Any:
    kind = value.get("type")
    struct = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if struct is None:
        faults.append(f"{path}.type")
    else:
        event = _fit_struct(value, struct, path, faults, _BODIES[struct])
        if event is not _MISFIT:
            return event
    common = _fit_struct(value, events.EventBase, path, [])
    return events.UnknownEvent(
        id=common.id,
        type=kind if isinstance(kind, str) else "",
        created_at=common.created_at,
        author_id=common.author_id,
        custom_id=common.custom_id,
        properties=common.properties,
        recipients=common.recipients,
        visibility=common.visibility,
        raw=lenient.dumps(value),
    )
