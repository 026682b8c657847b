"""The customer and the users of chats, put together from whole showings and changed fields."""

from __future__ import annotations

from itertools import permutations

from livechat_customer.models.wire.users import Statistics, User
from livechat_customer.projections.customer import UserFacts


def test_the_first_word_on_who_the_customer_is_counts() -> None:
    for order in permutations([("a", 5), ("b", 9), ("a", 7)]):
        users = UserFacts()
        for own, seq in order:
            users.learn(own, seq)

        assert (users.own, users.own_seq) == ("a", 5)


def test_fields_pushed_lie_over_what_showed_the_customer_before() -> None:
    base = User("u", "customer", "Ann", "ann@x.example", statistics=Statistics(1))
    for order in permutations(range(3)):
        users = UserFacts(own="u")
        for step in order:
            if step == 0:
                users.customer.set(base, (4, 8))
                users.show_profile(base, (4, 8))
            elif step == 1:
                users.update(User("u", name="old news"), 3)
                users.update(User("u", email="new@x.example"), 6)
            else:
                users.update(User("u", email="older"), 5)

        assert users.customer_now() == User(
            "u", "customer", "Ann", "new@x.example", statistics=Statistics(1)
        )
        assert users.profile("u") == User("u", "customer", "Ann", "new@x.example")


def test_session_fields_can_be_emptied_but_absence_says_nothing() -> None:
    users = UserFacts(own="u")
    users.customer.set(User("u", session_fields=({"plan": "pro"},)), (1, 1))

    users.update(User("u", name="Ann"), 2)
    customer = users.customer_now()
    assert customer is not None
    assert customer.session_fields == ({"plan": "pro"},)

    users.update(User("u", session_fields=()), 3)
    customer = users.customer_now()
    assert customer is not None
    assert customer.session_fields == ()


def test_profiles_are_without_presence_and_marks() -> None:
    users = UserFacts()
    users.show_profile(User("a", "agent", "Jane", present=True, events_seen_up_to="x"), (3, 3))

    assert not users.show_profile(User("a", "agent", "old"), (2, 2))
    assert users.profile("a") == User("a", "agent", "Jane")
    assert users.profile("nobody") == User("nobody")
