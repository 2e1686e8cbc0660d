"""What the pool and its workers say to each other, as JSON objects, and how much of it is believed.

To a worker: what it is told once (`Setup`), then one task after another (`Task`), with the memory
that it has for it, and between them whether more, that it asked for, is its own. From a worker:
`{"reserve": bytes}` and `{"release": true}` while it is at a task, then one answer: `done`,
`refused`, `spool_failed` or `defect`.

A worker looks into foreign bytes and may have been taken over by them. What it answers is
therefore read as what a stranger sends: every name and no other, every value of its kind and
within its range, or it is `Malformed`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from pipeline.alt_text import spoken
from pipeline.captions import MOST_KEYWORDS, MOST_SIGNS, Captions
from pipeline.errors import PhotoRefused
from pipeline.home import spool_name
from pipeline.labels import LONGEST_CODE, MOST_CODES, Code
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
    Preset,
    Profile,
)
from pipeline.wording import plain
from pipeline.workers.confinement import Protection
from pipeline.workers.frames import Malformed

__all__ = [
    "PROTECTION",
    "Fields",
    "Setup",
    "Task",
    "What",
    "codes_from",
    "codes_message",
    "digest_from",
    "inspection_from",
    "picture_from",
    "protection_from",
    "refusal_from",
    "refusal_message",
    "setup_from",
    "setup_message",
    "task_from",
    "task_message",
    "value_message",
]

MOST_TEXT: Final = 8_000
"""Characters of one sentence: it may name a path, which Linux ends at 4,096 bytes."""
MOST_TRACEBACK: Final = 20_000
"""Characters of a traceback, of which the end says most."""
MOST_WORK: Final = 40
"""Things that were done to a picture."""
MOST_MEMORY: Final = 1 << 50
"""More than a machine has."""

PROTECTION: Final[Mapping[str, object]] = {"what": "protection"}
"""Asks what is in force in a worker."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a worker is told once, when it is started.

    Attributes:
        limits: of what comes in and goes up.
        encoding: how a picture is made.
        spool: the folder of prepared pictures.
        memory: bytes that one decoded picture may take.
        seconds: that one task may take, waiting for memory not counted.
        labels: codes will be looked for.
    """

    limits: Limits
    encoding: EncodeSettings
    spool: Path
    memory: int
    seconds: float
    labels: bool = False


class What(StrEnum):
    """What a worker can be asked to do."""

    CHECK = "check"
    CODES = "codes"
    PIXELS = "pixels"
    PROVE = "prove"
    RENDER = "render"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One photograph and what is to be done with it; a check alone needs no inspection.

    Where a picture is made, `photo_id` says under whose name it is kept in the spool, and `memory`
    for how many bytes nobody need be asked.
    """

    what: What
    original: Original
    inspection: Inspection | None = None
    photo_id: str = ""
    memory: int = 0


