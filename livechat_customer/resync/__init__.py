"""What is asked because pushes are neither numbered nor repeated.

After every login one `get_chat` for each chat, and from its newest thread back to solid ground;
again when the app wants it; gaps on demand; and a second look where a push seems to be missing.
The answers go the way of all answers: into the log, and from there into the views. Two facts frame
a resync, `resync_started` and `resync_finished`; `sdk.sync` shows them.
"""

from livechat_customer.resync.driver import Resyncs
from livechat_customer.resync.view import HistoryView

__all__ = ["HistoryView", "Resyncs"]
