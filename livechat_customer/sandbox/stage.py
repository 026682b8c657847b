"""The stage: everything that a test, or the control endpoints, may do to a sandbox.

No network here. `Sandbox` is a stage with a server around it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from livechat_customer.sandbox import greetings, planting
from livechat_customer.sandbox.actions_reading import FORM_TYPES
from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.connection import Connection
from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.digest import shared_digest
from livechat_customer.sandbox.faults import Fault
from livechat_customer.sandbox.helpdesk import NAME, Helpdesk
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.service import Service
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import STATUSES, AgentProfile, Chat, Customer

T = TypeVar("T")


class Stage(Service):
    """The state, the agents, the faults. Every method takes effect at once."""

    def __init__(self, core: Core, *, bot: bool) -> None:
        super().__init__(core)
        self._wants_bot = bot
        self._bot: Helpdesk | None = None
        self._set_up()

    def _set_up(self) -> None:
        if self._wants_bot:
            agent = self.add_agent(NAME, job_title="Bot", is_bot=True)
            self._bot = Helpdesk(agent, self._core.world)
            self._core.on_customer_pushes = self._bot.react

    @property
    def organization_id(self) -> str:
        return self._core.organization_id

    @property
    def client_id(self) -> str:
        return self._core.client_id

    @property
    def customers(self) -> dict[str, Customer]:
        """The customers by id: the live state, which may be read and changed."""
        return self._core.world.customers

    @property
    def chats(self) -> dict[str, Chat]:
        """The chats by id: the live state. A change made here is pushed to nobody."""
        return self._core.world.chats

    @property
    def groups(self) -> dict[int, str]:
        """Status by group; `set_availability()` changes one with its push."""
        return self._core.world.groups

    @property
    def agents(self) -> dict[str, Agent]:
        """The agents by id, the bot among them."""
        return {
            profile.id: Agent(profile, self._core) for profile in self._core.world.agents.values()
        }

    @property
    def bot(self) -> Agent | None:
        """The helpdesk bot, when there is one."""
        return None if self._bot is None else self._bot.agent

    @property
    def connections(self) -> list[Connection]:
        """The open RTM connections, oldest first, also those not logged in."""
        return self._core.hub.connections

    @property
    def received(self) -> deque[Received]:
        """The latest requests in the order of their arrival, over RTM and over HTTP."""
        return self._core.received

    def agent(self, name: str) -> Agent:
        """The agent of that name; one is made when there is none."""
        for profile in self._core.world.agents.values():
            if profile.name == name:
                return Agent(profile, self._core)
        return self.add_agent(name)

    def add_agent(
        self,
        name: str,
        *,
        id: str | None = None,
        job_title: str = "Support Agent",
        avatar: str = "",
        groups: Iterable[int] = (0,),
        is_bot: bool = False,
    ) -> Agent:
        """A new agent. Groups that nobody knew come online."""
        world = self._core.world
        agent_id = id or world.ids.hexadecimal("agent", 32)
        if agent_id in world.agents or agent_id in world.customers:
            raise invalid("id", "is taken")
        profile = AgentProfile(agent_id, name, job_title, avatar, tuple(groups), is_bot)
        world.agents[profile.id] = profile
        for group in profile.groups:
            world.groups.setdefault(group, "online")
        return Agent(profile, self._core)

    def set_availability(self, group_id: int, status: str) -> None:
        """Sets a group's status, making the group if need be. Pushed only if it changed."""
        if status not in STATUSES:
            raise invalid("status", f"must be one of {', '.join(STATUSES)}")
        if self.groups.get(group_id) == status:
            return
        self.groups[group_id] = status
        changed = {"groups": [{"id": group_id, "status": status}]}
        self._core.deliver(None, [Push("groups_status_updated", changed)])

    def show_greeting(
        self,
        customer_id: str | None = None,
        *,
        id: int | None = None,
        event: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        addon: str | None = None,
        subtype: str | None = None,
        is_exit_intent: bool = False,
    ) -> tuple[int, str]:
        """Shows a greeting, by default to the customer who came last; (id, unique_id)."""
        customer = self._customer(customer_id)
        greetings.read_shown(event, self._core.limits)
        agent = self.agent("Support") if agent_id is None else self._agent(agent_id)
        greeting, pushes = greetings.show(
            self._core.world,
            self._core.limits,
            customer,
            agent.profile,
            id=id,
            event=event,
            addon=addon,
            subtype=subtype,
            is_exit_intent=is_exit_intent,
        )
        self._core.deliver(customer.id, pushes)
        return greeting.body["id"], greeting.unique_id

    def set_form(self, group_id: int, type: str, form: Mapping[str, Any]) -> None:
        """What `get_form` gives for the group."""
        if group_id not in self.groups:
            raise ApiError("group_not_found")
        if type not in FORM_TYPES:
            raise invalid("type", f"must be one of {', '.join(FORM_TYPES)}")
        self._core.world.forms[group_id, type] = dict(form)

    def set_queue(self, chat_id: str, position: int, wait_time: int) -> None:
        """The place in the queue of the chat's open thread (seconds to wait), with its push.

        The push does not say since when it waits (protocol: queue). So what did not wait before
        has no `queued_at` in answers either: they would tell more than customers were told.
        """
        if position < 1:
            raise invalid("position", "must be at least 1")
        if wait_time < 0:
            raise invalid("wait_time", "must not be negative")
        chat = self._chat(chat_id)
        thread = chat.open_thread
        if thread is None:
            raise ApiError("chat_inactive")
        place: JsonObject = {"position": position, "wait_time": wait_time}
        thread.queue = (thread.queue or {}) | place
        payload = {"chat_id": chat.id, "thread_id": thread.id, "queue": place}
        self._core.deliver(chat.customer_id, [Push("queue_position_updated", payload)])

    def plant_history(
        self,
        threads: Iterable[Mapping[str, Any]],
        *,
        chat_id: str | None = None,
        customer_id: str | None = None,
    ) -> str:
        """Plants archived threads, pushing nothing; the chat's id. See `planting.plant`."""
        chat = planting.plant(self._core.world, threads, chat_id=chat_id, customer_id=customer_id)
        self._core.watch.notify()
        return chat.id

    def push(self, action: str, payload: Mapping[str, Any], customer_id: str | None = None) -> int:
        """Sends any push as is to the customer's logged-in connections (to all); how many."""
        count = self._core.hub.push_raw(customer_id, action, dict(payload))
        self._core.watch.notify()
        return count

    def disconnect(
        self,
        customer_id: str | None = None,
        reason: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Ends the customer's connections (all of them, also those not logged in); how many.

        With a reason by `customer_disconnected` and a close, without one by cutting TCP. Tokens
        stay good.
        """
        count = self._core.hub.disconnect(customer_id, reason, None if data is None else dict(data))
        self._core.watch.notify()
        return count

    def fault(
        self,
        kind: str,
        *,
        customer_id: str | None = None,
        action: str | None = None,
        seconds: float | None = None,
        error: str | JsonObject | None = None,
        reason: str | None = None,
        data: JsonObject | None = None,
        assumption: str | None = None,
        count: int | None = 1,
    ) -> Fault:
        """Makes something go wrong `count` times (None: for ever); `faults.KINDS` says what,
        and `ASSUMPTIONS` what can be broken of what clients assume."""
        return self._core.add_fault(
            self._core.faults.add(
                kind,
                customer_id=customer_id,
                action=action,
                seconds=seconds,
                error=error,
                reason=reason,
                data=data,
                assumption=assumption,
                count=count,
            )
        )

    def remove_fault(self, fault_id: str) -> bool:
        """The fault takes place no more; answers it holds are released. False: unknown."""
        return self._core.faults.remove(fault_id)

    def reset(self) -> None:
        """An empty server, as it was at its start: the same ids come again. Cuts everybody."""
        self._core.reset()
        self._set_up()

    def digest(self, customer_id: str, version: str = "3.5") -> str:
        """What `shared_digest()` of a client of this customer, of that API version, should be."""
        return shared_digest(self._core.world, self._customer(customer_id), version)

    async def wait_until(self, predicate: Callable[[], T], within: float | None = 10.0) -> T:
        """Waits until `predicate()` is true and gives its result.

        It is looked at whenever something happened here: a frame came or went, a connection
        opened or ended, the state changed. TimeoutError after `within` seconds.
        """
        return await self._core.watch.until(predicate, within)

    def _agent(self, agent_id: str) -> Agent:
        return Agent(self._profile(agent_id), self._core)
