"""Refusals: each a reason for programs, and a sentence that says what is wrong and what mends it.

The sentences are read by photographers, beside the path, which the caller prints: plain words, no
path. Each stands here once, whoever notices what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from pipeline.errors import PhotoRefused, ProductUnknown
from pipeline.lifecycle import Reason
from pipeline.values import Limits
from pipeline.wording import data_size

__all__ = [
    "Damage",
    "another_format",
    "begins_with_zeros",
    "cannot_fit",
    "checked_size",
    "damaged",
    "decoder_astray",
    "decoder_crashed",
    "defect",
    "empty",
    "killed_for_memory",
    "mpn_ambiguous",
    "needs_too_much_memory",
    "no_memory",
    "no_photograph",
    "no_picture_meant",
    "not_a_file",
    "not_for_upload",
    "not_taken",
    "nothing_but_zeros",
    "product_ambiguous",
    "product_doubtful",
    "product_misspelt",
    "product_numbered",
    "product_spelt",
    "product_unknown",
    "raw_alone",
    "replaced",
    "said_doubtful",
    "said_unknown",
    "several_products",
    "shows_label",
    "sku_unknown",
    "too_large",
    "too_many_frames",
    "too_many_pixels",
    "too_many_pixels_to_decode",
    "too_slow",
    "truncated",
    "truncated_with_zeros",
    "undecodable",
    "unknown_kind",
    "unreadable",
    "vanished",
    "working_file",
]

AGAIN = "copy or export it again"


class Damage(StrEnum):
    """What may be wrong with a file of more than one format."""

    DESCRIPTION_MISSING = "the part that says its size and its colours is missing"
    DESCRIPTION_SHORT = "the part that says its size and its colours is too short"
    DESCRIPTION_TWICE = "it says its size and its colours twice"
    DESCRIPTION_SENSELESS = "what it says of its size and its colours makes no sense"
    METADATA_LARGE = "the notes in it (camera, author, words) are far too long"
    NO_PICTURE = "it has no picture in it"
    PIXELS_BEGIN_WRONGLY = "its picture data begins wrongly"
    PART_STRANGE = "something else stands where its next part should begin"
    PART_LENGTH = "one of its parts has a wrong length"
    PARTS_SIZE = "its parts do not add up to its size"


def truncated(what: str = "the picture") -> PhotoRefused:
    """Return the refusal of a file that ends before its picture does."""
    return PhotoRefused(
        Reason.TRUNCATED, f"it is cut off: the file ends before {what} does ({AGAIN})"
    )


def truncated_with_zeros(what: str = "its last part") -> PhotoRefused:
    """Return the refusal of a file of full length whose end was never filled in."""
    return PhotoRefused(
        Reason.TRUNCATED,
        f"it is not whole: {what} is empty, as when copying stops halfway ({AGAIN})",
    )


def damaged(what: str) -> PhotoRefused:
    """Return the refusal of a file that contradicts itself; `what` is a clause without a stop."""
    return PhotoRefused(Reason.DAMAGED, f"it is damaged: {what} ({AGAIN})")


def undecodable(said: str) -> PhotoRefused:
    """Return the refusal of a file that the decoder stumbles over: `said` are its words."""
    return PhotoRefused(
        Reason.DAMAGED, f"it cannot be read as a picture ({said}): copy it again from its source"
    )


def not_taken(what: str, mend: str) -> PhotoRefused:
    """Return the refusal of a picture of a kind that the store does not take."""
    return PhotoRefused(Reason.FORMAT_NOT_TAKEN, f"it is {what}: {mend}")


def another_format(what: str) -> PhotoRefused:
    """Return the refusal of a picture of a format that the store does not take."""
    return not_taken(
        what, "the shop takes BMP, GIF, JPEG, PNG, WBMP, XBM and WEBP; export it as JPEG"
    )


def no_photograph(what: str) -> PhotoRefused:
    """Return the refusal of a file of a kind that is known and holds no picture."""
    return PhotoRefused(
        Reason.NOT_AN_IMAGE, f"it is not a picture but {what}: take it out of the folder"
    )


def nothing_but_zeros() -> PhotoRefused:
    """Return the refusal of a file that was never filled in."""
    return PhotoRefused(
        Reason.NOT_AN_IMAGE,
        "there is nothing but zeros in it, as when copying stops halfway: copy it again",
    )


def begins_with_zeros() -> PhotoRefused:
    """Return the refusal of a file whose beginning was never filled in."""
    return PhotoRefused(
        Reason.NOT_AN_IMAGE,
        "its beginning is empty, as when copying goes wrong: copy it again",
    )


def unknown_kind() -> PhotoRefused:
    """Return the refusal of a file of which nobody knows what it is."""
    return PhotoRefused(
        Reason.NOT_AN_IMAGE, f"it is no kind of picture that is known: {AGAIN}, or take it away"
    )


def unreadable(error: OSError) -> PhotoRefused:
    """Return the refusal of a file that the disk or the network does not give."""
    cause = error.strerror or type(error).__name__
    return PhotoRefused(
        Reason.UNREADABLE, f"it cannot be read ({cause}): check its permissions and its disk"
    )


def vanished() -> PhotoRefused:
    """Return the refusal of a file that is not there any more."""
    return PhotoRefused(
        Reason.VANISHED, "the file was gone when it was read: put it back and run again"
    )


def replaced() -> PhotoRefused:
    """Return the refusal of a file whose content is no longer the one that was received."""
    return PhotoRefused(
        Reason.REPLACED, "it was changed while it was being worked on: run again for the new one"
    )


def not_a_file() -> PhotoRefused:
    """Return the refusal of what cannot be read like a file."""
    return PhotoRefused(
        Reason.NOT_A_FILE,
        "it only points to a file (a link), or is none (a device): put a copy of the picture here",
    )


def not_for_upload() -> PhotoRefused:
    """Return the refusal of a raw file or a sidecar, about which nothing is wrong."""
    return PhotoRefused(
        Reason.NOT_FOR_UPLOAD,
        "not for upload (a raw file, or one that belongs to a picture): the shop takes the JPEG "
        "that was shot or exported with it",
    )


def raw_alone() -> PhotoRefused:
    """Return the refusal of a raw file that has no JPEG beside it."""
    return PhotoRefused(
        Reason.NOT_FOR_UPLOAD,
        "it is a camera's raw file, and no JPEG lies beside it: export it as JPEG if the shop is "
        "to have it",
    )


def working_file() -> PhotoRefused:
    """Return the refusal of the file in which somebody works on a picture."""
    return PhotoRefused(
        Reason.NOT_FOR_UPLOAD,
        "it is a working file of a picture program, and stays here: export it as JPEG or PNG if "
        "the shop is to have it",
    )


def no_picture_meant(what: str) -> PhotoRefused:
    """Return the refusal of a file that neither its name nor its content calls a picture."""
    return PhotoRefused(Reason.NOT_FOR_UPLOAD, f"it is {what} and no picture: skipped")


def shows_label(code: str) -> PhotoRefused:
    """Return the refusal of a photograph that shows a label, about which nothing is wrong."""
    return PhotoRefused(
        Reason.NOT_FOR_UPLOAD,
        f"it shows the label {code}: not for upload; what comes after it is of that product",
    )


def empty() -> PhotoRefused:
    """Return the refusal of a file without content."""
    return PhotoRefused(Reason.EMPTY, f"it is empty (0 bytes): {AGAIN}")


def too_large(size: int, most_bytes: int) -> PhotoRefused:
    """Return the refusal of a file that is larger than any photograph; both in bytes."""
    return PhotoRefused(
        Reason.FILE_TOO_LARGE,
        f"it has {size:,} bytes, and at most {most_bytes:,} are taken: export it smaller",
    )


def needs_too_much_memory(needed: int, allowed: int) -> PhotoRefused:
    """Return the refusal of a picture that no waiting would make room for; both in bytes."""
    wanted, most = (data_size(count, digits=1, largest="MB") for count in (needed, allowed))
    return PhotoRefused(
        Reason.NO_MEMORY,
        f"it needs {wanted} of memory, and {most} are allowed: save it smaller, or "
        "allow more with `pipeline config set memory_alone BYTES`",
    )


def killed_for_memory() -> PhotoRefused:
    """Return the refusal of a picture over which the system ended the process that decoded it."""
    return PhotoRefused(
        Reason.NO_MEMORY,
        "there was probably not enough memory for it: close other programs, or save it smaller",
    )


def too_slow(seconds: float) -> PhotoRefused:
    """Return the refusal of a picture that was not decoded in so many seconds."""
    return PhotoRefused(
        Reason.TOO_SLOW,
        f"it was not read after {seconds:.0f} seconds: save it again, or allow "
        "it longer with `pipeline config set picture_timeout SECONDS`",
    )


def decoder_crashed(status: int) -> PhotoRefused:
    """Return the refusal of a picture over which the decoder's process ended.

    Args:
        status: of the process, as its parent sees it.
    """
    return _decoder_failed(f"the program that reads pictures crashed over it (status {status})")


def decoder_astray() -> PhotoRefused:
    """Return the refusal of a picture over which the decoder began to answer nonsense."""
    return _decoder_failed(
        "the program that reads pictures gave wrong answers over it, and was ended"
    )


def no_memory() -> PhotoRefused:
    """Return the refusal of a file for which there was no memory at the moment."""
    return PhotoRefused(
        Reason.NO_MEMORY,
        "there was not enough memory for it: close other programs, or use fewer workers",
    )


def too_many_pixels(width: int, height: int, limits: Limits) -> PhotoRefused:
    """Return the refusal of a picture that would take too much memory."""
    return PhotoRefused(
        Reason.TOO_MANY_PIXELS,
        f"it is {width} × {height} pixels, and at most {limits.most_pixels / 1e6:g} megapixels "
        "are taken: export it smaller, or allow more with `pipeline config set most_pixels NUMBER`",
    )


def too_many_pixels_to_decode() -> PhotoRefused:
    """Return the refusal of a picture whose decoder counts too many, and does not say how many."""
    return PhotoRefused(
        Reason.TOO_MANY_PIXELS,
        "it has more pixels than the program reads: export it smaller, or allow more with "
        "`pipeline config set most_pixels NUMBER`",
    )


def too_many_frames(limits: Limits) -> PhotoRefused:
    """Return the refusal of an animation without end."""
    return PhotoRefused(
        Reason.TOO_MANY_FRAMES,
        f"it is an animation of more than {limits.most_frames} pictures: export a shorter one",
    )


def cannot_fit(what: str, limits: Limits, tried: Sequence[str]) -> PhotoRefused:
    """Return the refusal of a picture that is too large however it is encoded.

    Args:
        what: `it`, or what of it.
        limits: the most bytes.
        tried: every attempt, in order; the first and the last two say enough.
    """
    said = list(tried)
    if len(said) > 5:
        said[2:-2] = [f"{len(said) - 4} more"]
    return PhotoRefused(
        Reason.CANNOT_FIT,
        f"{what} cannot be brought under {limits.max_bytes:,} bytes: tried {'; '.join(said)}",
    )


def defect(what: str) -> PhotoRefused:
    """Return the refusal of a photograph over which the program itself failed."""
    return PhotoRefused(
        Reason.DEFECT,
        f"{what}: this is a fault of the program, not of the photograph; please report it",
    )


def checked_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """Return width and height back if there is a picture of that size and memory for it.

    This comes before anything is decoded, so that a few bytes that promise billions of pixels
    cost nothing.

    Raises:
        PhotoRefused: `damaged` or `too_many_pixels`.
    """
    if width < 1 or height < 1:
        raise damaged("it says that it has no width or no height")
    if width * height > limits.most_pixels:
        raise too_many_pixels(width, height, limits)
    return width, height


def product_unknown() -> ProductUnknown:
    """Return that no rule tells the product of a photograph."""
    return ProductUnknown(
        Reason.PRODUCT_UNKNOWN,
        "nobody knows its product: name its folder or the beginning of its file name after "
        "its SKU or, as in id-158, its product id, or give --product or --sku",
    )


def sku_unknown(sku: str, near: Sequence[str] = ()) -> ProductUnknown:
    """Return that the store does not know the SKU that a photograph was given.

    Args:
        sku: that it was given.
        near: the SKUs that may be meant.
    """
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    return ProductUnknown(
        Reason.PRODUCT_UNKNOWN,
        f"the shop has no product with the SKU {sku}{meant}: check it, or add the product",
    )


def product_misspelt(name: str, near: Sequence[str]) -> ProductUnknown:
    """Return that no rule tells the product of a photograph, but that a name is nearly a SKU."""
    return ProductUnknown(
        Reason.PRODUCT_UNKNOWN,
        f"nobody knows its product: the shop has no SKU {name}; did you mean "
        f"{' or '.join(near)}? Rename it, or give --sku",
    )


def product_ambiguous(name: str, products: Collection[int]) -> ProductUnknown:
    """Return that a name tells several products, by their ids."""
    listed = ", ".join(str(product) for product in sorted(products))
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"{name} may be any of the products {listed}: give --product with the one meant",
    )


def mpn_ambiguous(mpn: str, products: Collection[int]) -> ProductUnknown:
    """Return that a name is the MPN of several products, by their ids."""
    listed = ", ".join(str(product) for product in sorted(products))
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"{mpn} is the MPN of the products {listed}: name it after its SKU, or give --sku with the "
        "one meant",
    )


def product_doubtful(clauses: Sequence[str]) -> ProductUnknown:
    """Return that rules name different products; each clause is as `its folder says SM-13`."""
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"{', '.join(clauses)}: move or rename it, or give --product with the one meant",
    )


def product_numbered(name: str, base: str) -> ProductUnknown:
    """Return that a name may be a SKU, or a numbered picture of another one that it begins with."""
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"its name may say the product {name}, or a numbered picture of {base}, and the shop has "
        "both: put it into a folder that is named after the one meant, or give --sku",
    )


def product_spelt(name: str, readings: Sequence[str]) -> ProductUnknown:
    """Return that a name may stand for several SKUs that hold what a file name cannot."""
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"its name's {name} may stand for the SKU {' or '.join(readings)}: "
        "give --sku with the one meant",
    )


def said_unknown(source: str, name: str) -> ProductUnknown:
    """Return that the store does not know the product that a rule names for certain.

    Args:
        source: who says so, as in "the map shots.csv".
        name: that it says.
    """
    return ProductUnknown(
        Reason.PRODUCT_UNKNOWN,
        f"{source} says {name}, and the shop has no such product: check it, or add the product",
    )


def said_doubtful(doubt: str) -> ProductUnknown:
    """Return that nobody can tell of which of several files a rule speaks."""
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"{doubt}: write the folder before the name there, or rename one of them",
    )


def several_products(source: str, one: str, another: str) -> ProductUnknown:
    """Return that a rule names two products for one photograph.

    Args:
        source: who says so, as in "the map shots.csv".
        one: of the names.
        another: of a different product.
    """
    return ProductUnknown(
        Reason.PRODUCT_AMBIGUOUS,
        f"{source} says {one} and {another}, and one file cannot go to two products: give each of "
        "them a copy of the file, under a name of its own",
    )


def _decoder_failed(how: str) -> PhotoRefused:
    return PhotoRefused(
        Reason.DECODER_CRASHED,
        f"{how}: it may be damaged; save it again",
    )
