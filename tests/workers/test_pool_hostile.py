"""A worker that a hostile file took over: whatever it says costs that photograph, and no more."""

from __future__ import annotations

import json
import os
import pickle
import struct
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.memory import Budget
from pipeline.upload_name import upload_name
from pipeline.values import ImageFormat, Picture
from pipeline.workers import Workers, frames
from tests.stories.commands import photograph
from tests.workers.test_messages import INSPECTION
from tests.workers.test_pool import setup, taken

# Loaded by every Python process that finds it: instead of a worker, one that reads what it is
# told and says what the test put down for it.
HOSTILE = """
import os, sys, time
if any("pipeline.workers" in word for word in sys.orig_argv):
    def message():
        left = int.from_bytes(sys.stdin.buffer.read(4), "big")
        return sys.stdin.buffer.read(left)
    message()
    if message():
        exec(open(os.environ["HOSTILE_WORKER"]).read())
    os._exit(0)
"""

SAYS = "os.write(1, open(os.environ['HOSTILE_WORKER'] + '.bytes', 'rb').read())\n"


class Ask(Protocol):
    def __call__(self, code: str, content: bytes = b"", seconds: float = 50) -> PhotoRefused: ...


def framed(message: object) -> bytes:
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack("!I", len(content)) + content


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what a photograph is refused with where its worker runs that code and has those
    bytes to say."""
    (tmp_path / "sitecustomize.py").write_text(HOSTILE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HOSTILE_WORKER", str(tmp_path / "code"))
    original = taken(photograph(tmp_path / "a.jpg", 1))

    def asked(code: str, content: bytes = b"", seconds: float = 50) -> PhotoRefused:
        (tmp_path / "code").write_text(code)
        (tmp_path / "code.bytes").write_bytes(content)
        workers = Workers(setup(tmp_path / "spool", seconds), Budget(400_000_000), start=0)
        with pytest.raises(PhotoRefused) as refused:
            workers.render(original, INSPECTION)
        workers.close()
        return refused.value

    return asked


class Bomb:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {os.environ['HOSTILE_WORKER']}.ran",)


def made(tmp_path: Path, **other: object) -> dict[str, object]:
    """Return what a worker says of a picture that it made of the photograph."""
    original = taken(tmp_path / "a.jpg")
    sha256 = "ab" * 32
    picture = Picture(
        sha256=sha256,
        spool_name=f"ab/{sha256}.jpg",
        size=5,
        width=10,
        height=10,
        format=ImageFormat.JPEG,
        upload_name=upload_name(original.path, original.sha256, ImageFormat.JPEG),
        passthrough=False,
        work=(),
    )
    return {"done": {**asdict(picture), **other}}


def test_bytes_that_run_code_where_they_are_unpickled_run_none(tmp_path: Path, ask: Ask) -> None:
    for content in (pickle.dumps(Bomb()), framed(pickle.dumps(Bomb()))):
        assert ask(SAYS + "time.sleep(60)", content).reason is Reason.DECODER_CRASHED
    assert not (tmp_path / "code.ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        struct.pack("!I", 0xFFFFFFFF),
        framed(b"[" * 200_000),
        framed(b'{"done": NaN}'),
        framed(b'{"done": null, "done": null}'),
        framed(b'{"done": "\xff"}'),
        framed({}),
        framed({"done": None}),
        framed({"done": None, "release": True}),
        framed({"done": asdict(INSPECTION)}),
        framed({"refused": "damaged"}),
        framed({"refused": {"reason": "because", "sentence": "x"}}),
        framed({"refused": {"reason": "damaged", "sentence": "\x1b[2J"}}),
        framed({"refused": {"reason": "damaged", "sentence": "x" * 100_000}}),
        framed({"defect": "x" * 100_000}),
        framed({"spool_failed": 5}),
        framed({"release": 1}),
        framed({"reserve": -1}),
        framed({"reserve": True}),
        framed({"reserve": 1e300}),
        framed({"reserve": 1}) * 9,
    ],
)
def test_what_no_worker_says_ends_it_at_once(ask: Ask, content: bytes) -> None:
    assert ask(SAYS + "time.sleep(90)", content).reason is Reason.DECODER_CRASHED


def test_a_picture_that_is_not_in_the_spool_as_it_says_is_not_believed(
    tmp_path: Path, ask: Ask
) -> None:
    photograph(tmp_path / "a.jpg", 1)
    secret = tmp_path / "pipeline.toml"
    secret.write_bytes(b"token")
    place = tmp_path / "spool" / "ab" / f"{'ab' * 32}.jpg"
    place.parent.mkdir(parents=True)
    for spool_name in ("../pipeline.toml", str(secret)):
        content = framed(made(tmp_path, spool_name=spool_name))
        assert ask(SAYS, content).reason is Reason.DECODER_CRASHED
    content = framed(made(tmp_path))
    assert ask(SAYS, content).reason is Reason.DECODER_CRASHED
    place.write_bytes(b"other")
    assert ask(SAYS, content).reason is Reason.DECODER_CRASHED
    if os.name == "posix":
        place.unlink()
        place.symlink_to(secret)
        assert ask(SAYS, content).reason is Reason.DECODER_CRASHED


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), framed_=st.booleans())
def test_any_bytes_at_all_cost_the_photograph_alone(
    ask: Ask, content: bytes, framed_: bool
) -> None:
    refusal = ask(SAYS, framed(content) if framed_ else content)
    assert refusal.reason is Reason.DECODER_CRASHED


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(60)",
        "os.write(1, b'\\0\\0'); time.sleep(60)",
        "while True: os.write(1, b'\\0\\0\\0\\x11{\"release\": true}')",
    ],
)
def test_one_that_never_answers_is_ended(ask: Ask, code: str) -> None:
    assert ask(code, seconds=2).reason is Reason.TOO_SLOW


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_one_whose_child_keeps_the_pipe_open_is_given_up(ask: Ask) -> None:
    began = time.monotonic()
    assert ask("os.fork(); time.sleep(30)", seconds=2).reason is Reason.TOO_SLOW
    assert time.monotonic() - began < 20


def test_a_sentence_of_its_own_is_the_most_that_it_can_say(ask: Ask) -> None:
    refusal = ask(SAYS, framed({"refused": {"reason": "damaged", "sentence": "it is damaged"}}))
    assert (refusal.reason, str(refusal)) == (Reason.DAMAGED, "it is damaged")
    assert frames.MOST_BYTES < 1 << 20
