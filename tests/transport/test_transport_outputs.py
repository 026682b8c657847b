"""Every output says what its caller has to do."""

from __future__ import annotations

from typing import get_args

import pytest

from livechat_customer.transport import outputs


@pytest.mark.parametrize("output", get_args(outputs.Output) + get_args(outputs.Outcome))
def test_each_output_documents_its_duty(output: type) -> None:
    assert output.__doc__


def test_the_timers_have_names_of_their_own() -> None:
    named = {value for name, value in vars(outputs).items() if name.endswith("_TIMER")}

    assert named == outputs.TIMERS
    assert len(named) == 8
