"""The Web API and uploads."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sandbox_kit import Json, Raw, Token, fetch_token, http, message, started

from livechat_customer.sandbox import Limits, Sandbox, SteppingClock
from livechat_customer.sandbox import web as web_module

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + b"\x08\x02\0\0\0"


class WebClient:
    def __init__(self, sandbox: Sandbox, client: httpx.AsyncClient, token: Token) -> None:
        self.client = client
        self.organization = {"organization_id": sandbox.organization_id}
        self.headers = {"Authorization": f"Bearer {token.value}"}

    async def post(self, action: str, payload: Json | None = None, **more: Any) -> httpx.Response:
        given: Json = {"params": self.organization, "headers": self.headers, "json": payload or {}}
        return await self.client.post(f"/v3.5/customer/action/{action}", **(given | more))

    async def upload(self, name: str, data: bytes, kind: str = "image/png") -> httpx.Response:
        return await self.client.post(
            "/v3.5/customer/action/upload_file",
            params=self.organization,
            headers=self.headers,
            files={"file": (name, data, kind)},
        )


@pytest.fixture
async def web(sandbox: Sandbox, token: Token) -> AsyncIterator[WebClient]:
    async with http(sandbox) as client:
        yield WebClient(sandbox, client, token)


async def test_a_conversation_over_http_is_pushed(web: WebClient, raw: Raw) -> None:
    chat = {"thread": {"events": [message()]}}
    answer = await web.post("start_chat", {"continuous": True, "chat": chat})
    assert answer.status_code == 200
    chat_id = answer.json()["chat_id"]
    assert (await web.post("send_event", {"chat_id": chat_id, "event": message()})).json()
    nothing = await web.post("deactivate_chat", {"id": chat_id})
    assert (nothing.status_code, nothing.json()) == (200, {})
    frames = await raw.settled()
    assert [frame["action"] for frame in frames] == [
        "incoming_chat",
        "incoming_event",
        "incoming_event",
        "chat_deactivated",
    ]
    assert not any("request_id" in frame for frame in frames)
    assert (await web.post("list_chats")).json()["total_chats"] == 1
    assert (await web.post("get_customer", content=b"", json=None)).status_code == 200


REFUSALS: list[tuple[str, Json, Json, int, str]] = [
    ("list_chats", {"limit": 26}, {}, 400, "validation"),
    ("nonsense", {}, {}, 400, "validation"),
    ("login", {}, {}, 400, "validation"),
    ("ping", {}, {}, 400, "validation"),
    ("update_customer_page", {"url": "u"}, {}, 400, "validation"),
    ("delete_event", {}, {}, 400, "validation"),
    ("get_chat", {"chat_id": "NOPE"}, {}, 404, "not_found"),
    ("list_chats", {}, {"params": {}}, 404, "license_not_found"),
    ("list_chats", {}, {"params": {"organization_id": "x"}}, 404, "license_not_found"),
    ("list_chats", {}, {"headers": {}}, 401, "authentication"),
    ("list_chats", {}, {"headers": {"Authorization": "x"}}, 401, "authentication"),
    ("list_chats", {}, {"headers": {"Authorization": "Bearer x"}}, 401, "authentication"),
    ("list_chats", {}, {"json": [1]}, 400, "validation"),
    ("list_chats", {}, {"json": None, "content": b"{"}, 400, "validation"),
    ("get_form", {"group_id": 7, "type": "prechat"}, {}, 404, "group_not_found"),
    ("get_predicted_agent", {}, {}, 422, "group_unavailable"),
]


@pytest.mark.parametrize(("action", "payload", "more", "status", "error"), REFUSALS)
async def test_is_refused(
    web: WebClient, action: str, payload: Json, more: Json, status: int, error: str
) -> None:
    answer = await web.post(action, payload, **more)
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, error)
    assert answer.json()["error"]["message"]


async def test_versions_and_verbs(web: WebClient) -> None:
    given: Json = {"params": web.organization, "headers": web.headers}

    async def status(verb: str, path: str, **headers: str) -> tuple[int, str | None]:
        answer = await web.client.request(
            verb, path, params=web.organization, headers=web.headers | headers
        )
        return answer.status_code, answer.json().get("error", {}).get("type")

    for verb in ("GET", "PUT", "DELETE"):
        assert await status(verb, "/v3.5/customer/action/list_chats") == (400, "validation")
    unsupported = (400, "unsupported_version")
    assert await status("POST", "/v3.4/customer/action/list_chats") == unsupported
    assert await status("POST", "/customer/action/list_chats") == unsupported
    by_header = await status("POST", "/customer/action/list_chats", **{"X-API-Version": "3.6"})
    assert by_header == (200, None)
    newer = await web.client.post("/v3.6/customer/action/delete_event", json={}, **given)
    assert newer.json()["error"]["message"] == "`chat_id` is required"
    assert await status("POST", "/v3.5/customer/nonsense") == (404, "not_found")


async def test_faults_over_http(sandbox: Sandbox, web: WebClient) -> None:
    sandbox.fault("error", action="get_customer", error="service_unavailable")
    refused = await web.post("get_customer")
    assert (refused.status_code, refused.json()["error"]["type"]) == (503, "service_unavailable")
    sandbox.fault("delay", action="get_customer", seconds=0.01)
    assert (await web.post("get_customer")).status_code == 200
    held = sandbox.fault("delay", action="get_customer")
    asking = asyncio.create_task(web.post("get_customer"))
    await sandbox.wait_until(lambda: held.fired)
    sandbox.remove_fault(held.id)
    assert (await asking).status_code == 200


async def test_a_defect_of_the_sandbox_is_an_internal_error(
    web: WebClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> Json:
        raise RuntimeError("broken")

    monkeypatch.setattr(web_module, "perform", broken)
    with caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        answer = await web.post("get_customer")
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "internal")


async def test_the_server_gives_up_over_http_too() -> None:
    async with Sandbox(limits=Limits(request_timeout=0.02)) as sandbox, http(sandbox) as client:
        web = WebClient(sandbox, client, await fetch_token(sandbox))
        sandbox.fault("delay", action="update_customer", seconds=3_600)
        answer = await web.post("update_customer", {"name": "Ann"})
        assert (answer.status_code, answer.json()["error"]["type"]) == (408, "request_timeout")
        assert [one.name for one in sandbox.customers.values()] == ["Ann"]


async def test_a_machine_on_the_way_answers(sandbox: Sandbox, web: WebClient) -> None:
    page = "<html><h1>413 Request Entity Too Large</h1></html>"
    sandbox.fault("error", action="upload_file", error={"html": page, "status": 413})
    sandbox.fault("error", action="upload_file", error={"html": page})
    for status in (413, 502):
        answer = await web.upload("a.png", PNG)
        assert (answer.status_code, answer.text) == (status, page)
        assert answer.headers["content-type"].startswith("text/html")
    sandbox.fault("error", action="upload_file", error={"type": "validation", "status": 500})
    answer = await web.upload("a.png", PNG)
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "validation")
    assert (await web.upload("a.png", PNG)).status_code == 200


async def test_connections_are_cut_over_http_too(
    sandbox: Sandbox, web: WebClient, raw: Raw
) -> None:
    chat_id, _ = await started(raw)
    given: Json = {"chat_id": chat_id, "event": message()}
    for kind, pushed in (("cut", []), ("drop", ["incoming_event"])):
        sandbox.fault(kind, action="send_event")
        with pytest.raises(httpx.TransportError):
            await web.post("send_event", given)
        assert [action for action, _ in await raw.pushes()] == pushed
    assert (await web.post("send_event", given)).status_code == 200


async def test_who_hangs_up_while_sending_leaves_no_trace(
    sandbox: Sandbox, web: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    url = httpx.URL(sandbox.api_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /v3.5/customer/action/upload_file?organization_id={sandbox.organization_id}"
        f" HTTP/1.1\r\nHost: x\r\nAuthorization: {web.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n--b"
    )
    writer.write(head.encode())
    await sandbox.wait_until(lambda: sandbox.received[-1].action == "upload_file")
    writer.transport.abort()
    assert await reader.read() == b""
    assert (await web.upload("a.png", PNG)).status_code == 200
    assert caplog.records == []


async def test_an_upload_becomes_a_file_event(web: WebClient, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    answer = await web.upload("a cat.png", PNG)
    assert answer.status_code == 200
    url = answer.json()["url"]
    served = await web.client.get(url)
    assert (served.content, served.headers["content-type"]) == (PNG, "image/png")
    assert served.headers["x-content-type-options"] == "nosniff"
    event = {"type": "file", "url": url, "alternative_text": "A cat"}
    await raw.ok("send_event", {"chat_id": chat_id, "event": event})
    ((_, payload),) = await raw.pushes()
    shown = payload["event"]
    assert event.items() <= shown.items()
    assert (shown["name"], shown["content_type"], shown["size"]) == (
        "a cat.png",
        "image/png",
        len(PNG),
    )
    assert (shown["width"], shown["height"]) == (640, 480)
    assert (await web.client.get(shown["thumbnail_url"])).content == PNG
    assert (await web.client.get("/_files/nonsense/x.png")).status_code == 404


async def test_unused_files_go_after_a_day(web: WebClient, raw: Raw, sandbox: Sandbox) -> None:
    chat_id, _ = await started(raw)
    kept = (await web.upload("a.txt", b"kept", "text/plain")).json()["url"]
    lost = (await web.upload("b.txt", b"lost", "text/plain")).json()["url"]
    await raw.ok("send_event", {"chat_id": chat_id, "event": {"type": "file", "url": kept}})
    world_clock = sandbox._core.world.clock  # pyright: ignore[reportPrivateUsage]
    source = world_clock._source  # pyright: ignore[reportPrivateUsage]
    assert isinstance(source, SteppingClock)
    source.advance(86_400)
    assert (await web.client.get(kept)).content == b"kept"
    assert (await web.client.get(lost)).status_code == 404
    event = {"type": "file", "url": lost}
    assert await raw.refused("send_event", {"chat_id": chat_id, "event": event}) == "validation"


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("virus.exe", b"x", "validation"),
        ("innocent.txt", b"MZ\x90\0", "validation"),
        ("innocent", b"\x7fELF", "validation"),
        ("run.png", b"#!/bin/sh", "validation"),
    ],
)
async def test_executables_are_refused(web: WebClient, name: str, data: bytes, error: str) -> None:
    answer = await web.upload(name, data)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, error)


async def test_uploads_have_a_limit() -> None:
    async with Sandbox(limits=Limits(upload=1_000)) as sandbox, http(sandbox) as client:
        web = WebClient(sandbox, client, await fetch_token(sandbox))
        assert (await web.upload("a.bin", b"x" * 1_000)).status_code == 200
        over = await web.upload("a.bin", b"x" * 1_001)
        assert (over.status_code, over.json()["error"]["type"]) == (413, "entity_too_large")
        far_over = await web.upload("a.bin", b"x" * 200_000)
        assert far_over.status_code == 413

        async def endless() -> AsyncIterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
            for _ in range(20):
                yield b"x" * 10_000
            yield b"\r\n--b--\r\n"

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        streamed = await web.post(
            "upload_file", json=None, content=endless(), headers=web.headers | kind
        )
        assert (streamed.status_code, streamed.json()["error"]["type"]) == (413, "entity_too_large")


async def test_ten_megabytes_are_enough(sandbox: Sandbox, web: WebClient) -> None:
    most = 10 * 1024 * 1024
    allowed = await web.upload("a.bin", bytes(most), "application/octet-stream")
    assert allowed.status_code == 200
    assert len((await web.client.get(allowed.json()["url"])).content) == most
    for size in (most + 1, 2 * most):
        over = await web.upload("a.bin", bytes(size), "application/octet-stream")
        assert (over.status_code, over.json()["error"]["type"]) == (413, "entity_too_large")

    # Who sends it all before reading anything is told.
    url = httpx.URL(sandbox.api_url)
    head = (
        f"POST /v3.5/customer/action/upload_file?organization_id={sandbox.organization_id}"
        f" HTTP/1.1\r\nHost: x\r\nAuthorization: {web.headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {2 * most}\r\n"
    )
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head.encode() + b"\r\n" + bytes(2 * most))
    await writer.drain()
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()

    # Who asks first is told before the first byte.
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head.encode() + b"Expect: 100-continue\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()


async def test_uploads_need_a_file(web: WebClient) -> None:
    kind = {"Content-Type": "multipart/form-data"}
    other: Json = {"json": None, "data": {"file": "text"}}
    answers = [
        await web.post("upload_file"),
        await web.post("upload_file", json=None, files={"other": ("a", b"x")}),
        await web.post("upload_file", **other),
        await web.post("upload_file", json=None, content=b"x", headers=web.headers | kind),
        await web.post("upload_file", json=None, files={"file": (None, b"x")}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 5
    assert all(answer.json()["error"]["type"] == "validation" for answer in answers)
    unauthorized = await web.post("upload_file", headers={})
    assert unauthorized.status_code == 401
