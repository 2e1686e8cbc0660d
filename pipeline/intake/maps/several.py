"""Exports with several images in one cell: Magento's and WooCommerce's, in the product's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.intake.maps.entries import BadCell, BadRow, Cells, Entry, file_name, sku_in

__all__ = ["MAGENTO_IMAGES", "WOO_IMAGES", "WOO_SKUS", "read_magento", "read_woo"]

MAGENTO_IMAGES: Final = frozenset({"base image", "additional images"})
_OTHER_ROLES: Final = ("small image", "thumbnail image", "swatch image")

_WOO_SKUS: Final = ("sku", "artikelnummer", "ugs", "sku artikelnummer", "cod", "ref")
_WOO_IMAGES: Final = (
    "images", "bilder", "imágenes", "imagenes", "afbeeldingen", "immagini", "immagine", "imagens",
    "bilder url",
)  # fmt: skip
WOO_SKUS: Final = frozenset(_WOO_SKUS)
WOO_IMAGES: Final = frozenset(_WOO_IMAGES)


def read_magento(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield the base image first, which is the main one, then the additional ones in order."""
    for row in rows:
        images = _magento_images(row)
        if not images:
            continue  # a row of another language, say
        labels, complaint = _labels(row)
        if complaint is not None:
            yield complaint
        try:
            sku = sku_in(row.named.get("sku", ""), "sku")
            if not sku:
                raise BadCell("sku", "no product is named")
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))
            continue
        base = row.named.get("base image", "")
        for order, image in enumerate(images):
            file = file_name(image, of_shop="/" in image)
            if file is not None:
                yield Entry(
                    row=row.row,
                    file=file,
                    names=(sku,),
                    order=order,
                    alt=labels.get(image, ""),
                    main=True if image == base else None,
                )


def read_woo(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield the images of each product or variation in their order; the first is the main one."""
    for row in rows:
        column, cell = row.first(*_WOO_IMAGES)
        images = _listed(cell)
        if not images:
            continue
        sku_column, sku = row.first(*_WOO_SKUS)
        try:
            if not sku:
                raise BadCell(next(one for one in _WOO_SKUS if one in row.written), "it is empty")
            names = (sku_in(sku, sku_column),)
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))
            continue
        for order, image in enumerate(images):
            file = file_name(image, of_shop="/" in image)
            if file is None:
                yield row.bad(column, f"“{image}” names no image")
                continue
            is_main = True if order == 0 and not _is_variation(row) else None
            yield Entry(row=row.row, file=file, names=names, order=order, main=is_main)


def _is_variation(row: Cells) -> bool:
    return row.first("type", "typ", "tipo")[1].casefold() == "variation"


def _magento_images(row: Cells) -> list[str]:
    """Return its images, each once; those of other roles are shown as well, at the end."""
    base = row.named.get("base image", "")
    others = [row.named.get(role, "") for role in _OTHER_ROLES]
    listed = _listed(row.named.get("additional images", ""))
    found = dict.fromkeys(one for one in (base, *listed, *others) if one)
    return [image for image in found if image.casefold() != "no_selection"]


def _labels(row: Cells) -> tuple[dict[str, str], BadRow | None]:
    """Return the words for each image, and what is wrong with them."""
    images = _listed(row.named.get("additional images", ""))
    cell = row.named.get("additional image labels", "")
    words = [one.strip() for one in cell.split(",")] if cell else []
    complaint = None
    if words and len(words) != len(images):
        complaint = row.bad(
            "additional image labels",
            f"it has {len(words)} labels for {len(images)} images, so that nobody knows which is "
            "whose: none of them is taken",
        )
        words = []
    labels = {image: word for image, word in zip(images, words, strict=False) if word}
    for role in ("swatch image", "thumbnail image", "small image", "base image"):
        image, label = row.named.get(role), row.named.get(f"{role} label")
        if image and label and (role == "base image" or image not in labels):
            labels[image] = label
    return labels, complaint


def _listed(cell: str) -> list[str]:
    return [one.strip() for one in cell.split(",") if one.strip()]
