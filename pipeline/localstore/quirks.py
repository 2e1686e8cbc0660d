"""What the documentation leaves open, each a switch: `NAME=VALUE`, the first value the default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from pipeline.localstore.options import LocalStoreError

__all__ = ["Quirks", "described_quirks", "parse_quirks"]

NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def _choice(meaning: str, *values: str) -> Any:
    return field(default=values[0], metadata={"values": values, "meaning": meaning})


def _seconds(meaning: str, default: str) -> Any:
    return field(default=default, metadata={"values": None, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """The switches, as the text they are given in; `seconds` and `stem_length` read numbers."""

    empty_listing: str = _choice("listing a product without images", "204", "list")
    thumbnail_deleted: str = _choice("who becomes the thumbnail then", "none", "promoted")
    too_large: str = _choice("status for a file over the limit", "413", "500")
    undecodable: str = _choice("status for a file that does not decode", "422", "500")
    limit_above: str = _choice("a `limit` above 250", "422", "413", "capped")
    sort_order: str = _choice("the order when none is given", "next", "zero")
    description: str = _choice("the longest description, in characters", "unlimited", "500")
    delete_missing: str = _choice("status of deleting what is not there", "404", "204")
    chunked: str = _choice("a body without Content-Length", "taken", "411")
    error_bodies: str = _choice(
        "JSON, or 401 as plain text and 415 and 5xx as HTML", "json", "mixed"
    )
    stem: str = _choice("how an uploaded name comes back", "kept", "lower", "cut:N")
    included_images: str = _choice(
        "images that `include=images` gives of a product", "all", "first:N"
    )
    variants_sku_in: str = _choice(
        "`sku:in` on variants: taken, or as if it were not there", "works", "ignored", "422"
    )
    code_filters: str = _choice(
        "`upc`, `gtin` and `mpn`: taken, one at a time (no `:in`), or as if they were not there",
        "works",
        "single",
        "ignored",
        "422",
    )
    product_ranges: str = _choice(
        "`id:min` and `date_modified:min`: taken, or as if they were not there",
        "works",
        "ignored",
        "422",
    )
    concurrent: str = _choice(
        "requests to one endpoint at once; one more is a 429 without rate headers", "any", "N"
    )
    put_image_url: str = _choice("a PUT with a new image_url", "ignored", "replaces")
    listing_lag: str = _seconds("seconds until a new image shows in a listing", "0")
    window_seconds: str = _seconds("length of a rate limit window, in seconds", "30")
    body_idle_seconds: str = _seconds("longest silence within a body, in seconds", "20")

    def seconds(self, name: str) -> float:
        """Return a switch that is a number of seconds."""
        return float(getattr(self, name))

    @property
    def stem_length(self) -> int | None:
        """Return the characters to which a stem is cut; None: it is not."""
        return _number_of(self.stem)

    @property
    def most_included_images(self) -> int | None:
        """Return how many images of a product come along with it; None: all."""
        return _number_of(self.included_images)

    @property
    def most_concurrent(self) -> int | None:
        """Return how many requests one endpoint takes at once; None: any number."""
        return int(self.concurrent) if self.concurrent.isdecimal() else None


def _number_of(value: str) -> int | None:
    _, colon, number = value.partition(":")
    return int(number) if colon else None


def described_quirks() -> list[str]:
    """Return a line for every switch: its name, its values (the default first), its meaning."""
    lines = []
    for quirk in fields(Quirks):
        values = quirk.metadata["values"] or (f"{quirk.default}", "SECONDS")
        lines.append(f"{quirk.name}={'|'.join(values)}  {quirk.metadata['meaning']}")
    return lines


def named_quirks(given: Iterable[str]) -> dict[str, str]:
    """Return the values by name of what a command line says as `NAME=VALUE`.

    Raises:
        LocalStoreError: something else is said.
    """
    named: dict[str, str] = {}
    for quirk in given:
        name, equals, value = quirk.partition("=")
        if not equals:
            raise LocalStoreError(f"{quirk} is not NAME=VALUE")
        named[name] = value
    return named


def parse_quirks(given: Mapping[str, str]) -> Quirks:
    """Return the switches that are given, the others at their defaults.

    Args:
        given: name to value; names with `-` for `_` are taken as well.

    Raises:
        LocalStoreError: a name or a value that does not exist, with those that do.
    """
    known = {quirk.name: quirk for quirk in fields(Quirks)}
    taken: dict[str, str] = {}
    for name, value in given.items():
        quirk = known.get(name.replace("-", "_"))
        if quirk is None:
            raise LocalStoreError(f"no quirk is called {name!r}: there are {', '.join(known)}")
        values = quirk.metadata["values"]
        if values is None:
            right, wanted = NUMBER.fullmatch(value) is not None, "a number of seconds"
        else:
            # What ends in N is any number, but for the letter itself.
            general = re.sub(r"(^|:)[1-9][0-9]{0,2}$", r"\1N", value)
            named = value in values and not value.endswith("N")
            right, wanted = named or general in set(values) - {value}, " or ".join(values)
        if not right:
            raise LocalStoreError(f"quirk {name} cannot be {value!r}: it is {wanted}")
        taken[quirk.name] = value
    return Quirks(**taken)
