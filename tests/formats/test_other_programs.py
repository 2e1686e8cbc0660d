"""WBMP and XBM files of other programs are read as what they show, and ours by them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.formats.drawings import arrow, drawn
from tests.formats.samples import dots, inspect


def run(*command: str | Path) -> None:
    """Run another program, or skip the test where it is not there or cannot do this."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    if done.returncode:
        pytest.skip(f"{command[0]} could not: {done.stderr.decode(errors='replace')[:200]}")


@pytest.mark.parametrize("suffix", ["wbmp", "xbm"])
def test_what_imagemagick_writes_is_read_as_what_it_shows(tmp_path: Path, suffix: str) -> None:
    for name, image in {"arrow": arrow(), "dots": dots(203, 131)}.items():
        image.save(tmp_path / f"{name}.png")
        made = tmp_path / f"{name}.{suffix}"
        run("convert", tmp_path / f"{name}.png", made)
        found = inspect(tmp_path, made.read_bytes())
        assert (found.format.value, found.trailing) == (suffix.upper(), False)
        with Image.open(made) as read:
            assert drawn(read) == drawn(image)


@pytest.mark.parametrize("suffix", ["wbmp", "xbm"])
def test_what_php_writes_is_read_as_what_it_shows(tmp_path: Path, suffix: str) -> None:
    for name, image in {"arrow": arrow(), "dots": dots(203, 131)}.items():
        image.convert("RGB").save(tmp_path / f"{name}.png")
        made = tmp_path / f"{name}.{suffix}"
        script = f"exit(image{suffix}(imagecreatefrompng($argv[1]), $argv[2], 0x000000) ? 0 : 1);"
        run("php", "-r", script, tmp_path / f"{name}.png", made)
        found = inspect(tmp_path, made.read_bytes())
        assert (found.format.value, found.trailing) == (suffix.upper(), False)
        with Image.open(made) as read:
            assert drawn(read) == drawn(image)


def test_what_we_write_is_read_by_imagemagick(tmp_path: Path) -> None:
    for format_ in ("WBMP", "XBM"):
        made, back = tmp_path / f"ours.{format_.lower()}", tmp_path / "back.png"
        image = dots(203, 131)
        image.save(made)
        run("convert", made, back)
        with Image.open(back) as read:
            assert drawn(read) == drawn(image)
