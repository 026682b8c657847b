"""Credentials in memory."""

from __future__ import annotations

from transport_kit import SECRET, token

from livechat_customer.records import StreamKey
from livechat_customer.transport.credentials import Credentials, MemoryCredentials


async def test_kept_by_stream_and_forgotten() -> None:
    store = MemoryCredentials()
    one, other = StreamKey("o", "c"), StreamKey("o", "c", profile="other")
    held = Credentials(cid="id", cst="secret", token=token())

    await store.save(one, held)

    assert await store.load(one) == held
    assert await store.load(other) is None
    await store.delete(one)
    await store.delete(other)
    assert await store.load(one) is None


def test_the_repr_shows_no_secret() -> None:
    text = repr(Credentials(cid="id", cst="a-cookie-secret", token=token()))

    assert text == "Credentials(identity=True, token=True)"
    assert SECRET not in text
