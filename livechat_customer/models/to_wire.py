"""From what callers give to request payloads: checked, copied, in the wire's words.

Each argument is a struct or a dict of the same shape; unknown keys are refused, and an error
names the path (`chat.thread.events[0].text`). Fields that are None or empty are left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import fields

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models.base import Properties, SessionFields
from livechat_customer.models.check import checked, checked_properties
from livechat_customer.models.events import SendableEvent
from livechat_customer.models.events_to_wire import check_event, event_payload, sparse
from livechat_customer.models.inputs import (
    CustomerUpdate,
    NewChat,
    NewThread,
    Page,
    Postback,
    Rating,
)
from livechat_customer.models.times import parse_ns

Given = Mapping[str, Any]
"""A dict in place of a struct."""

MAX_SESSION_FIELDS: Final = 100
DEFAULT_CHATS: Final = 10
MAX_CHATS: Final = 25
MAX_THREADS: Final = 100
FORMS: Final = ("prechat", "postchat", "ticket")


def event(value: SendableEvent | Given, path: str = "event") -> dict[str, Any]:
    """The `event` of `send_event` (Customer Chat API 3.5, events).

    Fields that the server assigns are left out, so an event of the history can be sent again.
    InvalidArgumentError: not a type that customers send, fields that do not fit, text over
    16 KiB, more than 10 elements or 13 buttons.
    """
    found: SendableEvent = checked(value, SendableEvent, path)
    check_event(found, path)
    return event_payload(found)


def start_chat(
    chat: NewChat | Given | None = None,
    *,
    active: bool = True,
    continuous: bool | None = None,
    path: str = "chat",
) -> dict[str, Any]:
    """The payload of `start_chat`."""
    found: NewChat = NewChat() if chat is None else checked(chat, NewChat, path)
    if found.id is not None:
        raise InvalidArgumentError(f"{path}.id", "is the server's to give; use resume_chat")
    if len(found.users) > 1:
        raise InvalidArgumentError(f"{path}.users", "are more than one; leave the others out")
    return _opening(_chat(found, path), active, continuous)


def resume_chat(
    chat: NewChat | Given,
    *,
    active: bool = True,
    continuous: bool | None = None,
    path: str = "chat",
) -> dict[str, Any]:
    """The payload of `resume_chat`; `chat.id` names the chat."""
    found: NewChat = checked(chat, NewChat, path)
    if not found.id:
        raise InvalidArgumentError(f"{path}.id", "is missing; give the id of the chat to resume")
    if found.users:
        raise InvalidArgumentError(f"{path}.users", "is for start_chat only; leave it out")
    return _opening({"id": found.id} | _chat(found, path), active, continuous)


def _opening(chat: dict[str, Any], active: bool, continuous: bool | None) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "active": flag(active, "active"),
        "chat": chat,
    }
    if continuous is not None:
        payload["continuous"] = flag(continuous, "continuous")
    return payload


def _chat(chat: NewChat, path: str) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    if chat.access is not None and chat.access.group_ids:
        payload["access"] = {"group_ids": list(chat.access.group_ids)}
    if chat.properties:
        payload["properties"] = properties(chat.properties, f"{path}.properties")
    if chat.users:
        payload["users"] = [sparse(user) for user in chat.users]
    if chat.thread is not None:
        payload["thread"] = _thread(chat.thread, f"{path}.thread")
    return payload


def _thread(thread: NewThread, path: str) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for number, one in enumerate(thread.events):
        check_event(one, f"{path}.events[{number}]")
    if thread.events:
        payload["events"] = [event_payload(one) for one in thread.events]
    if thread.properties:
        payload["properties"] = properties(thread.properties, f"{path}.properties")
    return payload


def customer_update(value: CustomerUpdate | Given, path: str = "customer") -> dict[str, Any]:
    """The customer's data for `update_customer` and `login`; may be empty."""
    found: CustomerUpdate = checked(value, CustomerUpdate, path)
    payload = sparse(found)
    if found.session_fields is not None:
        payload["session_fields"] = session_fields(found.session_fields, f"{path}.session_fields")
    return payload


def update_customer(given: Given) -> dict[str, Any]:
    """The payload of `update_customer`, from its arguments by name.

    InvalidArgumentError names the argument; it is `name` when there is nothing to change.
    """
    found = {
        field.name: checked(given[field.name], field.type, field.name)
        for field in fields(CustomerUpdate)
        if given.get(field.name) is not None
    }
    if not found:
        raise InvalidArgumentError("name", "or another argument is needed: nothing would change")
    if "session_fields" in found:
        session_fields(found["session_fields"])
    return customer_update(found)


def session_fields(value: SessionFields, path: str = "session_fields") -> list[dict[str, str]]:
    """A map as the wire's list of pairs, in order (Customer Chat API 3.5, session fields)."""
    found: dict[str, str] = checked(value, dict[str, str], path)
    if len(found) > MAX_SESSION_FIELDS:
        raise InvalidArgumentError(path, f"are more than {MAX_SESSION_FIELDS}; leave some out")
    return [{key: text} for key, text in found.items()]


def properties(value: Properties, path: str = "properties") -> dict[str, dict[str, Any]]:
    """`{namespace: {name: value}}` for the `update_…_properties` requests."""
    return checked_properties(value, path)


def property_names(
    value: Mapping[str, Sequence[str]], path: str = "properties"
) -> dict[str, list[str]]:
    """`{namespace: [name, …]}` for the `delete_…_properties` requests."""
    found: dict[str, list[str]] = checked(value, dict[str, list[str]], path)
    return found


