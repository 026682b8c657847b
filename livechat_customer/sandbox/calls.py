"""One request of a customer, and how an action may be called.

Each action is a plain function from a `Call` to the answer's payload. It changes the state at
once and leaves its pushes in the call, in order; what travels when is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import Author
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.paging import Pager
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.uploads import Uploads
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, Customer, Thread, World


@dataclass(slots=True)
class Call:
    """One request of one customer."""

    world: World
    limits: Limits
    pager: Pager
    uploads: Uploads
    customer: Customer
    client_id: str
    version: str
    payload: JsonObject = field(repr=False)
    pushes: list[Push] = field(default_factory=list[Push])

    @property
    def fields(self) -> Fields:
        return Fields(self.payload)

    @property
    def author(self) -> Author:
        """The customer as sender of events."""
        return Author(self.limits, self.client_id, self.uploads.details, self.version)

    @property
    def name(self) -> str:
        """What system messages call the customer."""
        return self.customer.name or "Customer"

    def chat(self, fields: Fields, name: str) -> Chat:
        """The customer's chat that the field names; another's does not exist for them."""
        chat = self.world.chats.get(fields.need(name, fields.string(name)))
        if chat is None or chat.customer_id != self.customer.id:
            raise ApiError("not_found", "Chat not found")
        return chat

    def writable_chat(self, fields: Fields, name: str) -> Chat:
        """As `chat()`, refused once the chat's personal data was erased."""
        chat = self.chat(fields, name)
        if chat.anonymized:
            raise ApiError("chat_anonymized")
        return chat

    def keep_files(self, events: Iterable[JsonObject]) -> None:
        """An event that uses an uploaded file makes its URL permanent."""
        for event in events:
            if event["type"] == "file":
                self.uploads.keep(event["url"])

    def thread(self, chat: Chat) -> Thread:
        """The thread of the chat that `thread_id` names."""
        thread = chat.thread(self.fields.need("thread_id", self.fields.string("thread_id")))
        if thread is None:
            raise ApiError("not_found", "Thread not found")
        return thread


@dataclass(frozen=True, slots=True)
class Action:
    """How an action may be called."""

    run: Callable[[Call], JsonObject]
    rtm: bool = True
    web: bool = True
    since: str = "3.5"
    online: bool = False
    """Over HTTP, too, it needs the customer to be logged in over RTM."""
    counts: bool = False
    """It is a sign of life of the customer: chatting, or another page."""
    pushes_first: bool = False
    """Its pushes travel before its answer (protocol: minimal conversation)."""
