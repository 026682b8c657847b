"""Upload a file, at most 10 MiB, and send it to the customer's chat.

    LIVECHAT_CUSTOMER_ORGANIZATION_ID=… LIVECHAT_CUSTOMER_CLIENT_ID=… \
        python examples/upload.py photo.png
"""

from __future__ import annotations

import asyncio
import os
import sys

import livechat_customer as lc


async def main(path: str) -> None:
    options = {"log": "upload.db"} | lc.from_environment(os.environ)
    async with lc.init(**options) as sdk:
        await sdk.connect()
        file = await sdk.upload_file(
            file=path, on_progress=lambda part: print(f"{part:.0%}", flush=True)
        )
        known = (await sdk.list_chats()).chats_summary
        chat_id = known[0].id if known else (await sdk.start_chat(continuous=True)).id
        # A chat whose thread is closed is not opened again by it.
        event = await sdk.send_event(
            chat_id=chat_id, event=lc.File(url=file.url), attach_to_last_thread=True
        )
        print("sent as", event.id)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: upload.py FILE")
    try:
        asyncio.run(main(sys.argv[1]))
    except lc.CustomerSDKError as error:
        sys.exit(str(error))
