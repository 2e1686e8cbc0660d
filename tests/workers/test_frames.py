"""Frames carry JSON objects and nothing else, and whatever else comes is malformed."""

from __future__ import annotations

import io
import json
import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.workers import frames


def framed(content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + content


def sent(message: dict[str, object]) -> bytes:
    pipe = io.BytesIO()
    frames.write(pipe, message)
    return pipe.getvalue()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # With halves of pairs: what the name of a file may hold.
    | st.text(st.characters(codec=None, exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), JSON), max_size=3))
def test_what_was_written_is_read(written: list[dict[str, object]]) -> None:
    pipe = io.BytesIO(b"".join(sent(message) for message in written))
    assert [frames.read(pipe) for _ in written] == written
    with pytest.raises(EOFError):
        frames.read(pipe)


@given(st.binary())
def test_any_bytes_are_an_object_an_end_or_malformed(content: bytes) -> None:
    for given_ in (content, framed(content)):
        try:
            assert isinstance(frames.read(io.BytesIO(given_)), dict)
        except (EOFError, frames.Malformed):
            continue


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'{"a": 1} {"b": 2}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        '{"a": "ä"}'.encode(),
        b'{"a": "\xff\xfe"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 40_000,
        pickle.dumps({"a": 1}),
    ],
)
def test_what_is_no_object_of_unique_names_is_malformed(content: bytes) -> None:
    with pytest.raises(frames.Malformed):
        frames.read(io.BytesIO(framed(content)))


def test_a_message_that_is_too_long_is_not_even_read() -> None:
    pipe = io.BytesIO(struct.pack("!I", frames.MOST_BYTES + 1) + b"x" * 100)
    with pytest.raises(frames.Malformed):
        frames.read(pipe)
    assert pipe.tell() == 4
    with pytest.raises(ValueError, match="bytes"):
        sent({"a": "x" * frames.MOST_BYTES})


def test_the_longest_that_may_be_is_read() -> None:
    message: dict[str, object] = {"a": "x" * (frames.MOST_BYTES - len(json.dumps({"a": ""})))}
    assert frames.read(io.BytesIO(sent(message))) == message
