"""Clients in processes of their own, to be killed; a valve on their way to the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from crash_plan import Plan, Said

import livechat_customer as lc
from livechat_customer.cli.log_check import check_log
from livechat_customer.options import OutboxLimits
from livechat_customer.replay import replay
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.wire_json import JsonObject

IN_DOUBT_WAIT: Final = 0.2
PATIENCE: Final = 30.0
"""Seconds to wait for what must come to pass."""
SMALLEST: Final = 2048
"""Bytes that a shut valve takes in; the rest stays with the sender. The kernel doubles it."""


class Nursery:
    """Makes processes quickly: one that has imported everything forks for each of them."""

    def __init__(self, preload: Path) -> None:
        child = Path(__file__).with_name("crash_child.py")
        self._process = subprocess.Popen(
            [sys.executable, str(child)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "LD_PRELOAD": str(preload)},
        )

    def say(self, plan: Plan) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
        self._process.stdin.flush()

    def line(self) -> Said:
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline(), type=Said)

    @asynccontextmanager
    async def running(self, plan: Plan) -> AsyncGenerator[Run]:
        """A client that does as planned; it is killed if it still runs at the end of the block."""
        await asyncio.to_thread(self.say, plan)
        first = await asyncio.to_thread(self.line)
        run = Run(self, first.number)
        try:
            yield run
        finally:
            if run.status is None:
                os.kill(run.pid, signal.SIGKILL)
                while run.status is None:
                    await run.next()

    def close(self) -> None:
        self._process.communicate()


class Run:
    """A running client. What it says is gathered as it is waited for."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid: Final = pid
        self.said: Final[list[Said]] = []
        self.status: int | None = None
        """How it ended; negative: by this signal."""

    def heard(self, what: str) -> list[str]:
        return [said.text for said in self.said if said.what == what]

    async def next(self) -> Said:
        """The next line; the last one is `ended`."""
        said = await asyncio.to_thread(self._nursery.line)
        self.said.append(said)
        if said.what == "ended":
            self.status = said.number
        return said

    async def until(self, what: str, text: str | None = None) -> Said:
        """Wait for it to say this. It must not end first."""
        while (said := await self.next()).what != what or text not in (None, said.text):
            assert said.what != "ended", f"ended with {said.number}: {self.said}"
        return said

    def go(self) -> None:
        """Let it go on with what it queues at once."""
        os.kill(self.pid, signal.SIGUSR1)

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        await self.dead()

    async def dead(self) -> None:
        """Wait until it was killed, by whomever."""
        while self.status is None:
            await self.next()
        assert self.status == -signal.SIGKILL, f"ended with {self.status}: {self.said}"

    async def left(self) -> None:
        """Wait until it has ended well by itself."""
        while self.status is None:
            await self.next()
        assert self.status == 0, f"ended with {self.status}: {self.said}"


