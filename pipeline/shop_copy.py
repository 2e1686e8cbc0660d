"""A copy of the shop's pictures on disk: a folder a product, the files in the shop's order.

Beside the files lies a table (`images.csv`) of what the shop says of each. What is there already
and is as the shop has it is not fetched again. What the shop has no longer is kept in a hidden
folder: a picture that somebody deleted there by mistake is what a copy is for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pipeline.durable import replace_file
from pipeline.errors import StoreUnavailable
from pipeline.lacking import ShopProduct
from pipeline.upload_name import uploaded_as
from pipeline.values import StoredImage

__all__ = ["GONE_FOLDER", "TABLE", "Copied", "TableRow", "copy_product", "folder_name", "rows_in"]

TABLE: Final = "images.csv"

GONE_FOLDER: Final = ".no-longer-in-the-shop"
"""In a product's folder; hidden, so that no run takes it for new photographs."""

_PASSING: Final = ".fetched-"

_COLUMNS: Final = (
    "file", "sku", "product_id", "order", "main", "alt", "image_id", "modified", "sha256",
)  # fmt: skip

_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|%]')
"""What some system, or a web address, takes for something else; and the sign that stands for it."""

_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)

_MOST: Final = 120
"""Characters of a name, all of which may take four bytes, of which a name has 255 at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What became of one image.

    Attributes:
        image: as the shop has it.
        path: its file; None where it could not be fetched.
        fetched: whether it was fetched now; else it was there.
        why_not: why it could not be fetched.
    """

    image: StoredImage
    path: Path | None
    fetched: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """What the table of a product's folder says of one file: which image it was, and how it stood.

    Attributes:
        file: its name, in that folder.
        product_id: whose image it was.
        image_id: which it was.
        order: its sort order.
        main: whether it was the main picture.
        alt: its words.
    """

    file: str
    product_id: int
    image_id: int
    order: int
    main: bool
    alt: str


def rows_in(folder: Path) -> Iterator[TableRow]:
    """Yield what the table in a product's folder says of files that lie there as they were copied.

    One that was written since, and is not what it was, is another picture by now, and the table
    says nothing of it. A table that is not there, or is none of ours, says nothing.
    """
    try:
        text = (folder / TABLE).read_text("utf-8-sig")
        written = (folder / TABLE).stat().st_mtime
    except (OSError, ValueError):
        return
    for row in csv.DictReader(io.StringIO(text)):
        file = row.get("file") or ""
        with suppress(OSError, ValueError):
            # A table that somebody else wrote must not lead out of the folder.
            if Path(file).name == file and _is_as_copied(folder / file, row, written):
                yield TableRow(
                    file=file,
                    product_id=int(row.get("product_id") or ""),
                    image_id=int(row.get("image_id") or ""),
                    order=int(row.get("order") or ""),
                    main=bool(row.get("main")),
                    alt=row.get("alt") or "",
                )


def _is_as_copied(file: Path, row: Mapping[str, str], written: float) -> bool:
    """Whether a file is what it was when its table was written; times change with a folder's."""
    if file.lstat().st_mtime <= written:
        return True
    return row.get("sha256") == hashlib.sha256(file.read_bytes()).hexdigest()


def folder_name(product: ShopProduct) -> str:
    """Return the name of a product's folder, by which a run finds the product again.

    It is its SKU, in which what no name can hold is written as in web addresses (`A%2FB`); the id
    where it has none.
    """
    sku = product.sku.strip()
    if not sku or len(sku) > _MOST:
        return f"id {product.id}"
    name = _NOT_IN_NAMES.sub(lambda sign: quote(sign.group(), safe=""), sku)
    if name[0] == "." or _RESERVED.match(name):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    return f"{name[:-1]}%2E" if name[-1] == "." else name


