"""Print every chat that a log holds, with no network and no options.

python examples/offline_reader.py support.db
"""

from __future__ import annotations

import asyncio
import sys

import livechat_customer as lc


async def main(log: str) -> None:
    async with lc.replay(log) as session:
        await session.run()
        for chat in session.chats.value:
            history = session.history(chat.id)
            await history.ready()
            names = {user.id: user.name for user in chat.users}
            print(f"chat {chat.id}")
            for item in history.value or ():
                print(f"  {line(item, names)}")


def line(item: lc.HistoryItem, names: dict[str, str | None]) -> str:
    """One item as text. What people wrote is quoted: it may hold terminal escape sequences."""
    if isinstance(item, lc.Gap):
        return "… something may be missing here …"
    if isinstance(item, lc.PendingEvent):
        return f"({item.entry.state}, not sent yet)"
    name = names.get(item.author_id or "") or item.author_id
    match item:
        case lc.Message(text=text) | lc.SystemMessage(text=text):
            return f"{item.created_at} {name!r}: {text!r}"
        case lc.File(name=file, size=size):
            return f"{item.created_at} {name!r}: {file!r}, {size} bytes"
        case _:
            return f"{item.created_at} {name!r}: ({item.type!r})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: offline_reader.py LOG")
    try:
        asyncio.run(main(sys.argv[1]))
    except lc.CustomerSDKError as error:
        sys.exit(str(error))
