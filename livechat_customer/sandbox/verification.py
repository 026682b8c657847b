"""E-mail verification: mails nobody sends, links a test clicks, callbacks that are made (protocol:
request_email_verification).
"""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.tenant import Verification
from livechat_customer.sandbox.world import Customer, World

NEWEST: Final = 10
"""Of the callbacks that wait for one customer only the newest are made."""
LIFETIME: Final = 7 * 86_400 * SECOND
"""All of them are void so long after the last request (microseconds)."""


def request(world: World, customer: Customer, callback_uri: str) -> None:
    """Sends a mail, on paper; of an address that is verified already it tells at once."""
    if customer.email is None:
        raise invalid("email", "of the customer is not known: call update_customer first")
    if customer.email_verified:
        world.tenant.callbacks.append((callback_uri, {"email": customer.email}))
        return
    sent = Verification(customer.email, callback_uri, world.clock.now())
    world.tenant.verifications[customer.id] = [*_good(world, customer), sent][-NEWEST:]


def verify(world: World, customer: Customer) -> tuple[int, list[Push]]:
    """The customer clicks the link: how many callbacks that means, and what is pushed."""
    waiting = _good(world, customer)
    world.tenant.verifications.pop(customer.id, None)
    if not waiting:
        return 0, []
    customer.email_verified = True
    for one in waiting:
        world.tenant.callbacks.append((one.callback_uri, {"email": one.email}))
    changed = {"id": customer.id, "email_verified": True}
    return len(waiting), [Push("customer_updated", changed)]


def _good(world: World, customer: Customer) -> list[Verification]:
    """The mails that still count: of the present address, and the last of them not too old."""
    found = world.tenant.verifications.get(customer.id, [])
    found = [one for one in found if one.email == customer.email]
    return found if found and found[-1].sent_at + LIFETIME > world.clock.now() else []
