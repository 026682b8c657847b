"""Messages and seen marks that are delivered once, in order, whatever becomes of connections and
runs: queued in the log, sent when the server can take them, searched for when in doubt."""

from livechat_customer.outbox.driver import Outbox
from livechat_customer.outbox.handles import Handle
from livechat_customer.outbox.view import OutboxView

__all__ = ["Handle", "Outbox", "OutboxView"]
