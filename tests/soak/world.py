"""One run's world: a server, its agents, and two devices of one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

import livechat_customer as lc
from livechat_customer.sandbox.faults import Fault
from livechat_customer.sandbox.structures import newest_first, visible
from livechat_customer.sandbox.versions import SYSTEM_EVENT
from livechat_customer.sandbox.world import Chat, Thread

if TYPE_CHECKING:
    from soak.grounds import Ground

from soak.device import Device


class Scenario(msgspec.Struct, frozen=True):
    """What stands before the first step."""

    planted: int = 0
    """Threads of an old conversation that nobody has read yet."""
    begun: bool = False
    """A chat is open."""
    parks: bool = False
    """What may have arrived is sent again only if the user says so."""


class World:
    """Made by `begin()`; the steps' acts change it."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.sandbox = ground.sandbox
        self.devices: list[Device] = []
        self.agents = [self.sandbox.agent("Jane"), self.sandbox.add_agent("Joe", groups=[0, 4])]
        self.customer_id = ""
        self.messages = 0
        self.deleted: set[str] = set()
        """Custom ids of messages that somebody asked to delete."""
        self.ever: dict[str, tuple[str | None, str]] = {}
        """All events a customer could ever see, by id: the author, and when."""
        self.faults: list[Fault] = []
        self.latest = 0.0
        """How long from now the last effect of a dead connection may take, in seconds."""

    async def begin(self, scenario: Scenario) -> None:
        """The first device makes the customer; the second is the same one's."""
        first = Device(self.ground, 0, parks=scenario.parks)
        self.devices.append(first)
        await first.open()
        await first.live.connect()
        customer = first.live.customer.value
        assert customer is not None
        self.customer_id = customer.id
        if scenario.planted:
            self.plant(scenario.planted)
        if scenario.begun:
            self.agents[0].start_chat(self.customer_id)
        second = Device(self.ground, 1, self.customer_id, parks=scenario.parks)
        self.devices.append(second)
        await second.open()

    @property
    def chat(self) -> Chat | None:
        """The customer's chat, as the server has it; a customer has one at most."""
        chats = [c for c in self.sandbox.chats.values() if c.customer_id == self.customer_id]
        return chats[0] if chats else None

    def chat_known_to(self, device: Device) -> str | None:
        """The chat's id, if the device knows it."""
        chats = device.live.chats.value
        return chats[0].id if chats else None

    def events_known_to(self, device: Device) -> list[tuple[Thread, dict[str, Any]]]:
        """The events that exist and that the device was told of."""
        chat = self.chat
        if chat is None:
            return []
        return [
            (thread, event)
            for thread in chat.threads
            for event in thread.events
            if event["id"] in device.told and visible(event)
        ]

    def heal(self) -> None:
        """Nothing goes wrong from now on; what was held back comes."""
        for fault in self.faults:
            self.sandbox.remove_fault(fault.id)
        self.faults.clear()
        self.sandbox.set_region(None)
        for group in (0, 4):
            self.sandbox.set_availability(group, "online")
        self.ground.calm()

    def told_to(self, device: Device, event: dict[str, Any]) -> bool:
        """Whether answers show it to the device."""
        return visible(event) and (device.version != "3.5" or event["type"] != SYSTEM_EVENT)

    def shown(self, event: dict[str, Any]) -> bool:
        """Whether a device may show it: one's own event for agents is echoed to its sender, and
        never shown again."""
        return visible(event) or event.get("author_id") == self.customer_id

    def is_up_to_date(self, device: Device) -> bool:
        """Whether the newest event there is to be seen is in the newest thread, and the device was
        told of it."""
        chat = self.chat
        if chat is None or chat.newest is None:
            return False
        newest = next(newest_first(chat), None)
        return newest in chat.newest.events and newest["id"] in device.told

    def next_text(self) -> str:
        self.messages += 1
        return f"message {self.messages}"

    def may_be_deleted(self, event: dict[str, Any]) -> bool:
        """A message whose fate the outbox still wonders about must stay: if it goes before the
        outbox has looked for it, nobody can know that it was there (design, residue)."""
        custom_id = event.get("custom_id")
        if custom_id is None:
            return True
        return all(
            device.sdk is not None
            and entry_of(device.sdk, custom_id) is None
            and event["id"] in device.told
            for device in self.devices
            if any(given.custom_id == custom_id for given in device.given)
        )

    def note(self) -> None:
        """Remember what there is to be seen; after every step."""
        for chat in self.sandbox.chats.values():
            for thread in chat.threads:
                for event in filter(self.shown, thread.events):
                    self.ever[event["id"]] = (event.get("author_id"), event["created_at"])

    def plant(self, count: int) -> None:
        """An old conversation of so many threads."""
        agent = self.agents[0].id
        threads: list[dict[str, Any]] = []
        for number in range(count):
            day = f"2024-01-{number + 1:02}T12:00"
            told = [
                {
                    "type": "message",
                    "text": f"planted {number} {place}",
                    "author_id": self.customer_id if place % 2 else agent,
                    "created_at": f"{day}:{place + 1:02}.000000Z",
                }
                for place in range(number % 4)
            ]
            threads.append({"created_at": f"{day}:00.000000Z", "events": told})
        self.sandbox.plant_history(threads, customer_id=self.customer_id)


def entry_of(sdk: lc.CustomerSDK, custom_id: str) -> object | None:
    """What the outbox still holds of a message."""
    return next((entry for entry in sdk.outbox.value if entry.custom_id == custom_id), None)
