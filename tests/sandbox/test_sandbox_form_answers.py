from __future__ import annotations

from typing import Any

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.form_answers import read_answers

OPTION = {"id": "0", "label": "A"}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        *(({kind}, {"answer": "x"}) for kind in ("name", "email", "question", "textarea")),
        ({"radio", "select"}, {"answer": OPTION}),
        ({"group_chooser"}, {"answer": OPTION | {"group_id": 1}}),
        ({"checkbox"}, {"answers": [OPTION, OPTION]}),
        ({"checkbox_for_email"}, {"answer": False}),
    ],
)
def test_answers_by_type(kind: set[str], answer: dict[str, Any]) -> None:
    for each in kind:
        field = {"type": each, "id": "1", "label": "L"}
        assert read_answers(Fields({"fields": [field | answer]})) == [field | answer]
        assert read_answers(Fields({"fields": [field]})) == [field]
        extra = field | answer | {"surplus": 1}
        assert read_answers(Fields({"fields": [extra]})) == [field | answer]


def test_fields_that_take_no_answer() -> None:
    for kind in ("header", "rating", "new"):
        with pytest.raises(ApiError, match="type"):
            read_answers(Fields({"fields": [{"type": kind, "id": "1", "label": "L"}]}))
