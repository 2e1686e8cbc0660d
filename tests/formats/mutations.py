"""Damages files by chance, decided by a seed, and tries what the validator makes of them."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, Limits
from tests.formats.samples import original

__all__ = ["Findings", "mutated", "tried"]

INTERESTING = (b"\x00", b"\xff", b"\x7f\xff", b"\x80\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff")

LIMITS = Limits(most_pixels=20_000_000)
"""Fewer than usual, so that one decoded picture is small beside what may not be taken."""


@dataclass
class Findings:
    """What became of the files, and the worst that was seen."""

    files: int = 0
    taken: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def mutated(dice: random.Random, whole: Sequence[bytes]) -> bytes:
    """Return a file made from others by a few damages."""
    content = bytearray(dice.choice(whole))
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        if not content:
            break
        place = dice.randrange(len(content))
        # Most of what decides anything stands near the beginning.
        if dice.random() < 0.6:
            place = dice.randrange(min(len(content), 200))
        end = min(len(content), place + dice.choice((1, 2, 4, 16, 200)))
        damage = dice.randrange(7)
        if damage == 0:
            content[place] ^= 1 << dice.randrange(8)
        elif damage == 1:
            content[place:end] = dice.choice(INTERESTING)
        elif damage == 2:
            content[place:end] = dice.randbytes(end - place)
        elif damage == 3:
            del content[place:end]
        elif damage == 4:
            content[place:place] = content[place:end]
        elif damage == 5:
            other = dice.choice(whole)
            start = dice.randrange(len(other))
            content[place:end] = other[start : start + end - place]
        else:
            del content[place:]
    return bytes(content)


def tried(content: bytes, suffix: str, folder: Path, findings: Findings) -> None:
    """Check and render a file; it must be taken or refused, in good time."""
    findings.files += 1
    photo = original(folder / f"mutated{suffix}", content)
    began = time.monotonic()
    try:
        inspection = check(photo, LIMITS)
        picture = render(photo, inspection, LIMITS, EncodeSettings(), Spool(folder / "spool"))
    except PhotoRefused as refusal:
        findings.refused[refusal.reason] += 1
        if refusal.reason is Reason.DEFECT or not str(refusal):
            findings.wrong.append(f"{refusal.reason}: {refusal}")
    except Exception as error:
        findings.wrong.append(f"{type(error).__name__}: {error}")
    else:
        findings.taken += 1
        made = folder / "spool" / picture.spool_name
        with Image.open(made) as image:
            if image.size != (picture.width, picture.height):
                findings.wrong.append(f"the picture has {image.size}, not {picture}")
        if made.stat().st_size > LIMITS.max_bytes:
            findings.wrong.append("the picture is too large")
        made.unlink()
    findings.slowest = max(findings.slowest, time.monotonic() - began)


def peak_memory() -> int:
    """Return the greatest resident size of this process so far, in bytes; 0 where unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
