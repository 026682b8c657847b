from __future__ import annotations

import struct

import pytest

from livechat_customer.sandbox.image_size import image_size

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 320, 200) + b"\0\0\0"
JPEG = (
    b"\xff\xd8"
    + b"\xff\xe0"
    + struct.pack(">H", 16)
    + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    + b"\xff\xc4"
    + struct.pack(">H", 4)
    + b"\0\0"
    + b"\xff\xc2"
    + struct.pack(">HBHHB", 11, 8, 480, 640, 1)
    + b"\x01\x11\0"
)


@pytest.mark.parametrize(
    ("data", "size"), [(PNG, (640, 480)), (GIF, (320, 200)), (JPEG, (640, 480))]
)
def test_pictures(data: bytes, size: tuple[int, int]) -> None:
    assert image_size(data) == size


@pytest.mark.parametrize("data", [PNG, GIF, JPEG])
def test_every_truncation_is_survived(data: bytes) -> None:
    for end in range(len(data)):
        assert image_size(data[:end]) in (None, (640, 480), (320, 200))
    assert image_size(data[:6]) is None


def test_other_files_have_no_size() -> None:
    assert image_size(b"") is None
    assert image_size(b"%PDF-1.7 and so on and so on and so on") is None
    assert image_size(b"\xff\xd8" + b"\0" * 20) is None
