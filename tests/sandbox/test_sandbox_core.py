from __future__ import annotations

from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.limits import Limits


def core(strict: bool) -> Core:
    return Core(seed=1, clock=None, limits=Limits(), strict=strict)


def test_which_organizations_it_knows() -> None:
    easy, strict = core(False), core(True)
    assert [easy.knows(one) for one in (None, "", "any")] == [False, False, True]
    own = strict.organization_id
    assert [strict.knows(one) for one in (None, "", "any", own)] == [False, False, False, True]


def test_the_arguments_of_a_request() -> None:
    frame = {"action": "a", "payload": {"x": 1}}
    assert Received(3, None, "a", None, frame).payload == {"x": 1}
    assert Received(3, None, "a", None, {"action": "a"}).payload == {}
    assert Received(0, None, "a", None, {"x": 1}).payload == {"x": 1}


async def test_a_reset_keeps_who_it_is() -> None:
    one = core(False)
    one.listen_at("http://127.0.0.1:1")
    own = (one.organization_id, one.client_id)
    one.reset()
    assert (one.organization_id, one.client_id) == own
    assert one.uploads.origin == one.origin == "http://127.0.0.1:1"
