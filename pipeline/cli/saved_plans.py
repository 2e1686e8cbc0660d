"""A plan in a file: what was shown, so that a run does just that, or nothing.

A line each in JSON: how it was asked for; each product, with what the shop shows of it; each file
that lies there. What has changed since is found by going through both once more, side by side.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from pipeline.durable import put_in_place
from pipeline.engine import MOST_PRODUCTS
from pipeline.engine.planning import ProductPlan
from pipeline.errors import ConfigError
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.place_settings import PlaceSettings
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress
from pipeline.values import ProductImages, ProductName, StoredImage
from pipeline.wording import encodable, shown

__all__ = ["PLAN_VERSION", "SavedPlan", "asked_of", "changes_since", "settings_digest"]

PLAN_VERSION: Final = 1

MOST_SAID: Final = 10
"""Changes that are named."""

_WORDS: Final = {1: "its order", 2: "the main picture", 3: "its words", 4: "the picture itself"}
"""What may be another one of an image, by its place in a line."""


class SavedPlan:
    """A plan as it is written; it takes its name when it is whole."""

    def __init__(
        self,
        file: Path,
        asked: Mapping[str, Any],
        settings: str,
        paths: Callable[[], Iterable[Path]],
    ) -> None:
        """Take where it goes, and what was asked.

        Args:
            file: the plan's.
            asked: the options of `pipeline run` with which it is carried out.
            settings: the digest of the settings that have a say in it.
            paths: gives the paths of all files that lie there, in their order.
        """
        self._file, self._asked, self._settings, self._paths = file, asked, settings, paths
        self._hidden = file.with_name(f".{file.name}.{os.getpid()}.part")
        self._to: IO[str] | None = None
        self._ledger: Ledger | None = None

    def begin(self, address: StoreAddress, ledger: Ledger) -> None:
        """Write how it was asked for, and for which shop.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._ledger = ledger
        try:
            self._to = self._hidden.open("w", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{shown(self._file)} cannot be written: {error.strerror}") from error
        self._write(
            {
                "plan": PLAN_VERSION,
                "shop": address.identity,
                "settings": self._settings,
                "asked": self._asked,
            }
        )

    def note(self, plan: ProductPlan, name: ProductName | None) -> None:
        """Write down a product as the shop shows it now."""
        sku = None if name is None else name.sku
        self._write({"product": plan.product_id, "sku": sku, "images": _shown(plan.images)})

    def end(self) -> None:
        """Write down the files, and have the plan be there."""
        assert self._to is not None  # noqa: S101 - it was begun
        for path in self._paths():
            self._write(self._of(path))
        self._to.close()
        put_in_place(os.fspath(self._hidden), os.fspath(self._file))

    def _of(self, path: Path) -> Mapping[str, Any]:
        assert self._ledger is not None  # noqa: S101 - it was begun
        photos = self._ledger.at_path(path)
        is_new = any(photo.state is State.PREPARED for photo in photos[:1])
        digest = photos[0].sha256 if photos else ""
        return {"file": encodable(path), **_stamp(path), "sha256": digest, "new": is_new}

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._to is not None  # noqa: S101 - it was begun
        self._to.write(json.dumps(line, ensure_ascii=False) + "\n")


def settings_digest(settings: Settings) -> str:
    """Return what is another text once a setting that has a say in a plan is another one."""
    said = {one.name: repr(getattr(settings, one.name)) for one in fields(PlaceSettings)}
    said |= {name: repr(getattr(settings, name)) for name in ("limits", "encoding", "include")}
    said |= {name: repr(getattr(settings, name)) for name in ("exclude", "left_out_folders")}
    for file in settings.map_files:
        said[str(file)] = hashlib.sha256(file.read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def asked_of(file: Path) -> Mapping[str, Any]:
    """Return how a plan was asked for.

    Raises:
        ConfigError: it is no plan, or an unknown one.
    """
    head = next(_lines(file), {})
    if head.get("plan") != PLAN_VERSION or not isinstance(head.get("asked"), dict):
        raise ConfigError(
            f"{shown(file)} is no plan of this version: `pipeline plan --save` makes one"
        )
    return dict(head["asked"])


def changes_since(
    file: Path,
    address: StoreAddress,
    settings: str,
    listed: Callable[[Sequence[int]], Mapping[int, ProductImages]],
    names: Callable[[Sequence[int]], Mapping[int, ProductName]],
    paths: Iterable[Path],
) -> Sequence[str]:
    """Return what has changed since a plan was made, the first things, as sentences.

    Args:
        file: the plan's.
        address: of the shop in use.
        settings: the digest of the settings as they are.
        listed: reads many products' images.
        names: reads what the shop calls products.
        paths: of all files that lie there now, in their order.

    Raises:
        StoreError: the shop could not be asked.
        ConfigError: it is no plan.
    """
    lines = _lines(file)
    head = next(lines, {})
    if head.get("shop") != address.identity:
        return ["it was made for another shop"]
    if head.get("settings") != settings:
        return ["the settings, or a CSV map, say something else"]
    return list(islice(_changes(lines, listed, names, paths), MOST_SAID))


def _changes(
    lines: Iterator[Mapping[str, Any]],
    listed: Callable[[Sequence[int]], Mapping[int, ProductImages]],
    names: Callable[[Sequence[int]], Mapping[int, ProductName]],
    paths: Iterable[Path],
) -> Iterator[str]:
    products: list[Mapping[str, Any]] = []
    there = iter(paths)
    for line in lines:
        if "product" in line:
            products.append(line)
            if len(products) == MOST_PRODUCTS:
                yield from _in_shop(products, listed, names)
                products = []
        elif "file" in line:
            yield from _in_shop(products, listed, names)
            products = []
            path = next(there, None)
            if path is None or encodable(path) != line["file"]:
                yield _another(path, line["file"])
                return
            if not _is_as_it_was(path, line):
                yield f"{shown(path)} is another one"
    yield from _in_shop(products, listed, names)
    if (path := next(there, None)) is not None:
        yield f"{shown(path)} is new"


def _another(path: Path | None, was: str) -> str:
    if os.path.lexists(was) and path is not None:
        return f"{shown(path)} is new"
    return f"{was} is not there any more"


def _in_shop(
    products: Sequence[Mapping[str, Any]],
    listed: Callable[[Sequence[int]], Mapping[int, ProductImages]],
    names: Callable[[Sequence[int]], Mapping[int, ProductName]],
) -> Iterator[str]:
    if not products:
        return
    ids = [int(one["product"]) for one in products]
    now, called = listed(ids), names(ids)
    for one in products:
        product_id = int(one["product"])
        if product_id not in now:
            yield f"product {product_id} is not in the shop any more"
            continue
        name = called.get(product_id)
        if name is not None and one["sku"] not in (None, name.sku):
            yield f"product {product_id} has another SKU"
        yield from _of_images(product_id, one["images"], _shown(now[product_id].images))


def _of_images(product_id: int, was: Sequence[Any], is_now: Sequence[Any]) -> Iterator[str]:
    before, after = {one[0]: one for one in was}, {one[0]: one for one in is_now}
    for image_id in sorted({*before, *after}):
        about = f"image {image_id} of product {product_id}"
        if image_id not in after:
            yield f"{about} is not in the shop any more"
        elif image_id not in before:
            yield f"{about} is new in the shop"
        elif before[image_id] != after[image_id]:
            pairs = zip(before[image_id], after[image_id], strict=True)
            what = [_WORDS[at] for at, (old, new) in enumerate(pairs) if old != new]
            yield f"{about} was changed in the shop: {', '.join(what)}"


def _shown(images: Iterable[StoredImage]) -> list[list[Any]]:
    return [
        [one.id, one.sort_order, one.is_thumbnail, one.description, one.image_file]
        for one in sorted(images, key=lambda one: one.id)
    ]


def _is_as_it_was(path: Path, line: Mapping[str, Any]) -> bool:
    """Whether a file has the content that it had; of one that is to be sent it is read."""
    now = _stamp(path)
    if now["size"] != line["size"]:
        return False
    if now["mtime_ns"] == line["mtime_ns"] and not line["new"]:
        return True
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == str(line["sha256"])
    except OSError:
        return False


def _stamp(path: Path) -> dict[str, int | None]:
    try:
        status = path.lstat()
    except OSError:
        return {"size": None, "mtime_ns": None}
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with file.open(encoding="utf-8") as content:
            for text in content:
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise ValueError(text)
                yield line
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no plan"
        raise ConfigError(f"{shown(file)} cannot be read: {why}") from error
