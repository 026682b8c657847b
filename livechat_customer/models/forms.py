"""Forms and their answers (Customer Chat API 3.5, form template and filled-form fields)."""

from livechat_customer.models.base import Model


class FieldOption(Model, frozen=True, forbid_unknown_fields=True):
    """A choice of a `radio`, `select`, `checkbox` or `group_chooser` field.

    `group_id` is given by `group_chooser` only; `checked`: preselected.
    """

    id: str
    label: str = ""
    group_id: int | None = None
    checked: bool | None = None


class FormField(Model, frozen=True, forbid_unknown_fields=True):
    """One field of a form.

    `type` is `header`, `name`, `email`, `question`, `subject`, `textarea`, `radio`, `select`,
    `checkbox`, `group_chooser`, `rating`, `checkbox_for_email`, or something newer. Fields of
    ticket forms, which come without id, are numbered from "0".
    """

    id: str
    type: str
    label: str = ""
    required: bool = False
    options: tuple[FieldOption, ...] = ()
    comment_label: str | None = None
    """`rating` only."""
    checked: bool | None = None
    """`checkbox_for_email` only."""


class FormTemplate(Model, frozen=True):
    """A pre-chat, post-chat or ticket form; `id` is None for ticket forms."""

    id: str | None
    fields: tuple[FormField, ...] = ()


class FormInfo(Model, frozen=True):
    """Result of `get_form`: the form, where it is enabled for the group."""

    enabled: bool
    form: FormTemplate | None = None


class FieldAnswer(Model, frozen=True, forbid_unknown_fields=True):
    """The option chosen; `group_id` with `group_chooser` only."""

    id: str
    label: str = ""
    group_id: int | None = None


class FilledField(Model, frozen=True, forbid_unknown_fields=True):
    """One answered field: `type`, `id` and `label` as in the form's template.

    `answer` is text (`name`, `email`, `question`, `subject`, `textarea`), a `FieldAnswer`
    (`radio`, `select`, `group_chooser`) or a bool (`checkbox_for_email`); `answers` is for
    `checkbox`. Optional fields may have neither.
    """

    type: str
    id: str
    label: str = ""
    answer: str | bool | FieldAnswer | None = None
    answers: tuple[FieldAnswer, ...] = ()
