"""The form of a create call is the same whatever its picture is read from."""

from __future__ import annotations

import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

from pipeline.upload.body import multipart

FACTS = st.dictionaries(
    st.sampled_from(["sort_order", "is_thumbnail", "description"]),
    st.one_of(st.booleans(), st.integers(0, 10**9), st.text(max_size=40)),
)


def nobody(now: MultipartEncoderMonitor) -> None:
    """Is told, and does nothing."""


def read_in(body: MultipartEncoderMonitor, most: int) -> bytes:
    pieces = []
    while piece := body.read(most):
        pieces.append(piece)
    return b"".join(pieces)


def as_written(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).encode("utf-8", "replace").decode()


@given(content=st.binary(max_size=70_000), facts=FACTS, most=st.integers(1, 40_000))
def test_a_body_is_what_the_encoder_makes_of_the_same_fields(
    content: bytes, facts: dict[str, str | int | bool], most: int
) -> None:
    body = multipart(io.BytesIO(content), len(content), "a-0123456789.png", facts, nobody)
    form = {name: as_written(value) for name, value in facts.items()}
    picture = ("a-0123456789.png", content, "image/png")
    plain = MultipartEncoder({**form, "image_file": picture}, boundary=body.encoder.boundary_value)
    assert body.len == plain.len
    assert body.content_type == plain.content_type
    assert read_in(body, most) == plain.to_string()
    assert body.bytes_read == body.len


def test_of_a_picture_nothing_is_asked_but_its_bytes(tmp_path: Path) -> None:
    """Each question to the system lets another thread go first: a photograph had forty."""
    asked: list[str] = []

    class Watched(io.FileIO):
        def fileno(self) -> int:
            asked.append("fileno")
            return super().fileno()

        def tell(self) -> int:
            asked.append("tell")
            return super().tell()

        def read(self, size: int | None = -1, /) -> bytes:
            asked.append("read")
            return super().read(size) or b""

    path = tmp_path / "picture"
    path.write_bytes(bytes(7_000))
    with Watched(path) as file:
        body = multipart(file, 7_000, "a-0123456789.jpg", {"sort_order": 1}, nobody)
        asked.clear()
        read_in(body, 16_384)
    assert asked == ["read"]


def test_a_picture_that_is_shorter_than_was_said_ends_and_one_that_is_longer_is_cut() -> None:
    short = multipart(io.BytesIO(bytes(100)), 5_000, "a.png", {}, nobody)
    assert len(read_in(short, 1_000)) == short.len - 4_900
    long = multipart(io.BytesIO(bytes(5_000)), 100, "a.png", {}, nobody)
    assert len(read_in(long, 1_000)) == long.len


def test_a_name_that_is_no_text_goes_up_as_one() -> None:
    body = multipart(io.BytesIO(b"x"), 1, "a\udcff.xyz", {"description": "b\udcff"}, nobody)
    content = read_in(body, 1 << 20)
    assert b'filename="a?.xyz"' in content
    assert b"application/octet-stream" in content
    assert b"b?" in content
