"""What a number in a name is when it is no product: a date, a time, a measure, a count, a camera's.

Photographs are full of numbers, and shops have products of small ids: `12.5x8cm-frame.jpg` is not
of product 12. Nothing here asks the catalogue; what is said here is not even proposed to it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_bare_number", "is_picture_number", "may_name_a_product"]

_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_SHORT: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_BETWEEN: Final = r"[-_. ]"
_MONTH_NAME: Final = (
    r"(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz|apr(?:il)?|ma[iy]|june?|juni|july?|juli"
    r"|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)

_DATE: Final = re.compile(
    rf"(?<!\d)(?:{_YEAR}{_MONTH}{_DAY}(?:[T_\-. ]?\d{{4,9}}Z?)?"
    rf"|{_YEAR}{_BETWEEN}{_SHORT}{_BETWEEN}{_SHORT}"
    rf"|{_SHORT}{_BETWEEN}{_SHORT}{_BETWEEN}{_YEAR}"
    rf"|(?<![\d\-.]){_SHORT}([-.]){_SHORT}\1\d\d"
    rf"|{_YEAR}{_BETWEEN}{_MONTH}|{_MONTH}[-.]{_YEAR}"
    rf"|{_YEAR}{_BETWEEN}?(?:w|kw|q)\d{{1,2}}"
    rf"|(?:{_YEAR}|{_SHORT}\.?){_BETWEEN}?{_MONTH_NAME}(?![a-z]))(?!\d)",
    re.IGNORECASE,
)

_TIME: Final = re.compile(r"(?:[01]?\d|2[0-3])[-_.:h ][0-5]\d(?:[-_.:m ][0-5]\d)?s?")

_SIX_DIGIT_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")

_SIX_DIGIT_DATE: Final = re.compile(rf"[0-3]\d{_MONTH}{_DAY}|{_DAY}{_MONTH}[0-3]\d")

_NUMBER: Final = r"(?<![\w.,])\d+(?:[.,]\d+)?"

# Single letters are sizes and variants as well (`900-L.jpg`): only attached and small are they
# units. A word after a separator is one only if it is nothing else (`in` is not).
_UNIT: Final = (
    r"(?:[mcd]m|km|inch(?:es)?|zoll|ft|feet|[mcd]l|lit(?:er|re)s?|oz|lbs?|[km]g|grams?"
    r"|watts?|kw|volts?|mah|k?hz|px|dpi|mp|[gtm]b|eur|usd|gbp|years?|yrs?|hours?|hrs?|min|sec)"
)

_MEASURE: Final = re.compile(
    rf"{_NUMBER}(?:[-_ ]?(?:(?i:{_UNIT})(?![A-Za-z])|[%°€$£\"″”])|[gmlvw](?![A-Za-z]))"
    rf"|{_NUMBER}[-_ ]?(?i:{_UNIT})?[-_ ]?[xX×*](?![A-Za-z])"
    rf"(?:[-_ ]?\d+(?:[.,]\d+)?(?:[-_ ]?(?i:{_UNIT})(?![A-Za-z]))?)?"
)

# `3 mugs`, `250_sheets`, `6 pack`, `2 of 5`; `900 front` is none.
_COUNT: Final = re.compile(
    r"\d{1,4}[-_ ]?(?:(?:pack|pcs?|pieces?|pairs?|sets?|st(?:ü|ue)ck|teil(?:e|ig)|er)(?![a-z])"
    r"|(?:of|von|de)[-_ ]?\d)"
    r"|\d{1,4}[-_ ][a-z]{2,}[a-rt-z]s(?![a-z])",
    re.IGNORECASE,
)

# What the makers call their files and folders; others of the form of DCF 2.0 may be SKUs.
_CAMERA: Final = re.compile(
    r"(?:(?:IMG_E?|_MG_|[_0-9A-Z]?DSC[FN]?_?|DSC[FN]|SAM_|DJI_|MVI_|HLD_|GOPR|PICT|HPIM|CIMG|IMGP)"
    r"\d{4,}|(?:IMG|PXL|VID|WP|DJI|SCREENSHOT)[-_]\d{8})(?:[-_. (].*)?"
    r"|DCIM|\d{3}(?:CANON|NIKON|NCD\w\w|ND\w{3}|_PANA|OLYMP|OMSYS|MSDCF|_FUJI|APPLE|GOPRO"
    r"|MEDIA|PENTX|RICOH|LEICA|SIGMA|HASBL|KODAK|EOS\w\w)",
    re.IGNORECASE,
)

_CAMERA_FILE: Final = re.compile(r"P[0-9A-C]\d{6}", re.IGNORECASE)


def may_name_a_product(name: str, whole: str, *, plain_ids: bool, folder: bool = False) -> bool:
    """Whether the beginning `name` of the name `whole` is something that a product may bear.

    Args:
        name: what would be proposed.
        whole: the name of the file, without its suffix, or of the folder, which begins with it.
        plain_ids: bare numbers are ids, so that a small number or a year is no count or date.
        folder: it is a folder's, which no camera numbers as it does its files.
    """
    if _CAMERA.fullmatch(whole) or (not folder and _CAMERA_FILE.fullmatch(name)):
        return False
    if any(kind.fullmatch(name) for kind in (_DATE, _MEASURE, _COUNT, _TIME)):
        return False
    if not _is_about_a_number(name):
        return True
    if any(
        found.start() < len(name) for kind in (_DATE, _MEASURE) for found in kind.finditer(whole)
    ):
        return False
    return plain_ids or not is_bare_number(name) or _is_no_count(name, whole, folder=folder)


def is_bare_number(name: str) -> bool:
    """Whether a name is a number and nothing else."""
    return name.isascii() and name.isdecimal()


def is_picture_number(name: str, whole: str) -> bool:
    """Whether a file is merely numbered: `1.jpg`, `0042.jpg`."""
    return name == whole and is_bare_number(name) and len(name) <= 4


def _is_about_a_number(name: str) -> bool:
    """Whether it is numbers alone, or a form that says which id is meant (`id 158`)."""
    has_letters = re.search(r"[^\W\d_]", name) is not None
    return not has_letters or re.match(r"(?i:id|product)[\s_-]\d", name) is not None


def _is_no_count(name: str, whole: str, *, folder: bool) -> bool:
    if int(name) < 100 or re.fullmatch(_YEAR, name) or _SIX_DIGIT_DATE.fullmatch(name):
        return False
    if not folder and _SIX_DIGIT_TIME.fullmatch(name):
        return False
    return _COUNT.match(whole) is None
