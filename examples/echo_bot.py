"""A customer who repeats what agents write, until one of them writes "bye".

    LIVECHAT_CUSTOMER_ORGANIZATION_ID=… LIVECHAT_CUSTOMER_CLIENT_ID=… python examples/echo_bot.py

Start it again: what agents wrote last while it did not run is told of after the login, and nothing
that it was told of before.
"""

from __future__ import annotations

import asyncio
import os
import sys

import livechat_customer as lc


async def main() -> None:
    farewell = asyncio.Event()
    options = {"log": "echo.db"} | lc.from_environment(os.environ)
    async with lc.init(**options) as sdk:

        @sdk.on("event_added")  # each event once in the life of the log, whatever brought it
        async def answer(added: lc.EventAdded) -> None:
            customer = sdk.customer.value
            message = added.event
            if not isinstance(message, lc.Message) or customer is None:
                return
            if message.author_id == customer.id:
                return
            if message.text.strip().lower() == "bye":
                farewell.set()
                return
            # The thread may have been closed meanwhile.
            echo = await sdk.send_event(
                chat_id=added.chat_id, event=lc.Message(message.text), attach_to_last_thread=True
            )
            print("echoed", echo.id, flush=True)

        await sdk.connect()
        print("chat", await open_chat(sdk), flush=True)
        await farewell.wait()


async def open_chat(sdk: lc.CustomerSDK) -> str:
    """The customer's chat with an open thread; its id. A customer has one chat at most."""
    known = (await sdk.list_chats()).chats_summary
    if not known:
        return (await sdk.start_chat(continuous=True)).id
    if not known[0].active:
        await sdk.resume_chat(chat={"id": known[0].id}, continuous=True)
    return known[0].id


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except lc.CustomerSDKError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
