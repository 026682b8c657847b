"""Who is in a chat, and who is shut out of it: the part of `Agent` that moves people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from livechat_customer.sandbox import operations, queues
from livechat_customer.sandbox.agent_base import AgentBase
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.system_messages import profile_changed
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat


class Staff(AgentBase):
    """Joining, leaving, inviting, transferring, banning."""

    __slots__ = ()

    def join(self, chat_id: str) -> None:
        """Takes part in the chat without writing.

        Beside another agent a system message (`agent_joined`) says so.
        """
        chat = self._chat(chat_id)
        further = self._others_present(chat, self.id)
        found = operations.join(self._core.world, chat, self.profile)
        if found and further:
            found += self._notice(chat, "agent_joined", agent=self.name)
        self._deliver(chat, found)

    def leave(self, chat_id: str) -> None:
        """Leaves the chat: `user_removed_from_chat`, reason `manual`; `agent_left` if it is open."""
        chat = self._chat(chat_id)
        found = operations.leave(chat, self.profile, "manual", self.id)
        if found:
            found += self._notice(chat, "agent_left", agent=self.name)
        self._deliver(chat, found)

    def add_agent(self, chat_id: str, agent_id: str) -> None:
        """Brings a colleague into the chat, reason `manual`."""
        chat, agent = self._chat(chat_id), self._colleague(agent_id)
        found = operations.join(self._core.world, chat, agent, "manual", self.id)
        if found:
            found += self._notice(chat, "agent_added", initiator=self.name, agent=agent.name)
        self._deliver(chat, found)

    def remove_agent(self, chat_id: str, agent_id: str) -> None:
        """Takes a colleague out of the chat, reason `manual`."""
        chat, agent = self._chat(chat_id), self._colleague(agent_id)
        found = operations.leave(chat, agent, "manual", self.id)
        if found:
            found += self._notice(chat, "agent_removed", initiator=self.name, agent=agent.name)
        self._deliver(chat, found)

    def transfer_chat(
        self,
        chat_id: str,
        agent_ids: Iterable[str] | None = None,
        group_ids: Iterable[int] | None = None,
    ) -> None:
        """Hands the chat over, reason `manual`.

        The groups become the chat's access. In an active chat the agent leaves, the others come,
        and a system message says so. A chat that waits is taken out of the queue by those who
        come; handed to groups only, it keeps its place, and the push tells it.
        """
        world = self._core.world
        chat = self._chat(chat_id)
        agents, groups = list(agent_ids or ()), list(group_ids or ())
        if not agents and not groups:
            raise invalid("agent_ids", "or `group_ids` is required")
        targets = [self._colleague(agent) for agent in agents]
        if any(group not in world.groups for group in groups):
            raise ApiError("group_not_found")
        transferred: JsonObject = {"agent_ids": agents} if agents else {}
        if groups:
            transferred["group_ids"] = groups
            chat.group_ids = groups
        payload: JsonObject = {
            "chat_id": chat.id,
            "requester_id": self.id,
            "reason": "manual",
            "transferred_to": transferred,
        }
        thread = chat.open_thread
        if thread is None:
            self._deliver(chat, [Push("chat_transferred", payload)])
            return
        thread.group_ids = list(chat.group_ids)
        payload["thread_id"] = thread.id
        if targets:
            queues.leave(world, thread)
        if thread.queue is not None:
            payload["queue"] = dict(thread.queue)
        found = [Push("chat_transferred", payload)]
        found += operations.leave(chat, self.profile, "manual", self.id)
        for target in targets:
            found += operations.join(world, chat, target)
        named = ", ".join([agent.name for agent in targets] + [f"group {one}" for one in groups])
        found += self._notice(chat, "chat_transferred", initiator=self.name, targets=named)
        self._deliver(chat, found)

    def ban_customer(self, customer_id: str, days: int = 1) -> None:
        """Open chats are archived, connections end (`customer_banned`), and so does every login.

        `Sandbox.unban()` takes it back; no time does.
        """
        world = self._core.world
        customer = world.customers.get(customer_id)
        if customer is None:
            raise ApiError("not_found", "Customer not found")
        customer.banned = True
        for chat in world.chats_of(customer_id):
            if chat.open_thread is not None:
                found = operations.close_thread(
                    world, chat, self.id, "customer_banned", agent=self.name, duration=str(days)
                )
                self._deliver(chat, found)
        self._core.hub.disconnect(customer_id, "customer_banned", None)
        self._core.watch.notify()

    def update_customer(
        self, customer_id: str, *, name: str | None = None, email: str | None = None
    ) -> None:
        """Changes name or e-mail: `customer_updated`. In open chats agents, not customers, are
        told by a system message."""
        world = self._core.world
        customer = world.customers.get(customer_id)
        if customer is None:
            raise ApiError("not_found", "Customer not found")
        Fields({"email": email}).email("email")
        given = {"name": name, "email": email}
        changed = {
            key: value
            for key, value in given.items()
            if value is not None and value != getattr(customer, key)
        }
        if not changed:
            return
        for key, value in changed.items():
            setattr(customer, key, value)
        for chat in world.chats_of(customer_id):
            if chat.open_thread is not None:
                notice = profile_changed(self.name, changed.get("name"), changed.get("email"))
                operations.add_notice(world, chat, chat.open_thread, notice)
        self._core.deliver(customer_id, [Push("customer_updated", {"id": customer_id} | changed)])

    def multicast(self, content: Any, customer_id: str | None = None) -> None:
        """`incoming_multicast` to a customer, or to all; any JSON."""
        payload = {"author_id": self.id, "content": content}
        self._core.deliver(customer_id, [Push("incoming_multicast", payload)])

    def _others_present(self, chat: Chat, agent_id: str) -> bool:
        return any(
            member.present and user_id != agent_id and user_id in self._core.world.agents
            for user_id, member in chat.members.items()
        )

    def _notice(self, chat: Chat, kind: str, **variables: str) -> list[Push]:
        """A system message, if there is an open thread to hold it."""
        thread = chat.open_thread
        if thread is None:
            return []
        return operations.add_system_message(self._core.world, chat, thread, kind, **variables)