def page(value: Page | Given, path: str = "page") -> dict[str, Any]:
    """The `customer_page` of `login`, or the payload of `update_customer_page`."""
    return sparse(checked(value, Page, path))


def postback(value: Postback | Given, path: str = "postback") -> dict[str, Any]:
    """The `postback` of `send_rich_message_postback`; toggled on unless it says otherwise."""
    return sparse(checked(value, Postback, path))


def rating(value: Rating | Given, path: str = "rating") -> dict[str, dict[str, Any]]:
    """The thread's properties that rate it; InvalidArgumentError when there is nothing in it."""
    payload = sparse(checked(value, Rating, path))
    if not payload:
        raise InvalidArgumentError(path, "is empty; give a score of 0 or 1, or a comment")
    if payload.get("score", 0) not in (0, 1):
        raise InvalidArgumentError(f"{path}.score", "must be 0 (bad) or 1 (good)")
    return {"rating": payload}


def rating_names(value: Sequence[str], path: str = "properties") -> dict[str, list[str]]:
    """The thread's properties that take its rating back."""
    found: list[str] = checked(value, list[str], path)
    if not found:
        raise InvalidArgumentError(path, 'is empty; give "score", "comment" or both')
    return {"rating": found}


def text(value: str, path: str) -> str:
    """A required string, such as an id: InvalidArgumentError when it is none or empty."""
    found: str = checked(value, str, path)
    if not found:
        raise InvalidArgumentError(path, "is empty; give it")
    return found


def words(value: str, path: str) -> str:
    """A required string that may be empty, such as what is being typed."""
    found: str = checked(value, str, path)
    return found


def number(value: int, path: str) -> int:
    """A required whole number, such as a group's: InvalidArgumentError when it is below 0."""
    found: int = checked(value, int, path)
    if found < 0:
        raise InvalidArgumentError(path, "must be 0 or more")
    return found


def seconds(value: float, path: str) -> float:
    """A required time in seconds, above 0."""
    found: float = checked(value, float, path)
    if found <= 0:
        raise InvalidArgumentError(path, "must be above 0 seconds")
    return found


def flag(value: bool, path: str) -> bool:
    """True or False, and nothing like them."""
    found: bool = checked(value, bool, path)
    return found


def thread_place(chat_id: str, thread_id: str) -> dict[str, Any]:
    """Which thread of which chat."""
    return {"chat_id": text(chat_id, "chat_id"), "thread_id": text(thread_id, "thread_id")}


def event_place(chat_id: str, thread_id: str, event_id: str) -> dict[str, Any]:
    """Which event of which thread."""
    return thread_place(chat_id, thread_id) | {"event_id": text(event_id, "event_id")}


def form(group_id: int, kind: str) -> dict[str, Any]:
    """The payload of `get_form`."""
    if kind not in FORMS:
        raise InvalidArgumentError("type", f"must be one of {', '.join(FORMS)}")
    return {"group_id": number(group_id, "group_id"), "type": kind}


def time(value: str, path: str) -> str:
    """A required RFC 3339 time, such as an event's `created_at`."""
    found = text(value, path)
    try:
        parse_ns(found)
    except ValueError as error:
        raise InvalidArgumentError(path, str(error)) from None
    return found


def json_object(value: Given, path: str) -> dict[str, Any]:
    """A copy of any JSON object, for `request`."""
    found: dict[str, Any] = checked(value, dict[str, Any], path)
    return found


def list_chats(*, limit: int | None = None, page_id: str | None = None) -> dict[str, Any]:
    """The payload of `list_chats`: a page by its id, else the first, of 10 chats (at most 25)."""
    if page_id is not None:
        return {"page_id": text(page_id, "page_id")}
    found: int | None = checked(limit, int | None, "limit")
    if found is not None and not 0 <= found <= MAX_CHATS:
        raise InvalidArgumentError("limit", f"must be 1 to {MAX_CHATS}; ask for further pages")
    return {"limit": found or DEFAULT_CHATS}


def list_threads(
    chat_id: str,
    *,
    page_id: str | None = None,
    sort_order: str | None = None,
    limit: int | None = None,
    min_events_count: int | None = None,
) -> dict[str, Any]:
    """The payload of `list_threads`: a page by its id, which excludes the rest; the server's
    defaults are 3 threads, newest first. `limit` and `min_events_count` exclude each other."""
    payload: dict[str, Any] = {"chat_id": text(chat_id, "chat_id")}
    if page_id is not None:
        return payload | {"page_id": text(page_id, "page_id")}
    if sort_order is not None:
        if sort_order not in ("asc", "desc"):
            raise InvalidArgumentError("sort_order", 'must be "asc" or "desc"')
        payload["sort_order"] = sort_order
    if limit is not None and min_events_count is not None:
        raise InvalidArgumentError("limit", "excludes min_events_count; give one of them")
    for name, number in (("limit", limit), ("min_events_count", min_events_count)):
        if number is not None:
            payload[name] = checked(number, int, name)
            if not 1 <= number <= MAX_THREADS:
                raise InvalidArgumentError(name, f"must be 1 to {MAX_THREADS}")
    return payload


def group_statuses(group_ids: Sequence[int] | None = None) -> dict[str, Any]:
    """The payload of `list_group_statuses`: some groups, or all."""
    if group_ids is None:
        return {"all": True}
    return {"group_ids": checked(group_ids, list[int], "group_ids")}
