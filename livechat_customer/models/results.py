"""What requests return beside chats, threads and events."""

from livechat_customer.models.base import Model
from livechat_customer.models.users import Agent


class Success(Model, frozen=True):
    """The server has done it."""

    success: bool = True


class PredictedAgent(Model, frozen=True):
    """Result of `get_predicted_agent`: who would take the chat.

    `queue`: the group is at its limit, the chat would wait.
    """

    agent: Agent | None
    queue: bool = False


class WelcomeMessage(Model, frozen=True):
    """Result of `request_welcome_message` (API 3.6); `incoming_welcome_message` follows."""

    id: str | None = None
    predicted_agent: Agent | None = None
    queue: bool = False


class UrlInfo(Model, frozen=True):
    """Result of `get_url_info`.

    `image_url` is https, a thumbnail on the vendor's servers of `image_width` by `image_height`
    pixels; `image_original_url` is the page's own.
    """

    url: str
    title: str | None = None
    description: str | None = None
    image_url: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    image_original_url: str | None = None


class UploadedFile(Model, frozen=True):
    """Result of `upload_file`: a URL to send in a `File` within 24 hours."""

    url: str
