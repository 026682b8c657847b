"""A client of the demo in a process of its own, to be killed.

    python -m livechat_customer.cli.demo_child '{"options": …, "log": …, "credentials": …, …}'

It prints a line of JSON for each message as soon as it is safe: queued, or delivered.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

import livechat_customer as lc


class Errand(msgspec.Struct, frozen=True):
    """What the child is to do."""

    options: Mapping[str, Any]
    log: str
    credentials: str
    """Path of the file."""
    chat_id: str
    texts: tuple[str, ...] = ()
    """To be queued, without a connection. Without any it connects, and delivers what the log
    holds."""
    stays: bool = False
    """Then it waits for its end."""
    in_doubt_wait: float = 0.3
    """Seconds. The sandbox is near, and acts on nothing late."""


class Told(msgspec.Struct, frozen=True):
    """A message that is queued, or delivered."""

    custom_id: str
    text: str


async def run(errand: Errand) -> None:
    sdk = lc.init(
        **errand.options,
        log=errand.log,
        credentials=lc.CredentialFile(errand.credentials),
        auto_connect=not errand.texts,
        outbox=lc.OutboxLimits(in_doubt_wait=errand.in_doubt_wait),
    )
    async with sdk:
        for text in errand.texts:
            handle = sdk.outbox.send_event(errand.chat_id, lc.Message(text))
            await handle.queued
            _tell(Told(handle.custom_id, text))
        for entry in () if errand.texts else list(sdk.outbox.value):
            event = await sdk.outbox.handle(entry.custom_id)
            assert isinstance(event, lc.Message), "the demo queues messages only"
            _tell(Told(entry.custom_id, event.text))
        if errand.stays:
            await asyncio.Event().wait()


def _tell(told: Told) -> None:
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(msgspec.json.decode(sys.argv[1], type=Errand)))
