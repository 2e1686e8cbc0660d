"""Conversions to sRGB against LittleCMS's own `transicc`, within a ΔE2000 of 1 for 99 of 100."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.formats.icc import ADOBE_RGB, SRGB_CURVE, RgbSpace, matrix_profile
from pipeline.prepare.colour import to_srgb
from pipeline.values import Profile
from tests.benchmarks.pictures.colours import delta_e_2000, lab_of

TRANSICC = shutil.which("transicc")

pytestmark = pytest.mark.skipif(
    TRANSICC is None, reason="transicc is not installed (Debian: liblcms2-utils)"
)

P3 = RgbSpace(
    name="Display P3", red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060),
    curve=SRGB_CURVE,
)  # fmt: skip
PROPHOTO = RgbSpace(
    name="ProPhoto RGB", red=(0.7347, 0.2653), green=(0.1596, 0.8404), blue=(0.0366, 0.0001),
    white=(0.3457, 0.3585), curve=(1.8,),
)  # fmt: skip
LINEAR = RgbSpace(
    name="linear BT.2020", red=(0.708, 0.292), green=(0.170, 0.797), blue=(0.131, 0.046),
    curve=(1.0,),
)  # fmt: skip


def converted(profile: Path, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert values of 0 to 255 (0 to 100 for ink) with transicc: relative, black point scaled."""
    assert TRANSICC is not None
    lines = "\n".join(" ".join(f"{value:.6f}" for value in row) for row in values)
    said = subprocess.run(
        [TRANSICC, "-n", "-b", "-t1", f"-i{profile}", "-o*sRGB"],
        input=lines + "\nq\n",
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in said.stdout.splitlines() if line.strip()]
    made = np.array(rows[: len(values)], dtype=np.float64)
    assert made.shape == (len(values), 3)
    return np.clip(made, 0, 255)


def far(made: Image.Image, wanted: NDArray[np.float64]) -> float:
    found = np.asarray(made.convert("RGB")).reshape(-1, 3)
    return float(np.percentile(delta_e_2000(lab_of(found), lab_of(wanted)), 99))


@pytest.mark.parametrize("space", [ADOBE_RGB, P3, PROPHOTO, LINEAR], ids=lambda one: one.name)
def test_rgb_of_any_primaries(tmp_path: Path, space: RgbSpace) -> None:
    path = tmp_path / "space.icc"
    path.write_bytes(matrix_profile(space))
    colours = np.random.default_rng(4).integers(0, 256, (3000, 3), np.uint8)
    image = Image.fromarray(colours.reshape(1, -1, 3))
    made, said = to_srgb(image, path.read_bytes(), Profile.OTHER)
    assert said == f"{space.name} → sRGB"
    assert far(made, converted(path, colours.astype(np.float64))) < 1


def test_ink(tmp_path: Path) -> None:
    path = tmp_path / "press.icc"
    path.write_bytes(press_profile())
    inks = np.random.default_rng(5).integers(0, 256, (3000, 4), np.uint8)
    # Mostly as separations are: hardly ever much of all four.
    inks[:, 3] = inks[:, 3] // 3
    image = Image.frombytes("CMYK", (len(inks), 1), inks.tobytes())
    made, said = to_srgb(image, path.read_bytes(), Profile.OTHER)
    assert said.endswith("→ sRGB")
    assert far(made, converted(path, inks / 2.55)) < 1


def press_profile() -> bytes:
    """Write a profile of a press: a table of 7 steps of each ink, to Lab (ICC.1:2001, 6.5.8)."""
    steps = 7
    axis = np.linspace(0, 1, steps)
    cyan, magenta, yellow, black = (
        plane.ravel() for plane in np.meshgrid(axis, axis, axis, axis, indexing="ij")
    )
    paper = np.stack([1 - 0.95 * cyan, 1 - 0.9 * magenta, 1 - 0.93 * yellow], axis=1)
    light = paper * (1 - 0.9 * black[:, None])
    lab = lab_of(light * 255)
    table = np.stack(
        [lab[:, 0] / 100 * 65280, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], axis=1
    )
    body = b"mft2\0\0\0\0" + bytes([4, 3, steps, 0])
    body += b"".join(
        round(value * 65536).to_bytes(4, "big") for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)
    )
    body += (2).to_bytes(2, "big") * 2
    ends = b"\0\0\xff\xff"
    body += ends * 4 + np.clip(np.rint(table), 0, 65535).astype(">u2").tobytes() + ends * 3
    said = b"A press\0"
    description = b"desc\0\0\0\0" + len(said).to_bytes(4, "big") + said + b"\0" * 78
    white = b"XYZ \0\0\0\0" + b"".join(
        round(value * 65536).to_bytes(4, "big") for value in (0.9642, 1.0, 0.8249)
    )
    tags = [(b"desc", description), (b"wtpt", white), (b"A2B0", body), (b"A2B1", body)]
    tags.append((b"cprt", b"text\0\0\0\0none\0"))
    at = 128 + 4 + 12 * len(tags)
    table_of_tags, data = len(tags).to_bytes(4, "big"), b""
    for name, content in tags:
        place = (at + len(data)).to_bytes(4, "big")
        table_of_tags += name + place + len(content).to_bytes(4, "big")
        data += content + b"\0" * (-len(content) % 4)
    head = (at + len(data)).to_bytes(4, "big") + b"\0\0\0\0\x02\x40\0\0" + b"prtrCMYKLab "
    head += b"\x07\xd0\0\1\0\1\0\0\0\0\0\0acsp"
    head = head.ljust(68, b"\0") + white[8:]
    return head.ljust(128, b"\0") + table_of_tags + data