def copy_product(
    product: ShopProduct, to: Path, fetch: Callable[[StoredImage], bytes]
) -> Iterator[Copied]:
    """Bring a product's folder up to what the shop has, and yield what became of each image.

    Whoever ends in the middle begins again: what was fetched and not yet noted is fetched anew.

    Args:
        product: with all of its images.
        to: the folder in which its folder lies.
        fetch: returns what the shop shows of an image, as large as it shows it.

    Raises:
        OSError: the disk cannot be read or written.
    """
    folder = to / folder_name(product)
    if not product.images and not folder.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(folder)
    _sweep(folder)
    ordered = sorted(product.images, key=lambda image: (image.sort_order, image.id))
    held = {
        image.id: passing
        for image in ordered
        if (passing := _set_apart(folder, known.get(image.id), image)) is not None
    }
    shown = {image.id for image in ordered}
    for image_id, row in known.items():
        if image_id not in shown:
            _keep_what_went(folder, row["file"])
    rows: list[Sequence[str]] = []
    digits = max(2, len(str(len(ordered))))
    for place, image in enumerate(ordered, start=1):
        copied = _copied(folder, f"{place:0{digits}}", image, held.get(image.id), fetch)
        if copied.path is not None:
            digest = "" if copied.fetched else known[image.id]["sha256"]
            rows.append(_row(product, image, copied.path, digest))
        yield copied
    _write(folder / TABLE, rows)


def _copied(
    folder: Path,
    number: str,
    image: StoredImage,
    passing: Path | None,
    fetch: Callable[[StoredImage], bytes],
) -> Copied:
    fetched = passing is None
    if passing is None:
        try:
            content = fetch(image)
        except StoreUnavailable as error:
            return Copied(image=image, path=None, fetched=False, why_not=str(error))
        suffix = _suffix_of(content)
        if suffix is None:
            why_not = "what the shop shows of it is no picture"
            return Copied(image=image, path=None, fetched=False, why_not=why_not)
        passing = folder / f"{_PASSING}{image.id}{suffix}"
        replace_file(os.fspath(passing), content, durable=False)
    path = folder / f"{number}_{_stem_of(image)}{passing.suffix}"
    passing.replace(path)
    return Copied(image=image, path=path, fetched=fetched)


def _set_apart(folder: Path, row: Mapping[str, str] | None, image: StoredImage) -> Path | None:
    """Give a file that is as the shop has it a passing name; return it, None where there is none.

    Until each has its new number, one's name may be another's.
    """
    if row is None or row["modified"] != image.date_modified:
        if row is not None:
            _keep_what_went(folder, row["file"])
        return None
    file = folder / row["file"]
    passing = folder / f"{_PASSING}{image.id}{file.suffix}"
    try:
        file.replace(passing)
    except FileNotFoundError:
        return None
    return passing


def _keep_what_went(folder: Path, name: str) -> None:
    gone = folder / GONE_FOLDER
    gone.mkdir(exist_ok=True)
    place = gone / name
    number = 1
    while place.exists():
        number += 1
        place = gone / f"{Path(name).stem} ({number}){Path(name).suffix}"
    with suppress(FileNotFoundError):
        (folder / name).replace(place)


def _known(folder: Path) -> dict[int, Mapping[str, str]]:
    """Return the rows of the table by the ids of the images; others are passed by."""
    try:
        text = (folder / TABLE).read_text("utf-8-sig")
    except (OSError, ValueError):
        return {}
    found: dict[int, Mapping[str, str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        image_id, file = row.get("image_id") or "", row.get("file") or ""
        # A table that somebody else wrote must not lead out of the folder.
        if image_id.isdecimal() and file and Path(file).name == file and file[0] != ".":
            said = {name: row.get(name) or "" for name in ("modified", "sha256")}
            found[int(image_id)] = {"file": file, **said}
    return found


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PASSING}*"):
        left.unlink(missing_ok=True)


def _row(product: ShopProduct, image: StoredImage, path: Path, digest: str) -> Sequence[str]:
    return (
        path.name,
        product.sku,
        str(product.id),
        str(image.sort_order),
        "yes" if image.is_thumbnail else "",
        image.description,
        str(image.id),
        image.date_modified,
        digest or hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _write(table: Path, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    # Excel takes what has no mark at its beginning for the letters of one country.
    replace_file(os.fspath(table), text.getvalue().encode("utf-8-sig"), mode=0o644)


def _stem_of(image: StoredImage) -> str:
    stem = Path(uploaded_as(image.image_file)).stem
    return _NOT_IN_NAMES.sub("-", stem).strip(". ")[:_MOST] or "photo"


def _suffix_of(content: bytes) -> str | None:
    """Return the suffix of a picture by its first bytes; None where it is none that shops show."""
    beginnings = (
        (b"\xff\xd8\xff", ".jpg"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"GIF8", ".gif"),
        (b"BM", ".bmp"),
    )
    for beginning, suffix in beginnings:
        if content.startswith(beginning):
            return suffix
    return ".webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None
