"""Which of a product's photographs comes before which: one order, for sending and for the shop.

What somebody said of their order (a row of a table, say) counts before all else, then the view in
the order of the studio's list, then the number in the name, then the names in their natural order:
numbers compare as numbers. What says less comes after what says more. Two cameras may give the same
names, in two folders: then the time that each wrote decides, and where there is none, the folders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from pipeline.wording import encodable

__all__ = ["MAIN", "VIEWS", "moment_taken", "shot_order_key", "standing"]

MAIN: Final = "main"
"""The view of a product's main picture, and of one that bears the product's name alone."""

VIEWS: Final = (
    MAIN,
    "front",
    "three-quarter",
    "left",
    "right",
    "back",
    "top",
    "bottom",
    "inside",
    "detail",
    "scale",
    "packaging",
    "lifestyle",
)
"""The views in the order in which a shop shows them, where no setting says otherwise."""

_NOTHING_SAID: Final = "3"
_NO_TIME: Final = "~"
_MOST: Final = 99_999
_LEAST_ORDER: Final = -(2**31)


def standing(
    order: int | None, view: str | None, number: int | None, views: Sequence[str] = VIEWS
) -> str:
    """Return the text by which a photograph stands among its product's, before their names decide.

    Args:
        order: what somebody said; lower comes first.
        view: what it shows; one that is not in the list says nothing.
        number: in its name; of one view, the one without comes first.
        views: the list.

    Returns:
        The text; empty where nothing is said.
    """
    at = views.index(view) if view in views else None
    if at is not None:
        rest = f"1{min(at, 999):03d}{min(number or 0, _MOST):05d}"
    elif number is not None:
        rest = f"2{min(number, _MOST):05d}"
    else:
        rest = ""
    if order is None:
        return rest
    return f"0{order - _LEAST_ORDER:010d}{rest or _NOTHING_SAID}"


def shot_order_key(path: Path, standing: str = "", taken: str = "") -> str:
    """Return the text by which photographs of one product sort in shot order.

    Numbers in names compare as numbers (`IMG_2` before `IMG_10`), letters without regard to case.

    Args:
        path: of the file.
        standing: what is said of it besides; see above.
        taken: when the camera took it, as `moment_taken` returns it.
    """
    name = _natural(Path(path.name))
    return f"{standing or _NOTHING_SAID}{name}\t{taken or _NO_TIME}\t{_natural(path)}"


def moment_taken(said: str, here: tzinfo | None = None) -> str:
    """Return the time that a camera wrote as texts of times sort, in UTC.

    Args:
        said: as `captions` keep it: `2026-11-27T10:15:00.120+01:00`; without an offset it is the
            time of the studio's place, which is that of this machine.
        here: another place than this machine's.

    Returns:
        The text; empty where that is no time.
    """
    try:
        found = datetime.fromisoformat(said)
        found = found.replace(tzinfo=here) if found.tzinfo is None and here else found
        return found.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
    except (ValueError, OverflowError, OSError):
        return ""


def _natural(path: Path) -> str:
    return re.sub(r"\d+", lambda run: run.group().zfill(12), encodable(path).casefold())
