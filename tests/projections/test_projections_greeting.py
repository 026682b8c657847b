"""The greeting on show, and those that are over."""

from __future__ import annotations

from itertools import permutations

from livechat_customer.models.wire.greetings import Greeting
from livechat_customer.projections.greeting import KEPT, GreetingFacts


def test_a_greeting_that_ended_stays_ended() -> None:
    for order in permutations(range(3)):
        facts = GreetingFacts()
        for step in order:
            if step == 0:
                facts.show(Greeting("g"), (3, 3))
            elif step == 1:
                facts.end("g", 4)
            else:
                # Read by the server before the end, and come after it.
                facts.show(Greeting("g"), (2, 5))

        assert facts.now() is None


def test_a_new_greeting_takes_the_place_of_the_old_one() -> None:
    facts = GreetingFacts()
    facts.show(Greeting("one"), (1, 1))
    facts.accept("one", 2)
    assert facts.now() == Greeting("one", accepted=True)

    facts.show(Greeting("two"), (3, 3))
    facts.end("one", 4)
    assert facts.now() == Greeting("two")

    facts.show(None, (5, 5))
    assert facts.now() is None


def test_only_the_newest_endings_are_kept_in_any_order() -> None:
    forward, back = GreetingFacts(), GreetingFacts()
    seqs = range(3 * KEPT)
    for seq in seqs:
        forward.end(f"g{seq % (2 * KEPT)}", seq)
    for seq in reversed(seqs):
        back.end(f"g{seq % (2 * KEPT)}", seq)

    assert forward == back
    assert len(forward.ended) == KEPT
