"""The values of views can't be changed, and say what they are."""

from __future__ import annotations

import msgspec
import pytest

from livechat_customer.models import Customer, Greeting
from livechat_customer.projections import values

VALUES = [
    found
    for found in vars(values).values()
    if isinstance(found, type)
    and issubclass(found, msgspec.Struct)
    and found.__module__ == values.__name__
]


@pytest.mark.parametrize("value", VALUES)
def test_they_are_frozen_and_documented(value: type[msgspec.Struct]) -> None:
    assert value.__struct_config__.frozen
    assert value.__doc__


def test_the_customer_and_the_greeting_are_the_public_ones() -> None:
    customer = values.CustomerState(id="u", name="Ann")
    greeting = values.GreetingState(unique_id="g")

    assert isinstance(customer, Customer)
    assert isinstance(greeting, Greeting)
    assert customer.from_log
    assert msgspec.to_builtins(customer)["type"] == "customer"
