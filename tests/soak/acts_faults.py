"""What goes wrong: every kind of fault the sandbox knows, but those that break an assumption."""

from __future__ import annotations

from typing import Any, Final

from soak.steps import Step
from soak.world import World

ANY_REQUEST: Final = (
    None,
    "send_event",
    "get_chat",
    "start_chat",
    "resume_chat",
    "list_threads",
    "deactivate_chat",
    "mark_events_as_seen",
    "update_customer",
    "login",
    "ping",
)
DELAYED: Final = (*ANY_REQUEST, "get_chat", "get_chat", "get_chat", "list_threads")
"""An answer that comes late is older than the pushes before it."""
PUSHES: Final = ("incoming_event", "incoming_chat", "chat_deactivated", "events_marked_as_seen")

ERRORS: Final = (
    "internal",
    "request_timeout",
    "service_unavailable",
    "too_many_requests",
    "pending_requests_limit_reached",
    "validation",
    "chat_inactive",
    "groups_offline",
    "not_allowed",
)
LOGIN_ERRORS: Final = ("internal", "authentication", "users_limit_reached", "too_many_requests")

DISMISSALS: Final = (
    "connection_timeout",
    "service_temporarily_unavailable",
    "access_token_revoked",
    "inactivity_timeout",
)

KINDS: Final = (
    "cut",
    "drop",
    "drop",
    "lost_answer",
    "delay",
    "delay",
    "late_effect",
    "late_effect",
    "reorder",
    "duplicate",
    "error",
    "disconnect",
    "half_open",
    "refuse",
    "expire_token",
)


async def set_fault(world: World, step: Step) -> None:
    """Something that will go wrong once or twice, the next time there is occasion to."""
    kind = KINDS[step.a % len(KINDS)]
    choice = step.b
    more: dict[str, Any] = {"count": 1 + choice % 2, "action": _chosen(ANY_REQUEST, choice)}
    if kind in ("half_open", "lost_answer") and not world.ground.is_patient:
        kind = "drop"
    if kind == "duplicate" and choice % 3:
        more["action"] = _chosen(PUSHES, choice)
    elif kind == "delay":
        more["seconds"] = world.ground.seconds(choice % 25)
        more["action"] = _chosen(DELAYED, choice)
    elif kind == "late_effect":
        # Below what the outbox waits before it believes that nothing comes any more.
        more["seconds"] = world.ground.seconds(choice % 15)
        world.latest = max(world.latest, more["seconds"])
    elif kind == "error":
        errors = LOGIN_ERRORS if more["action"] == "login" else ERRORS
        more["error"] = _chosen(errors, choice // 7)
    elif kind == "disconnect":
        more["reason"] = _chosen(DISMISSALS, choice // 7)
    elif kind == "refuse":
        more["action"] = ("connect", "token")[choice % 2]
    elif kind == "expire_token":
        more = {"customer_id": world.customer_id}
    world.faults.append(world.sandbox.fault(kind, **more))


def _chosen(things: tuple[Any, ...], choice: int) -> Any:
    return things[choice % len(things)]
