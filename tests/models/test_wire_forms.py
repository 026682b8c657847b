"""The structures of `wire.forms`, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import pytest
from models_kit import each, round_trip

from livechat_customer.models.wire import forms


@pytest.mark.parametrize(("name", "sample"), each("structures", "forms."))
def test_a_structure_survives_the_round_trip(name: str, sample: dict[str, Any]) -> None:
    kind = getattr(forms, name.removeprefix("forms."))
    assert round_trip(kind, sample) == sample


@pytest.mark.parametrize("answer", ["text", "", True, False, {"id": "0", "label": "A"}])
def test_answers_are_texts_truth_values_or_options(answer: object) -> None:
    given = {"id": "1", "type": "any", "answer": answer}
    assert round_trip(forms.FilledField, given) == given
