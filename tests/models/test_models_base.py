"""What holds of every public struct."""

from __future__ import annotations

import msgspec
import pytest

from livechat_customer import models
from livechat_customer.models.base import Model

STRUCTS: list[type[Model]] = [
    found
    for name in models.__all__
    if isinstance(found := getattr(models, name), type) and issubclass(found, Model)
]


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_structs_are_frozen_untracked_and_documented(kind: type[Model]) -> None:
    assert kind.__struct_config__.frozen
    assert not kind.__struct_config__.gc
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_only_what_identifies_has_no_default(kind: type[Model]) -> None:
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    told = {
        "AvailabilityUpdated": {"availability"},
        "Button": {"text"},
        "Connected": {"customer", "availability"},
        "Disconnected": {"reason"},
        "Doubled": {"event"},
        "EventAdded": {"event", "source"},
        "EventUpdated": {"event"},
        "EventsMarkedAsSeen": {"seen_up_to"},
        "FilledField": {"type"},
        "FormField": {"type"},
        "FormInfo": {"enabled"},
        "Image": {"url"},
        "IncomingChat": {"chat"},
        "IncomingEvent": {"event"},
        "IncomingEventPreview": {"event"},
        "IncomingRichMessagePostback": {"postback"},
        "IncomingTypingIndicator": {"typing_indicator"},
        "IncomingWelcomeMessage": {"event"},
        "Message": {"text"},
        "File": {"url"},
        "PredictedAgent": {"agent"},
        "QueuePositionUpdated": {"queue"},
        "RichMessage": {"template"},
        "Thumbnail": {"url", "width", "height"},
        "Thumbnails": {"default", "high"},
        "UnknownPush": {"action", "raw"},
        "UploadedFile": {"url"},
        "UrlInfo": {"url"},
        "UserAddedToChat": {"user"},
        "WidgetButton": {"type"},
    }.get(kind.__name__, set())
    ids = {name for name in required if name == "id" or name.endswith("_id")}
    assert required - ids == told


def test_structs_are_values() -> None:
    one = models.Access((1, 2))
    assert one == models.Access((1, 2))
    assert hash(one) == hash(models.Access((1, 2)))
    with pytest.raises(AttributeError):
        one.group_ids = ()  # type: ignore[misc]


def test_the_package_gives_all_public_names() -> None:
    for name in models.__all__:
        assert hasattr(models, name)
    assert len(set(models.__all__)) == len(models.__all__)
    subclasses = {
        kind
        for kind in _descendants(Model)
        if kind.__module__.startswith("livechat_customer.models.")
        and not kind.__name__.startswith("_")
        and kind.__name__ != "EventBase"
    }
    assert subclasses == set(STRUCTS)


def _descendants(kind: type[Model]) -> set[type[Model]]:
    children = set(kind.__subclasses__())
    return children.union(*(_descendants(child) for child in children))