class Valve:
    """A TCP proxy whose way to the server can be shut; the server's words always pass.

    A connection to the server outlives the client's: what was held back can still reach it.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._host, _, port = sandbox.api_url.removeprefix("http://").partition(":")
        self._port = int(port)
        self.held = bytearray()
        """What came of the newest connection since the valve was shut."""
        self.arrived = asyncio.Event()
        """Something came since."""
        self.gone = asyncio.Event()
        """The newest connection's client is gone."""
        self._shut = False
        self._reading = asyncio.Event()
        self._reading.set()
        self._server_side: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.url = ""

    def shut(self) -> None:
        """Hold back what clients write from now on."""
        self.held.clear()
        self.arrived.clear()
        self._shut = True

    def open(self) -> None:
        """Let pass what clients of later connections write; `release()` is for what is held."""
        self._shut = False

    def stop_reading(self) -> None:
        """Take nothing more: what clients write stays in their own buffers."""
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    async def release(self) -> None:
        """Let what is held reach the server, by the connection it came from."""
        assert self._server_side is not None
        self._server_side.write(bytes(self.held))
        self.held.clear()
        await self._server_side.drain()

    def hang_up(self) -> None:
        """End the connection to the server by which something was released."""
        assert self._server_side is not None
        self._server_side.close()

    async def start(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._listening = listening
        self._keep(self._accept())

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        self._listening.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self._listening)
            self._keep(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        self._writers.append(writer)
        client.setblocking(False)
        self.gone.clear()
        back = asyncio.create_task(_pump_back(reader, client))
        try:
            await self._pump(client, writer)
        finally:
            self.gone.set()
            back.cancel()
            await asyncio.wait([back])
            client.close()

    async def _pump(self, client: socket.socket, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        held_here = False
        with contextlib.suppress(OSError):
            while True:
                await self._reading.wait()
                data = await loop.sock_recv(client, 65536)
                if not data:
                    break
                if self._shut or held_here:
                    held_here = True
                    self._server_side = writer
                    self.held += data
                    self.arrived.set()
                else:
                    writer.write(data)
                    await writer.drain()

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _pump_back(reader: asyncio.StreamReader, client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            await loop.sock_sendall(client, data)
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_WR)


@asynccontextmanager
async def valve(sandbox: Sandbox) -> AsyncGenerator[Valve]:
    made = Valve(sandbox)
    await made.start()
    try:
        yield made
    finally:
        await made.aclose()


class Place:
    """Where a customer's client runs: the files in its folder outlive its processes."""

    def __init__(self, sandbox: Sandbox, folder: Path, api_url: str | None = None) -> None:
        self.sandbox = sandbox
        self.log = folder / "log.db"
        self.options: dict[str, Any] = {
            **sandbox.options(),
            "log": str(self.log),
            "credentials": str(folder / "credentials.json"),
        }
        if api_url is not None:
            self.options["api_url"] = api_url

    def sdk(self, **more: Any) -> lc.CustomerSDK:
        """A client of this process on the same files."""
        limits = OutboxLimits(in_doubt_wait=IN_DOUBT_WAIT)
        given = {**self.options, "outbox": limits, "random": lambda: 0.0, **more}
        return lc.init(**given)

    def plan(self, chat_id: str | None, **more: Any) -> Plan:
        return Plan(self.options, IN_DOUBT_WAIT, chat_id, **more)

    async def begun(self, chat: Literal["active", "inactive", "none"] = "active") -> str | None:
        """The customer has been here before, and left a chat behind; its id."""
        async with self.sdk() as sdk:
            await sdk.connect()
            if chat == "none":
                return None
            started = await sdk.start_chat(continuous=True)
            if chat == "inactive":
                await sdk.deactivate_chat(id=started.id)
        return started.id

    def on_server(self) -> list[str]:
        """The texts of the customer's messages in the server's order."""
        return [event["text"] for event in self._messages() if self._is_own(event)]

    def _messages(self) -> list[JsonObject]:
        return [
            event
            for chat in self.sandbox.chats.values()
            for thread in chat.threads
            for event in thread.events
            if event["type"] == "message"
        ]

    def _is_own(self, event: JsonObject) -> bool:
        return event["author_id"] in self.sandbox.customers

    async def goes_on(self, chat_id: str | None, expected: list[str], *runs: Run) -> None:
        """Start again and write one message more: all of it is there once, and in order.

        `runs`: those before, whose log is whole.
        """
        told = [name for run in runs for name in run.heard("added")]
        async with self.sdk() as sdk:
            sdk.on("event_added", lambda added: told.append(added.event.id))
            earlier = [sdk.outbox.handle(entry.custom_id) for entry in sdk.outbox.value]
            last = sdk.outbox.send_event(chat_id, lc.Message("after"))
            async with asyncio.timeout(PATIENCE):
                sent = await last
                for handle in earlier:
                    await handle
            assert self.on_server() == [*expected, "after"]
            assert not sdk.outbox.value
            (chat,) = sdk.chats.value
            history = sdk.history(chat.id)
            await history.ready()
            shown = [item for item in history.value or () if isinstance(item, lc.Message)]
            assert [item.id for item in shown] == [event["id"] for event in self._messages()]
            assert shown[-1].id == sent.id
            assert len(set(told)) == len(told), "each event is announced once"
            (info,) = await sdk.log.streams()
            digests = (sdk.root_digest(), await sdk.state_digest())
        found = await check_log(self.log, self.log.stat().st_size)
        assert (found.problem, [stream.whole for stream in found.streams]) == (None, [True])
        async with replay(str(self.log)) as again:
            await again.run_to(info.last_seq)
            assert (again.root_digest(), await again.state_digest()) == digests
