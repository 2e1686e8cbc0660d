"""How the values that a photograph's row keeps whole are written, as short as they can be read.

A record is a JSON object in one column. What is as it mostly is, and what the row says in another
column, is left out of it. So a record of an earlier version, which left nothing out, is read by the
same rule; it is written anew where the photograph is changed, or tidied.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from pipeline.captions import Captions
from pipeline.home import spool_name
from pipeline.ledger.database import Row
from pipeline.values import (
    EncodeReport,
    ImageFormat,
    Inspection,
    Oddity,
    Picture,
    Placement,
    Profile,
    Rule,
    StoredImage,
)

__all__ = [
    "Kept",
    "image_of",
    "image_of_text",
    "image_record",
    "inspection_of",
    "inspection_record",
    "picture_of",
    "picture_record",
    "placement_of",
    "placement_record",
]

_Value = TypeVar("_Value")

_Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept(Generic[_Value]):
    """How a value that is kept as JSON is read, by whichever version it was written.

    A field that this program does not know is dropped, and one that is missing is as usual.

    Attributes:
        make: the value's class, a dataclass.
        read: for a field that JSON does not keep as it is, what makes it of what JSON keeps.
        aliases: the present name of a field for each name that it had before.
        usual: what a field mostly is: then it is left out. A default of the class is one, too.
        short: a shorter name of a field, under which it is written.
    """

    make: Callable[..., _Value]
    read: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, object] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)

    def value(self, facts: Mapping[str, Any]) -> _Value:
        """Return the value.

        Raises:
            ValueError: a field holds what this program does not know.
            TypeError: a field that is never left out is missing, or this is no object at all.
        """
        named = self.named(facts)
        known: dict[str, object] = {**self.usual}
        for one in fields(self.make):  # type: ignore[arg-type]
            if one.name in named:
                read = self.read.get(one.name)
                known[one.name] = named[one.name] if read is None else read(named[one.name])
        return self.make(**known)

    def named(self, facts: Mapping[str, Any]) -> _Facts:
        """Return what a record says by the present names of its fields.

        Raises:
            TypeError: it is no object.
        """
        of = {**self.aliases, **{short: name for name, short in self.short.items()}}
        return {of.get(name, name): fact for name, fact in {**facts}.items()}

    def of(self, text: str | None) -> _Value | None:
        """Return the value that a column keeps, None where it keeps none."""
        return None if text is None else _read(self, text)

    def facts(self, value: Any) -> _Facts:
        """Return what a record says of a value: its fields by name that are not as usual."""
        usual = self.usual
        found: _Facts = {}
        for name, default in _names(self.make):
            fact = getattr(value, name)
            if fact != usual.get(name, default):
                found[name] = fact
        return found

    def text(self, facts: _Facts) -> str:
        """Write a record of what it says."""
        short = self.short
        named = {short.get(name, name): fact for name, fact in facts.items()}
        text = _short(named)
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a pair, which only JSON's own signs can keep
            return json.dumps(named)
        return text


@lru_cache(maxsize=16)
def _names(make: Callable[..., object]) -> tuple[tuple[str, object], ...]:
    """Return the fields of a dataclass, each with its default; what has none equals nothing."""
    return tuple((one.name, one.default) for one in fields(make))  # type: ignore[arg-type]


@lru_cache(maxsize=128)
def _read(kept: Kept[Any], text: str) -> Any:
    # A photograph's row is read at each of its steps, and what it keeps is the same mostly.
    return kept.value(json.loads(text))


_short = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_SIDES: Final = MappingProxyType({"width": "w", "height": "h"})
_PLACEMENT: Final = Kept(
    make=Placement,
    read={
        "by": lambda word: None if word is None else Rule(word),
        "others": tuple,
        "decided": tuple,
        "also": tuple,
    },
)
_CAPTIONS: Final = Kept(make=Captions, read={"keywords": tuple})
_INSPECTION: Final = Kept(
    make=Inspection,
    read={
        "format": ImageFormat,
        "profile": Profile,
        "oddities": lambda names: tuple(map(Oddity, names)),
        "captions": lambda facts: None if facts is None else _CAPTIONS.value(facts),
    },
    usual=MappingProxyType(
        {
            "format": ImageFormat.JPEG,
            "orientation": 1,
            "mode": "RGB",
            "bit_depth": 8,
            "profile": Profile.SRGB,
            "frames": 1,
            "private": True,
            "trailing": False,
        }
    ),
    short=_SIDES,
)
_ENCODE_REPORT: Final = Kept(make=EncodeReport)
_PICTURE: Final = Kept(
    make=Picture,
    aliases={"making": "encode_report"},
    read={
        "format": ImageFormat,
        "work": tuple,
        "encode_report": lambda facts: None if facts is None else _ENCODE_REPORT.value(facts),
    },
    usual=MappingProxyType({"format": ImageFormat.JPEG, "passthrough": False}),
    short=MappingProxyType({**_SIDES, "upload_name": "name", "encode_report": "made"}),
)
_URLS: Final = ("url_zoom", "url_standard", "url_thumbnail", "url_tiny")
_IMAGE: Final = Kept(
    make=StoredImage,
    usual=MappingProxyType(
        {"is_thumbnail": False, "sort_order": 0, "description": "", "date_modified": ""}
        | dict.fromkeys(_URLS, "")
    ),
    short=MappingProxyType({"image_file": "file", "date_modified": "at"}),
)


def placement_record(value: Placement | None) -> str | None:
    """Write where a photograph belongs."""
    if value is None:
        return None
    facts = _PLACEMENT.facts(value)
    facts.pop("beside", None)  # each has a record of its own
    return _PLACEMENT.text(facts)


def placement_of(row: Row) -> Placement | None:
    """Read where a photograph belongs.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    return _PLACEMENT.of(row["placement"])


