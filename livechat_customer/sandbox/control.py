"""The control endpoints under `/_sandbox/`: a test in any language sets the stage with them.

POST unless said otherwise.
"""

from __future__ import annotations

from starlette.routing import Route

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.control_agents import VERBS
from livechat_customer.sandbox.control_service import ServiceControl
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.endpoints import Handler, endpoint
from livechat_customer.sandbox.stage import Stage
from livechat_customer.sandbox.state_report import state_report
from livechat_customer.sandbox.wire_json import JsonObject


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
        posts |= ServiceControl(self._stage).handlers()
        found = [Route(path, endpoint(run), methods=["POST"]) for path, run in posts.items()]
        return [
            *found,
            Route("/state", endpoint(self._state), methods=["GET"]),
            Route("/agents/{agent}/{verb}", endpoint(self._agent), methods=["POST"]),
            Route("/faults/{fault}", endpoint(self._remove_fault), methods=["DELETE"]),
        ]

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
        run = VERBS.get(fields.data["verb"])
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
            is_exit_intent=fields.boolean("is_exit_intent") or False,
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
            assumption=fields.string("assumption"),
            count=fields.integer("count") if "count" in fields.data else 1,
        )
        return {"id": fault.id}

    def _remove_fault(self, fields: Fields) -> JsonObject:
        if not self._stage.remove_fault(fields.data["fault"]):
            raise ApiError("not_found", "Fault not found")
        return {}
