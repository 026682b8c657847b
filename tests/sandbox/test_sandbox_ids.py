from __future__ import annotations

import re
import uuid

from livechat_customer.sandbox.ids import Ids


def some(ids: Ids) -> list[str]:
    return [
        ids.uuid("customer"),
        ids.hexadecimal("agent", 32),
        ids.letters("chat"),
        ids.token("dal"),
    ]


def test_shapes() -> None:
    customer, agent, chat, token = some(Ids(1))
    assert str(uuid.UUID(customer)) == customer
    assert re.fullmatch(r"[0-9a-f]{32}", agent)
    assert re.fullmatch(r"[A-Z0-9]{10}", chat)
    assert re.fullmatch(r"dal:[0-9a-f]{40}", token)


def test_the_same_seed_gives_the_same_ids() -> None:
    one, other = Ids(7), Ids(7)
    assert [some(one) for _ in range(3)] == [some(other) for _ in range(3)]
    assert some(Ids(7)) != some(Ids(8))


def test_no_seed_gives_other_ids_each_time() -> None:
    assert some(Ids(None)) != some(Ids(None))


def test_kinds_do_not_disturb_each_other() -> None:
    quiet, busy = Ids(3), Ids(3)
    for _ in range(5):
        busy.token("dal")
    assert quiet.letters("chat") == busy.letters("chat")
