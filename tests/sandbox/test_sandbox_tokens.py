from __future__ import annotations

from livechat_customer.sandbox.clock import ServerClock, SteppingClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.tokens import Tokens, bearer
from livechat_customer.sandbox.world import World


def fresh() -> tuple[Tokens, SteppingClock]:
    clock = SteppingClock(step=0)
    world = World(Ids(1), ServerClock(clock))
    world.tenant.region = "fra"
    return Tokens(world), clock


def test_a_bare_token_is_no_bearer() -> None:
    assert bearer("Bearer dal:abc") == "dal:abc"
    for header in (None, "", "dal:abc", "Bearer", "Bearer ", "bearer dal:abc", "Basic dal:abc"):
        assert bearer(header) is None


def test_a_token_lives_its_time() -> None:
    tokens, clock = fresh()
    customer = tokens.customer_of("org", None, None, None)
    token = tokens.issue(customer, "app", 60)
    assert token.value.startswith("fra:")
    assert tokens.find(token.value) is token
    assert tokens.seconds_left(token) == 60
    clock.advance(59)
    assert tokens.find(token.value) is token
    clock.advance(1)
    assert tokens.find(token.value) is None
    assert tokens.seconds_left(token) == 0


def test_ends() -> None:
    tokens, _ = fresh()
    ann, bob = (tokens.customer_of("org", None, None, None) for _ in range(2))
    anns, bobs = tokens.issue(ann, "app", 60), tokens.issue(bob, "app", 60)
    tokens.expire(ann.id)
    assert (tokens.find(anns.value), tokens.find(bobs.value)) == (None, bobs)
    bobs.revoked = True
    assert tokens.find(bobs.value) is None
    again = tokens.issue(ann, "app", 60)
    tokens.expire(None)
    assert tokens.find(again.value) is None
    assert again.value not in repr(again)


def test_an_identity_belongs_to_its_organization_and_group() -> None:
    tokens, _ = fresh()
    ann = tokens.customer_of("org", 3, None, None)
    secret = tokens.secret_of(ann)
    assert tokens.customer_of("org", 3, ann.id, secret) is ann
    for organization, group in (("org", None), ("org", 4), ("other", 3)):
        assert tokens.customer_of(organization, group, ann.id, secret) is not ann
    assert tokens.customer_of("org", 3, ann.id, "é") is not ann
    tokens.clear()
    assert tokens.customer_of("org", 3, ann.id, secret) is not ann
