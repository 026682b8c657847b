"""The methods that go over HTTP: uploads, goals, the e-mail's verification, configuration.

They need an open SDK, but no connection. Each checks its arguments before anything is sent
(`InvalidArgumentError` with the argument's name) and raises a `ServerError` when the server
refuses, `NoConnectionError` when it was not reached, and an `OutcomeUnknownError` when no answer
came. But for the configuration, which is public, they may raise `AuthError`.
"""

from __future__ import annotations

import inspect
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar

import msgspec

from livechat_customer.errors import InvalidArgumentError, ServerError
from livechat_customer.http_calls import HttpCalls
from livechat_customer.models import Success, to_wire
from livechat_customer.models.base import Properties, SessionFields
from livechat_customer.models.configuration import Configuration, DynamicConfiguration
from livechat_customer.models.configuration_from_wire import configuration, dynamic_configuration
from livechat_customer.models.wire import responses
from livechat_customer.models.wire.decode import decode_as
from livechat_customer.transport import files
from livechat_customer.transport.upload import check_content_type
from livechat_customer.uploads import Progress, Upload

T = TypeVar("T", bound=msgspec.Struct)


class WebMethods(ABC):
    """The methods; `_http()` is what they go through."""

    @abstractmethod
    def _http(self) -> HttpCalls:
        """Raises NoConnectionError before open(), SDKDestroyedError after the end."""

    @abstractmethod
    def _own_group(self) -> int:
        """The group of the options; 0 where they name none."""

    @abstractmethod
    def _user_code_failed(self, where: str, error: Exception) -> None:
        """A callback raised."""

    def upload_file(
        self,
        *,
        file: bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes],
        name: str | None = None,
        content_type: str | None = None,
        on_progress: Callable[[float], object] | None = None,
    ) -> Upload:
        """Begin to send a file, at most 10 MiB, and return at once; `await` the `Upload` for the
        `UploadedFile`, whose `url` goes into a `File` event within 24 hours.

        `file` is bytes, a path (also a `str`), or a file open in binary mode, which is sent from
        where it stands and left open. `name` is by default the path's, `content_type` what goes
        with the name. `on_progress` is called on the loop's thread with 0 to 1; `Upload.progress`
        tells the bytes (Customer Chat API 3.5, upload_file).
        """
        http = self._http()
        files.check_given(file)
        if on_progress is not None and not _is_plain(on_progress):
            raise InvalidArgumentError("on_progress", "must be a plain function of one argument")
        given = files.name_of(file) if name is None else to_wire.text(name, "name")
        if content_type is not None:
            check_content_type(to_wire.text(content_type, "content_type"))
        progress = Progress(on_progress, self._user_code_failed)
        return Upload(http.upload(file, given, content_type, progress.sent), progress)

    async def check_goals(
        self,
        *,
        page_url: str,
        group_id: int | None = None,
        session_fields: SessionFields | None = None,
    ) -> Success:
        """Have goals checked for a customer who is on `page_url` without being connected.

        `group_id` is by default the one of the options, else 0 (Customer Chat API 3.5,
        check_goals). Unlike the JavaScript SDK, this one never calls it by itself.
        """
        group = self._own_group() if group_id is None else to_wire.number(group_id, "group_id")
        payload = {
            "session_fields": to_wire.session_fields(session_fields or {}),
            "group_id": group,
            "page_url": to_wire.text(page_url, "page_url"),
        }
        await self._http().post("check_goals", payload)
        return Success()

    async def request_email_verification(self, *, callback_uri: str) -> Success:
        """Have a mail sent to the customer; once they confirm it, the server POSTs their address
        to `callback_uri`, within 7 days.

        A verified address is posted at once, without a mail (Customer Chat API 3.5,
        request_email_verification).
        """
        payload = {"callback_uri": to_wire.text(callback_uri, "callback_uri")}
        await self._http().post("request_email_verification", payload)
        return Success()

    async def list_license_properties(
        self, *, namespace: str | None = None, name: str | None = None
    ) -> Properties:
        """The license's properties that customers may read, of one namespace or name if given."""
        found: Properties = await self._map(
            "list_license_properties",
            {"namespace": _text(namespace, "namespace"), "name": _text(name, "name")},
        )
        return found

    async def list_group_properties(
        self, *, id: int, namespace: str | None = None, name: str | None = None
    ) -> Properties:
        """The properties of group `id` that customers may read, of one namespace or name if
        given. Raises `GroupNotFoundError`."""
        found: Properties = await self._map(
            "list_group_properties",
            {
                "id": to_wire.number(id, "id"),
                "namespace": _text(namespace, "namespace"),
                "name": _text(name, "name"),
            },
        )
        return found

    async def get_dynamic_configuration(
        self,
        *,
        group_id: int | None = None,
        url: str | None = None,
        channel_type: str | None = None,
        test: bool | None = None,
    ) -> DynamicConfiguration:
        """What changes often in a group's settings: who is online, and the versions of the rest.

        Without `group_id` it is the default group's; `url` is the page the customer is on.
        """
        wire = await self._struct(
            responses.GetDynamicConfigurationResponse,
            "get_dynamic_configuration",
            {
                "group_id": None if group_id is None else to_wire.number(group_id, "group_id"),
                "url": _text(url, "url"),
                "channel_type": _text(channel_type, "channel_type"),
                "test": None if test is None else to_wire.flag(test, "test"),
            },
        )
        return dynamic_configuration(wire)

    async def get_configuration(self, *, group_id: int, version: str) -> Configuration:
        """A group's buttons, forms and properties, as of `version`: the `config_version` of the
        dynamic configuration. Raises `GroupNotFoundError`."""
        wire = await self._struct(
            responses.GetConfigurationResponse,
            "get_configuration",
            {
                "group_id": to_wire.number(group_id, "group_id"),
                "version": to_wire.text(version, "version"),
            },
        )
        return configuration(wire)

    async def get_localization(
        self, *, group_id: int, language: str, version: str
    ) -> Mapping[str, str]:
        """A group's phrases by their keys, with `%name%` where something is to be filled in.

        `version` is the `localization_version` of the dynamic configuration, and `language` its
        own. Raises `GroupNotFoundError`.
        """
        found: Mapping[str, str] = await self._map(
            "get_localization",
            {
                "group_id": to_wire.number(group_id, "group_id"),
                "language": to_wire.text(language, "language"),
                "version": to_wire.text(version, "version"),
            },
        )
        return found

    async def _map(self, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        body = await self._http().get(action, _query(given))
        found: dict[str, Any] = msgspec.json.decode(body)
        return found

    async def _struct(self, kind: type[T], action: str, given: Mapping[str, Any]) -> T:
        body = await self._http().get(action, _query(given))
        try:
            return decode_as(kind, body)
        except msgspec.ValidationError as error:
            raise ServerError(
                f"The answer of {action} could not be read. Report it, or ask again.",
                code="UNREADABLE_ANSWER",
            ) from error


def _query(given: Mapping[str, Any]) -> dict[str, str]:
    """A query's parameters, without those that were not given."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }


def _text(value: str | None, name: str) -> str | None:
    return None if value is None else to_wire.text(value, name)


def _is_plain(callback: object) -> bool:
    call = getattr(callback, "__call__", None)  # noqa: B004 - an object whose __call__ is async
    return callable(callback) and not (
        inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(call)
    )
