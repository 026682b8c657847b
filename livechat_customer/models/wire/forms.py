"""Form templates and answers (Customer Chat API 3.5, form template and filled-form fields)."""

from livechat_customer.models.wire.base import ABSENT, Wire


class FieldOption(Wire, frozen=True):
    """A choice of a `radio`, `select`, `checkbox` or `group_chooser` field."""

    id: str = ""
    label: str | None = None
    group_id: int | None = None
    """`group_chooser` only."""
    checked: bool | None = None


class FormField(Wire, frozen=True):
    """One field of a form. Fields of ticket forms have no id."""

    id: str = ""
    type: str = ""
    label: str | None = None
    required: bool | None = None
    options: tuple[FieldOption, ...] = ABSENT
    comment_label: str | None = None
    """`rating` only."""
    checked: bool | None = None
    """`checkbox_for_email` only."""


class FormTemplate(Wire, frozen=True):
    """A pre-chat, post-chat or ticket form."""

    id: str | None = None
    fields: tuple[FormField, ...] = ABSENT


class FieldAnswer(Wire, frozen=True):
    """The option chosen."""

    id: str = ""
    label: str | None = None
    group_id: int | None = None
    """`group_chooser` only."""


class FilledField(Wire, frozen=True):
    """One answered field; an optional field may lack its answer."""

    id: str = ""
    type: str = ""
    label: str | None = None
    answer: str | bool | FieldAnswer | None = None
    """Text; a bool (`checkbox_for_email`); an option (`radio`, `select`, `group_chooser`)."""
    answers: tuple[FieldAnswer, ...] = ABSENT
    """`checkbox` only."""