class Fields:
    """The members of a JSON object that must have these names and no others."""

    def __init__(self, value: object, *names: str) -> None:
        if not isinstance(value, dict) or set(value) != set(names):
            raise Malformed(f"not an object of {', '.join(names)}")
        self._members: Mapping[str, object] = value

    def __getitem__(self, name: str) -> object:
        """Return a member as it came."""
        return self._members[name]

    def whole(self, name: str, least: int, most: int) -> int:
        """Return a whole number within a range."""
        value = self._members[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Malformed(f"{name} is no whole number from {least} to {most}")
        return value

    def number(self, name: str, least: float, most: float) -> float:
        """Return a number within a range."""
        value = self._members[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Malformed(f"{name} is no number")
        if not math.isfinite(value) or not least <= value <= most:
            raise Malformed(f"{name} is no number from {least} to {most}")
        return float(value)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._members[name]
        if not isinstance(value, bool):
            raise Malformed(f"{name} is neither true nor false")
        return value

    def text(self, name: str, most: int = MOST_TEXT) -> str:
        """Return a text that people may be shown: of bounded length, on one line."""
        return _text(self._members[name], name, most)

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """Return so many texts at the most."""
        value = self._members[name]
        if not isinstance(value, list) or len(value) > most:
            raise Malformed(f"{name} is no list of at most {most}")
        return tuple(_text(one, name, MOST_TEXT) for one in value)

    def lines(self, name: str, most: int) -> str:
        """Return a text of several lines."""
        value = self._members[name]
        if not isinstance(value, str) or len(value) > most:
            raise Malformed(f"{name} is no text")
        for line in value.split("\n"):
            _text(line, name, most)
        return value

    def path(self, name: str) -> Path:
        """Return a path, whatever signs it has."""
        value = self._members[name]
        if not isinstance(value, str) or not value or "\0" in value:
            raise Malformed(f"{name} is no path")
        return Path(value)

    def digest(self, name: str) -> str:
        """Return a SHA-256 in hexadecimal."""
        value = self._members[name]
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise Malformed(f"{name} is no SHA-256")
        return value

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """Return a member of an enumeration."""
        value = self._members[name]
        if not isinstance(value, str) or value not in [one.value for one in kind]:
            raise Malformed(f"{name} is none of those that there are")
        return kind(value)

    def choices(self, name: str, kind: type[_Choice]) -> tuple[_Choice, ...]:
        """Return members of an enumeration, each once at the most."""
        value = self._members[name]
        known = {one.value: one for one in kind}
        if not isinstance(value, list) or len(value) > len(known):
            raise Malformed(f"{name} is no list of those that there are")
        if not all(isinstance(one, str) and one in known for one in value):
            raise Malformed(f"{name} has one that there is not")
        return tuple(known[one] for one in value)


def setup_message(setup: Setup) -> dict[str, object]:
    """Return what a worker is told once."""
    return {**asdict(setup), "spool": str(setup.spool)}


def setup_from(message: object) -> Setup:
    """Return what a worker was told once.

    Raises:
        Malformed: it is something else.
    """
    told = Fields(message, *_names(Setup))
    limits = Fields(told["limits"], *_names(Limits))
    encoding = Fields(told["encoding"], *_names(EncodeSettings))
    return Setup(
        limits=Limits(**{name: limits.whole(name, 0, 1 << 62) for name in _names(Limits)}),
        encoding=EncodeSettings(
            preset=encoding.choice("preset", Preset),
            quality_best=encoding.whole("quality_best", 1, 100),
            quality_floor=encoding.whole("quality_floor", 1, 100),
            keep_copyright=encoding.flag("keep_copyright"),
        ),
        spool=told.path("spool"),
        memory=told.whole("memory", 0, 1 << 62),
        seconds=told.number("seconds", 0, 1e9),
        labels=told.flag("labels"),
    )


def task_message(task: Task) -> dict[str, object]:
    """Return a task as it is sent: of a photograph no more than its place and its content."""
    original = task.original
    return {
        "what": task.what,
        "sha256": original.sha256,
        "size": original.size,
        "path": str(original.path),
        "root": str(original.root),
        "kept": None if original.kept is None else str(original.kept),
        "inspection": value_message(task.inspection),
        "photo_id": task.photo_id,
        "memory": task.memory,
    }


def task_from(message: object, limits: Limits) -> Task:
    """Return a task as it was sent.

    Raises:
        Malformed: it is something else.
    """
    names = ("what", "sha256", "size", "path", "root", "kept", "inspection", "photo_id", "memory")
    sent = Fields(message, *names)
    inspection = sent["inspection"]
    return Task(
        what=sent.choice("what", What),
        original=Original(
            sha256=sent.digest("sha256"),
            size=sent.whole("size", 0, 1 << 62),
            path=sent.path("path"),
            root=sent.path("root"),
            kept=None if sent["kept"] is None else sent.path("kept"),
        ),
        inspection=None if inspection is None else inspection_from(inspection, limits),
        photo_id=sent.text("photo_id", 100),
        memory=sent.whole("memory", 0, MOST_MEMORY),
    )


def value_message(value: Inspection | Picture | str | None) -> dict[str, object] | str | None:
    """Return what a worker found or made as it is sent."""
    if value is None or isinstance(value, str):
        return value
    # Not `asdict`, which copies each of them to its depth: a request for a picture holds one.
    kind = Inspection if isinstance(value, Inspection) else Picture
    members: dict[str, object] = {name: getattr(value, name) for name in _names(kind)}
    for name in ("captions", "encode_report"):
        if members.get(name) is not None:
            members[name] = asdict(getattr(value, name))
    return members


def codes_message(codes: tuple[Code, ...]) -> list[dict[str, object]]:
    """Return the codes that a worker found as they are sent."""
    return [asdict(code) for code in codes]


def codes_from(message: object) -> tuple[Code, ...]:
    """Return the codes that a worker found in a photograph.

    Raises:
        Malformed: it is something else.
    """
    if not isinstance(message, list) or len(message) > MOST_CODES:
        raise Malformed("codes are no list, or too many")
    found = [Fields(one, "text", "retail", "share") for one in message]
    return tuple(
        Code(
            text=one.text("text", LONGEST_CODE),
            retail=one.flag("retail"),
            share=one.number("share", 0, 1),
        )
        for one in found
    )


def digest_from(message: object) -> str:
    """Return a SHA-256 that a worker found.

    Raises:
        Malformed: it is something else.
    """
    return Fields({"digest": message}, "digest").digest("digest")


def inspection_from(message: object, limits: Limits) -> Inspection:
    """Return what a worker found.

    Raises:
        Malformed: it is something else, or beyond what `check` lets pass.
    """
    found = Fields(message, *_names(Inspection))
    width = found.whole("width", 1, limits.most_pixels)
    return Inspection(
        format=found.choice("format", ImageFormat),
        width=width,
        height=found.whole("height", 1, limits.most_pixels // width),
        orientation=found.whole("orientation", 1, 8),
        mode=found.text("mode", 16),
        bit_depth=found.whole("bit_depth", 1, 64),
        profile=found.choice("profile", Profile),
        frames=found.whole("frames", 1, max(1, limits.most_frames)),
        private=found.flag("private"),
        trailing=found.flag("trailing"),
        oddities=found.choices("oddities", Oddity),
        captions=None if found["captions"] is None else _captions_from(found["captions"]),
    )


def _captions_from(message: object) -> Captions:
    said = Fields(message, *_names(Captions))
    words = said["keywords"]
    if not isinstance(words, list) or len(words) > MOST_KEYWORDS:
        raise Malformed("keywords are no list of so many")
    return Captions(
        title=_words(said["title"]),
        headline=_words(said["headline"]),
        caption=_words(said["caption"]),
        keywords=tuple(map(_words, words)),
        taken=said.text("taken", 40),
    )


def _words(value: object) -> str:
    # `isprintable` would refuse what joins the letters of some languages.
    if not isinstance(value, str) or len(value) > MOST_SIGNS or spoken(value) != value:
        raise Malformed("its words are none that can be shown")
    return value


def picture_from(
    message: object, original: Original, limits: Limits, photo_id: str = ""
) -> Picture:
    """Return what a worker made of a photograph.

    What follows from something else is not believed, it must agree: the name in the spool is made
    of the digest, the photograph's id and the format, the name to upload under of the photograph.

    Raises:
        Malformed: it is something else, or beyond what may go up.
    """
    made = Fields(message, *_names(Picture))
    sha256, format_ = made.digest("sha256"), made.choice("format", ImageFormat)
    report = made["encode_report"]
    picture = Picture(
        sha256=sha256,
        spool_name=spool_name(sha256, photo_id, format_.suffix),
        size=made.whole("size", 1, limits.max_bytes),
        width=made.whole("width", 1, limits.longest_side),
        height=made.whole("height", 1, limits.longest_side),
        format=format_,
        upload_name=upload_name(original.path, original.sha256, format_),
        passthrough=made.flag("passthrough"),
        work=made.texts("work", MOST_WORK),
        encode_report=None if report is None else _report_from(report),
        likeness=None if made["likeness"] is None else made.digest("likeness"),
    )
    if (made["spool_name"], made["upload_name"]) != (picture.spool_name, picture.upload_name):
        raise Malformed("its names are not those of its content")
    return picture


def protection_from(message: object) -> Protection:
    """Return what is in force in a worker, as it says.

    Raises:
        Malformed: it is something else.
    """
    said = Fields(message, *_names(Protection))
    return Protection(landlock=said.whole("landlock", 0, 1000), seccomp=said.flag("seccomp"))


def refusal_message(refusal: PhotoRefused) -> dict[str, object]:
    """Return a refusal as it is sent: no sign of a file's name may end its line."""
    return {"reason": refusal.reason, "sentence": plain(str(refusal))[:MOST_TEXT]}


def refusal_from(message: object) -> PhotoRefused:
    """Return a refusal as it was sent.

    Raises:
        Malformed: it is something else.
    """
    said = Fields(message, "reason", "sentence")
    return PhotoRefused(said.choice("reason", Reason), said.text("sentence"))


def _report_from(message: object) -> EncodeReport:
    report = Fields(message, *_names(EncodeReport))
    return EncodeReport(
        scale=report.number("scale", 0, 1),
        decoded=report.number("decoded", 0, 1),
        resampling=report.text("resampling"),
        chroma=report.text("chroma"),
        quality=None if report["quality"] is None else report.number("quality", 0, 100),
        encodes=report.whole("encodes", 0, 100_000),
        why=report.text("why"),
    )


@cache
def _names(
    kind: type[
        Setup
        | Limits
        | EncodeSettings
        | Inspection
        | Captions
        | Picture
        | EncodeReport
        | Protection
    ],
) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not (value.isprintable()):
        raise Malformed(f"{name} is no text that can be shown")
    return value
