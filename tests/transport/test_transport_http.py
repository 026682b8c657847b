"""The HTTP driver against a real server on 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
from transport_net_kit import Answer, http_server, server_context, trusting_context

from livechat_customer.transport.http import HttpAnswer, HttpFailed, exchange, json_object

CHUNK = b"x" * 65_536


class Stream:
    """Chunks to send; knows how many were taken and whether it was closed."""

    def __init__(self, chunks: int, each: Callable[[], None] = lambda: None) -> None:
        self.length = {"Content-Length": str(chunks * len(CHUNK))}
        self.taken = 0
        self.closed = False
        self.content = self._chunks(chunks, each)

    async def _chunks(self, chunks: int, each: Callable[[], None]) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(chunks):
                yield CHUNK
                self.taken += 1
                each()
        finally:
            self.closed = True


async def test_what_is_asked_and_what_is_answered() -> None:
    given = Answer({"a": 1}, 404, headers=(("X-Two", "1"), ("X-Two", "2")))
    async with http_server(given) as server:
        answer = await exchange(
            "PUT", f"{server.origin}/there?q=1", headers={"X-One": "1"}, content=b"body"
        )

    asked = server.asked[0]
    assert (asked.line, asked.body) == ("PUT /there?q=1 HTTP/1.1", b"body")
    assert (asked.headers["x-one"], asked.headers["accept-encoding"]) == ("1", "identity")
    assert (answer.status, answer.ok, json_object(answer)) == (404, False, {"a": 1})
    assert answer.all("x-two") == ["1", "2"]
    assert repr(answer) == "HttpAnswer(404)"


@pytest.mark.parametrize(
    ("body", "found"),
    [(b'{"a": 1}', {"a": 1}), (b"[]", None), (b"<html>", None), (b"", None), (b"\xff", None)],
)
def test_a_body_that_is_no_json_object(body: bytes, found: object) -> None:
    assert json_object(HttpAnswer(200, (), body)) == found


async def test_a_redirect_is_an_answer() -> None:
    async with http_server(Answer(status=302, headers=(("Location", "/away"),))) as server:
        answer = await exchange("GET", server.url)
    assert (answer.status, len(server.asked)) == (302, 1)


async def test_an_answer_over_the_limit() -> None:
    async with http_server(Answer(raw=b"x" * 11), Answer(raw=b"x" * 10)) as server:
        with pytest.raises(HttpFailed, match="too large") as failed:
            await exchange("GET", server.url, limit=10)
        assert (await exchange("GET", server.url, limit=10)).body == b"x" * 10
    assert failed.value.sent


async def test_nothing_was_sent_where_nobody_listens() -> None:
    async with http_server(Answer()) as server:
        url = server.url
    with pytest.raises(HttpFailed, match="ConnectError") as failed:
        await exchange("GET", url)
    assert (failed.value.sent, failed.value.certificate, failed.value.timed_out) == (
        False,
        False,
        False,
    )


async def test_something_may_have_been_sent_before_the_connection_ended() -> None:
    async with http_server(Answer(cut=True)) as server:
        with pytest.raises(HttpFailed, match="was not reached") as failed:
            await exchange("POST", server.url, content=b"x")
    assert (failed.value.sent, failed.value.timed_out) == (True, False)


async def test_a_certificate_that_is_not_trusted() -> None:
    async with http_server(Answer({}), context=server_context()) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(HttpFailed, match="certificate") as failed:
            await exchange("GET", url)
        answer = await exchange("GET", url, context=trusting_context())
    assert (failed.value.certificate, failed.value.sent) == (True, False)
    assert answer.ok


async def test_a_server_that_says_nothing() -> None:
    async with http_server(Answer(silent=True)) as server:
        with pytest.raises(HttpFailed, match="in time") as failed:
            await exchange("GET", server.url, timeout=0.05)
    assert (failed.value.timed_out, failed.value.sent) == (True, True)


async def test_cancelling_leaves_nothing_behind() -> None:
    stream = Stream(1_000)
    async with http_server(Answer(deaf=True)) as server:
        asking = asyncio.create_task(
            exchange("POST", server.url, content=stream.content, headers=stream.length)
        )
        await server.arrived.wait()
        asking.cancel()
        await asyncio.wait([asking])
    assert (asking.cancelled(), stream.closed) == (True, True)


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    async with http_server(Answer({})) as server:
        assert (await exchange("GET", server.url, proxy="http://127.0.0.1:9")).ok


async def test_a_streamed_body_arrives_whole() -> None:
    stream = Stream(20)
    async with http_server(Answer({})) as server:
        await exchange("POST", server.url, content=stream.content, headers=stream.length)
    assert server.asked[0].body == CHUNK * 20
    assert "transfer-encoding" not in server.asked[0].headers
    assert (stream.taken, stream.closed) == (20, True)


async def test_the_time_out_of_a_streamed_body_is_one_of_standstill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each chunk takes nine tenths of it, by the loop's clock."""
    loop = asyncio.get_running_loop()
    real, shift = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + shift)

    def slowly() -> None:
        nonlocal shift
        shift += 900.0

    stream = Stream(20, slowly)
    async with http_server(Answer({})) as server:
        answer = await exchange(
            "POST", server.url, content=stream.content, headers=stream.length, timeout=1_000.0
        )
    assert answer.ok


async def test_a_server_that_reads_no_further_is_left() -> None:
    stream = Stream(1_000)
    async with http_server(Answer(deaf=True)) as server:
        with pytest.raises(HttpFailed, match="in time") as failed:
            await exchange(
                "POST", server.url, content=stream.content, headers=stream.length, timeout=0.3
            )
    assert failed.value.timed_out
    assert (stream.taken < 1_000, stream.closed) == (True, True)


async def test_an_answer_that_comes_before_the_body_was_read() -> None:
    """The rest of a small body is lost on the way; the answer counts."""
    stream = Stream(1)
    async with http_server(Answer({"a": 1}, 413, hasty=True)) as server:
        answer = await exchange("POST", server.url, content=stream.content, headers=stream.length)
    assert answer.status == 413


async def test_what_a_streamed_body_raises_is_raised() -> None:
    def fail() -> None:
        raise LookupError("mine")

    stream = Stream(2, fail)
    async with http_server(Answer({})) as server:
        with pytest.raises(LookupError, match="mine"):
            await exchange("POST", server.url, content=stream.content, headers=stream.length)
    assert stream.closed
