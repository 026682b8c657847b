"""The control endpoints under `/_sandbox/`: a test in any language sets the stage with them.

JSON in, JSON out, POST unless said otherwise; a mistake is a 4xx with
`{"error": {"type", "message"}}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.faults import FaultError
from livechat_customer.sandbox.guard import allowed
from livechat_customer.sandbox.stage import Stage
from livechat_customer.sandbox.state_report import state_report
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object

_CONFLICTS: Final = frozenset({"chat_inactive"})

Handler = Callable[[Fields], JsonObject]


class Control:
    """The endpoints of one sandbox."""

    def __init__(self, stage: Stage, core: Core) -> None:
        self._stage = stage
        self._core = core

    def routes(self) -> list[Route]:
        """The routes, relative to `/_sandbox`."""
        posts: dict[str, Handler] = {
            "/reset": self._reset,
            "/agents": self._add_agent,
            "/availability": self._availability,
            "/greetings": self._greeting,
            "/forms": self._form,
            "/queue": self._queue,
            "/history": self._history,
            "/push": self._push,
            "/disconnect": self._disconnect,
            "/faults": self._fault,
        }
        found = [Route(path, self._endpoint(run), methods=["POST"]) for path, run in posts.items()]
        return [
            *found,
            Route("/state", self._endpoint(self._state), methods=["GET"]),
            Route("/agents/{agent}/{verb}", self._endpoint(self._agent), methods=["POST"]),
            Route("/faults/{fault}", self._endpoint(self._remove_fault), methods=["DELETE"]),
        ]

    def _endpoint(self, run: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if not allowed(request):
                return _failure(403, "authorization", "Only programs on this machine may do this")
            try:
                body = await request.body()
                payload = parse_object(body) if body else {}
                return JSONResponse(run(Fields(payload | request.path_params)))
            except NotAnObjectError:
                return _failure(400, "validation", "The body must be a JSON object")
            except FaultError as error:
                return _failure(400, "validation", str(error))
            except ApiError as error:
                status = 409 if error.type in _CONFLICTS else error.status
                return _failure(status, error.type, error.message)

        return endpoint

    def _state(self, _: Fields) -> JsonObject:
        return state_report(self._stage, self._core.world)

    def _reset(self, _: Fields) -> JsonObject:
        self._stage.reset()
        return {}

    def _add_agent(self, fields: Fields) -> JsonObject:
        agent = self._stage.add_agent(
            fields.need("name", fields.string("name")),
            id=fields.string("id"),
            job_title=fields.string("job_title") or "Support Agent",
            avatar=fields.string("avatar") or "",
            groups=fields.integers("groups") or (0,),
        )
        return {"id": agent.id, "name": agent.name, "type": "agent"}

    def _agent(self, fields: Fields) -> JsonObject:
        agent = self._stage.agents.get(fields.data["agent"])
        run = _VERBS.get(fields.data["verb"])
        if agent is None or run is None:
            raise ApiError("not_found", "No such agent or verb")
        return run(agent, fields)

    def _availability(self, fields: Fields) -> JsonObject:
        self._stage.set_availability(
            fields.need("group_id", fields.integer("group_id")),
            fields.need("status", fields.string("status")),
        )
        return {}

    def _greeting(self, fields: Fields) -> JsonObject:
        number, unique_id = self._stage.show_greeting(
            fields.string("customer_id"),
            id=fields.integer("id"),
            event=fields.mapping("event"),
            agent_id=fields.string("agent_id"),
            addon=fields.string("addon"),
            subtype=fields.string("subtype"),
        )
        return {"id": number, "unique_id": unique_id}

    def _form(self, fields: Fields) -> JsonObject:
        self._stage.set_form(
            fields.need("group_id", fields.integer("group_id")),
            fields.need("type", fields.string("type")),
            fields.need("form", fields.mapping("form")),
        )
        return {}

    def _queue(self, fields: Fields) -> JsonObject:
        self._stage.set_queue(
            fields.need("chat_id", fields.string("chat_id")),
            fields.need("position", fields.integer("position")),
            fields.need("wait_time", fields.integer("wait_time")),
        )
        return {}

    def _history(self, fields: Fields) -> JsonObject:
        threads = fields.need("threads", fields.objects("threads"))
        chat_id = self._stage.plant_history(
            [thread.data for thread in threads],
            chat_id=fields.string("chat_id"),
            customer_id=fields.string("customer_id"),
        )
        return {"chat_id": chat_id}

    def _push(self, fields: Fields) -> JsonObject:
        count = self._stage.push(
            fields.need("action", fields.string("action")),
            fields.need("payload", fields.mapping("payload")),
            fields.string("customer_id"),
        )
        return {"connections": count}

    def _disconnect(self, fields: Fields) -> JsonObject:
        count = self._stage.disconnect(
            fields.string("customer_id"), fields.string("reason"), fields.mapping("data")
        )
        return {"connections": count}

    def _fault(self, fields: Fields) -> JsonObject:
        error = fields.data.get("error")
        fault = self._stage.fault(
            fields.need("kind", fields.string("kind")),
            customer_id=fields.string("customer_id"),
            action=fields.string("action"),
            seconds=fields.number("seconds"),
            error=error if isinstance(error, str) else fields.mapping("error"),
            reason=fields.string("reason"),
            data=fields.mapping("data"),
            count=fields.integer("count") if "count" in fields.data else 1,
        )
        return {"id": fault.id}

    def _remove_fault(self, fields: Fields) -> JsonObject:
        if not self._stage.remove_fault(fields.data["fault"]):
            raise ApiError("not_found", "Fault not found")
        return {}


def _chat_id(fields: Fields) -> str:
    return fields.need("chat_id", fields.string("chat_id"))


def _send_event(agent: Agent, fields: Fields) -> JsonObject:
    sent = agent.send_event(_chat_id(fields), fields.need("event", fields.mapping("event")))
    return {"thread_id": sent.thread_id, "event_id": sent.event_id}


def _typing(agent: Agent, fields: Fields) -> JsonObject:
    agent.typing(_chat_id(fields), fields.boolean("is_typing") is not False)
    return {}


def _deactivate_chat(agent: Agent, fields: Fields) -> JsonObject:
    agent.deactivate_chat(_chat_id(fields))
    return {}


def _transfer_chat(agent: Agent, fields: Fields) -> JsonObject:
    agent.transfer_chat(_chat_id(fields), fields.strings("agent_ids"), fields.integers("group_ids"))
    return {}


def _mark_events_as_seen(agent: Agent, fields: Fields) -> JsonObject:
    seen_up_to = fields.need("seen_up_to", fields.string("seen_up_to"))
    agent.mark_events_as_seen(_chat_id(fields), seen_up_to)
    return {}


def _event_names(fields: Fields) -> tuple[str, str, str]:
    return (
        _chat_id(fields),
        fields.need("thread_id", fields.string("thread_id")),
        fields.need("event_id", fields.string("event_id")),
    )


def _update_event(agent: Agent, fields: Fields) -> JsonObject:
    agent.update_event(*_event_names(fields), fields.need("event", fields.mapping("event")))
    return {}


def _delete_event(agent: Agent, fields: Fields) -> JsonObject:
    agent.delete_event(*_event_names(fields))
    return {}


_VERBS: Final[dict[str, Callable[[Agent, Fields], JsonObject]]] = {
    "send_event": _send_event,
    "typing": _typing,
    "deactivate_chat": _deactivate_chat,
    "transfer_chat": _transfer_chat,
    "mark_events_as_seen": _mark_events_as_seen,
    "update_event": _update_event,
    "delete_event": _delete_event,
}


def _failure(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"type": kind, "message": message}}, status)
