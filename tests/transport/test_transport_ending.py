"""What the fact of an ending says."""

from __future__ import annotations

import pytest
from transport_kit import plain

from livechat_customer.transport import ending
from livechat_customer.transport.ending import Ending, Trouble
from livechat_customer.transport.inputs import Closed
from livechat_customer.transport.reasons import MANUAL, Effect


@pytest.mark.parametrize(
    ("effect", "will"),
    [
        (Effect.RECONNECT, "reconnect"),
        (Effect.RECONNECT_SLOWLY, "reconnect"),
        (Effect.FRESH_TOKEN, "reconnect"),
        (Effect.SWITCH_REGION, "reconnect"),
        (Effect.PAUSE, "pause"),
        (Effect.DESTROY, "destroy"),
    ],
)
def test_will(effect: Effect, will: str) -> None:
    assert Ending(reason="x", effect=effect).will == will


def test_a_disconnect_of_one_s_own_will_do_nothing_more() -> None:
    assert Ending(reason=MANUAL, effect=Effect.PAUSE).will == "none"


def test_the_fact_leaves_out_what_there_is_not() -> None:
    assert Ending(reason="x").fact(3, was_connected=True, delay=None) == {
        "number": 3,
        "reason": "x",
        "will": "reconnect",
        "was_connected": True,
    }


def test_the_fact_with_everything() -> None:
    end = Ending(
        reason="x",
        trouble=Trouble("X", "two\nlines " + "long " * 100, {"region": "fra"}),
        data={"timeout": 5},
        close_code=1009,
    )

    fact = plain(end.fact(3, was_connected=False, delay=0.1))

    assert fact["error"]["data"] == {"region": "fra"}
    assert len(fact["error"]["message"]) == 200
    assert "\n" not in fact["error"]["message"]
    assert (fact["data"], fact["close_code"], fact["retry_in_ms"]) == ({"timeout": 5}, 1009, 100)


def test_what_we_give_up_is_cut_and_what_was_closed_is_gone() -> None:
    assert ending.lost("silent").reset
    assert ending.by_close(Closed(1, 1006)).gone
