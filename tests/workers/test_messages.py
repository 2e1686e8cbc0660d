"""What a worker says is believed only where it is of its kind, in its range and in agreement."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions import Captions
from pipeline.errors import PhotoRefused
from pipeline.labels import Code
from pipeline.lifecycle import Reason
from pipeline.upload_name import upload_name
from pipeline.values import (
    EncodeReport,
    EncodeSettings,
    ImageFormat,
    Inspection,
    Limits,
    Oddity,
    Original,
    Picture,
    Placement,
    Preset,
    Profile,
)
from pipeline.workers import messages
from pipeline.workers.frames import Malformed
from pipeline.workers.messages import Setup, Task, What

LIMITS = Limits()
ORIGINAL = Original(
    sha256="0" * 64,
    size=10,
    path=Path("/photos/158/name\udcff.jpg"),
    root=Path("/photos"),
    sku="a secret of the studio",
    placement=Placement(product_id=158, rule="folder"),
)
INSPECTION = Inspection(
    format=ImageFormat.JPEG,
    width=6000,
    height=4000,
    orientation=6,
    mode="RGB",
    bit_depth=8,
    profile=Profile.OTHER,
    frames=1,
    private=True,
    trailing=False,
    oddities=(Oddity.BIT_MASKS, Oddity.NO_END_MARK),
)
PICTURE = Picture(
    sha256="ab" * 32,
    spool_name=f"ab/{'ab' * 32}-7.jpg",
    size=999_000,
    width=2048,
    height=1365,
    format=ImageFormat.JPEG,
    upload_name=upload_name(ORIGINAL.path, ORIGINAL.sha256, ImageFormat.JPEG),
    passthrough=False,
    work=("turned upright", "6000 × 4000 → 2048 × 1365"),
    encode_report=EncodeReport(scale=0.3413, decoded=0.5, quality=91.5, encodes=5, why="it fits"),
)


SAID = asdict(Captions(title="A mug"))


def through_json(message: object) -> object:
    sent: object = json.loads(json.dumps(message))
    return sent


def test_what_is_sent_of_a_value_is_all_of_it() -> None:
    for value in (INSPECTION, PICTURE, replace(PICTURE, encode_report=None)):
        assert messages.value_message(value) == asdict(value)


def read_inspection(message: object) -> Inspection:
    return messages.inspection_from(message, LIMITS)


def read_picture(message: object) -> Picture:
    return messages.picture_from(message, ORIGINAL, LIMITS, "7")


def test_what_a_worker_is_told_arrives() -> None:
    setup = Setup(
        limits=Limits(max_bytes=7),
        encoding=EncodeSettings(preset=Preset.FAST, keep_copyright=False),
        spool=Path("/home/spool\udcff"),
        memory=5,
        seconds=1.5,
    )
    assert messages.setup_from(through_json(messages.setup_message(setup))) == setup


@pytest.mark.parametrize("kept", [None, Path("/home/kept/00")])
def test_a_task_arrives_with_no_more_than_is_needed_for_it(kept: Path | None) -> None:
    original = replace(ORIGINAL, kept=kept)
    task = Task(what=What.RENDER, original=original, inspection=INSPECTION, photo_id="7", memory=9)
    sent = messages.task_message(task)
    assert "secret" not in json.dumps(sent)
    arrived = messages.task_from(through_json(sent), LIMITS)
    assert (arrived.inspection, arrived.photo_id, arrived.memory) == (INSPECTION, "7", 9)
    assert arrived.original == Original(
        sha256=ORIGINAL.sha256, size=10, path=ORIGINAL.path, root=ORIGINAL.root, kept=kept
    )


def test_what_was_found_and_made_arrives() -> None:
    said = replace(INSPECTION, captions=Captions(title="می\u200cخواهم", keywords=("mug", "red")))
    for found in (said, INSPECTION):
        assert read_inspection(through_json(messages.value_message(found))) == found
    assert read_picture(through_json(messages.value_message(PICTURE))) == PICTURE


def test_a_refusal_arrives_on_one_line() -> None:
    refusal = PhotoRefused(Reason.DAMAGED, "it is\x1b[2J\ndamaged")
    said = messages.refusal_from(through_json(messages.refusal_message(refusal)))
    assert (said.reason, str(said)) == (Reason.DAMAGED, r"it is\x1b[2J\ndamaged")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "TIFF"),
        ("format", ["JPEG"]),
        ("width", 0),
        ("width", True),
        ("width", 6000.0),
        ("width", "6000"),
        ("width", 1 << 40),
        ("height", 100_000),
        ("orientation", 9),
        ("mode", "RGB\n"),
        ("mode", "R" * 17),
        ("mode", None),
        ("bit_depth", -8),
        ("profile", "mine"),
        ("frames", 5001),
        ("private", 1),
        ("trailing", None),
        ("oddities", ["an unheard-of one"]),
        ("oddities", ["bit-masks"] * 9),
        ("oddities", [["bit-masks"]]),
        ("oddities", "bit-masks"),
        ("captions", "A mug"),
        ("captions", {**SAID, "title": "two\nlines"}),
        ("captions", {**SAID, "caption": "long " * 1_000}),
        ("captions", {**SAID, "headline": None}),
        ("captions", {**SAID, "keywords": "mug"}),
        ("captions", {**SAID, "keywords": ["mug"] * 41}),
        ("captions", {**SAID, "keywords": ["\x1b[2J"]}),
        ("captions", {"title": "A mug"}),
    ],
)
def test_an_inspection_that_no_check_gives_is_malformed(name: str, value: object) -> None:
    with pytest.raises(Malformed):
        read_inspection({**asdict(INSPECTION), name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sha256", "AB" * 32),
        ("sha256", "ab" * 31),
        ("sha256", "cd" * 32),
        ("spool_name", "../../pipeline.toml"),
        ("spool_name", "/etc/passwd"),
        ("spool_name", f"ab/{'ab' * 32}-7.png"),
        ("spool_name", f"ab/{'ab' * 32}-8.jpg"),
        ("size", 0),
        ("size", 1_000_001),
        ("width", 2049),
        ("height", -1),
        ("format", "PNG"),
        ("upload_name", "another-0000000000.jpg"),
        ("upload_name", "../x.jpg"),
        ("passthrough", 0),
        ("work", "turned upright"),
        ("work", ["a\x1b[2J"]),
        ("work", ["x" * 10_000]),
        ("work", ["x"] * 1000),
        ("encode_report", {}),
        ("encode_report", {**asdict(EncodeReport()), "scale": float("nan")}),
        ("encode_report", {**asdict(EncodeReport()), "quality": 101}),
        ("encode_report", {**asdict(EncodeReport()), "encodes": 1.5}),
    ],
)
def test_a_picture_that_may_not_go_up_or_is_another_s_is_malformed(
    name: str, value: object
) -> None:
    with pytest.raises(Malformed):
        read_picture({**asdict(PICTURE), name: value})


@pytest.mark.parametrize(
    ("read", "message"), [(read_inspection, asdict(INSPECTION)), (read_picture, asdict(PICTURE))]
)
def test_a_name_too_many_or_too_few_is_malformed(
    read: Callable[[object], object], message: dict[str, object]
) -> None:
    with pytest.raises(Malformed):
        read({**message, "more": 1})
    for name in message:
        with pytest.raises(Malformed):
            read({key: value for key, value in message.items() if key != name})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(asdict(PICTURE))), ANYTHING)
def test_whatever_stands_in_a_picture_it_is_of_its_kind_or_malformed(
    name: str, value: object
) -> None:
    try:
        picture = read_picture({**asdict(PICTURE), name: value})
    except Malformed:
        return
    assert picture.spool_name == PICTURE.spool_name
    assert type(getattr(picture, name)) in (type(getattr(PICTURE, name)), type(None))


@given(ANYTHING)
def test_whatever_is_said_it_is_a_refusal_or_malformed(value: object) -> None:
    for message in (value, {"reason": "damaged", "sentence": value}):
        try:
            assert str(messages.refusal_from(message)).isprintable()
        except Malformed:
            continue


def test_the_codes_of_a_photograph_arrive_and_nothing_else_in_their_place() -> None:
    found = (Code(text="SM-13", retail=False, share=0.5),)
    assert messages.codes_from(json.loads(json.dumps(messages.codes_message(found)))) == found
    whole = {"text": "SM-13", "retail": False, "share": 0.5}
    for wrong in (None, [None], [{**whole, "share": 2}], [{**whole, "more": 1}], [whole] * 21):
        with pytest.raises(Malformed):
            messages.codes_from(wrong)
