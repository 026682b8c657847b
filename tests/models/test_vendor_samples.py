"""The vendor's samples, which are not part of this repository, where they lie beside it.

Each file decodes and encodes back equal, but for the slips listed here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from models_kit import encoded

from livechat_customer.models.wire.base import Properties, Wire
from livechat_customer.models.wire.chats import Access, Chat, ChatSummary, Thread
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.forms import FilledField, FormTemplate
from livechat_customer.models.wire.repair import repaired
from livechat_customer.models.wire.users import User

FOLDER: Final = Path(__file__).parents[3] / "shared" / "samples"
FILES: Final = sorted(FOLDER.glob("**/*.json"))


class FilledFields(Wire, frozen=True):
    """A sample that holds a part of an event."""

    fields: tuple[FilledField, ...]


class WrappedAccess(Wire, frozen=True):
    """The sample wraps the structure once more than the API does."""

    access: Access


class WrappedProperties(Wire, frozen=True):
    """The sample shows the properties with the field they stand in."""

    properties: Properties


KINDS: Final[dict[str, Any]] = {
    "users": User,
    "events": Event,
    "access": WrappedAccess,
    "chat": Chat,
    "chatSummary": ChatSummary,
    "filledFormFields": FilledFields,
    "form": FormTemplate,
    "formFields": FormTemplate,
    "properties": WrappedProperties,
    "thread": Thread,
}

SLIPS: Final = {
    "chat": {"properites": "misspelled"},
    "chatSummary": {
        "properites": "misspelled",
        "thread_order": "withdrawn with API 3.1; to be ignored",
    },
}


def without(value: Any, keys: set[str]) -> Any:
    """JSON without some keys, at any depth."""
    if isinstance(value, dict):
        return {k: without(v, keys) for k, v in value.items() if k not in keys}  # pyright: ignore
    if isinstance(value, list):
        return [without(item, keys) for item in value]  # pyright: ignore
    return value


# Defined only where there are files: an empty parametrization would count as a skipped test.
if FILES:

    @pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
    def test_a_sample_survives_the_round_trip(file: Path) -> None:
        given = json.loads(file.read_text())
        kind = KINDS.get(file.parent.name) or KINDS[file.stem]
        decoded = msgspec.json.decode(file.read_bytes(), type=kind)
        slips = SLIPS.get(file.stem, {}).keys()
        assert encoded(decoded) == without(given, set(slips))
        assert slips <= _keys(given)
        assert repaired(given, kind) == (decoded, [])

    def _keys(value: Any) -> set[str]:
        text = json.dumps(value)
        return {key for keys in SLIPS.values() for key in keys if f'"{key}"' in text}