def inspection_record(value: Inspection | None) -> str | None:
    """Write what was found in a photograph's file."""
    if value is None:
        return None
    facts = _INSPECTION.facts(value)
    if value.captions is not None:
        facts["captions"] = _CAPTIONS.facts(value.captions)
    return _INSPECTION.text(facts)


def inspection_of(row: Row) -> Inspection | None:
    """Read what was found in a photograph's file.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    return _INSPECTION.of(row["inspection"])


def picture_record(
    value: Picture | None, *, photo_id: str, sha256: str, likeness: str | None
) -> str | None:
    """Write what is made of a photograph.

    Args:
        value: the picture.
        photo_id: the photograph's id, which is in the name in the spool.
        sha256: the original's, which is the picture's where nothing was changed.
        likeness: what the row keeps as such.
    """
    if value is None:
        return None
    facts = _PICTURE.facts(value)
    if value.sha256 == sha256:
        del facts["sha256"]
    if value.spool_name == spool_name(value.sha256, photo_id, value.format.suffix):
        del facts["spool_name"]
    if value.likeness == likeness:
        facts.pop("likeness", None)
    else:
        facts["likeness"] = value.likeness
    if value.encode_report is not None:
        facts["encode_report"] = _ENCODE_REPORT.facts(value.encode_report)
    return _PICTURE.text(facts)


def picture_of(row: Row) -> Picture | None:
    """Read what is made of a photograph.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    text = row["picture"]
    return None if text is None else _picture(text, row["id"], row["sha256"], row["likeness"])


@lru_cache(maxsize=128)
def _picture(text: str, photo_id: str, sha256: str, likeness: str | None) -> Picture:
    facts = {"sha256": sha256, "likeness": likeness, **_PICTURE.named(json.loads(text))}
    if "spool_name" not in facts:
        suffix = ImageFormat(facts.get("format", ImageFormat.JPEG)).suffix
        facts["spool_name"] = spool_name(facts["sha256"], photo_id, suffix)
    return _PICTURE.value(facts)


def image_record(value: StoredImage | None) -> str | None:
    """Write the store's record of an image: its four addresses say nearly the same."""
    if value is None:
        return None
    facts = _IMAGE.facts(value)
    if urls := [facts.pop(name, "") for name in _URLS]:
        before = _beginning(urls)
        rests = [url[len(before) :] for url in urls]
        after = _beginning([rest[::-1] for rest in rests])[::-1]
        ends = [rest[: len(rest) - len(after)] for rest in rests]
        head, own, tail = before.partition(_own_part(facts))
        if any(urls):
            facts["urls"] = [head, tail, after, *ends] if own else [before, after, *ends]
    return _IMAGE.text(facts)


def image_of(row: Row) -> StoredImage | None:
    """Read the store's record of an image.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    return image_of_text(row["image"])


def image_of_text(text: str | None) -> StoredImage | None:
    """Read the store's record of an image, wherever it is kept.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    return None if text is None else _image(text)


@lru_cache(maxsize=128)
def _image(text: str) -> StoredImage:
    facts = _IMAGE.named(json.loads(text))
    if (parts := facts.pop("urls", None)) is not None:
        *own, after, one, two, three, four = parts
        before = _own_part(facts).join(own)
        urls = (f"{before}{end}{after}" for end in (one, two, three, four))
        facts |= dict(zip(_URLS, urls, strict=True))
    return _IMAGE.value(facts)


def _beginning(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    for number, sign in enumerate(first):
        if sign != last[number]:
            return first[:number]
    return first


def _own_part(facts: _Facts) -> str:
    """Return what of an image's addresses is told by its ids and its name."""
    stem = str(facts["image_file"]).rpartition("/")[2].rpartition(".")[0]
    return f"/products/{facts['product_id']}/images/{facts['id']}/{stem}"
