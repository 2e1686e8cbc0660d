"""Codes are found in a photograph as they lie, upside down and turned, with how large they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.labels import Code, label_in
from pipeline.prepare.codes import codes_in
from pipeline.validate import check
from pipeline.values import Limits, Original
from tests.labelled_pictures import label_picture
from tests.stories.commands import photograph


def read(path: Path) -> tuple[Code, ...]:
    content = path.read_bytes()
    original = Original(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), path=path, root=path.parent
    )
    return codes_in(original, check(original, Limits()), Limits())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("kind", "text"), [("QRCode", "SM-13"), ("Code128", "SM-13"), ("EAN13", "4006381333931")]
)
def test_a_label_is_read_however_it_lies(tmp_path: Path, kind: str, text: str, turn: int) -> None:
    share = 0.4 if kind == "QRCode" else 0.65
    path = label_picture(tmp_path / "label.jpg", text, kind=kind, share=share, turn=turn)
    assert label_in(read(path)) == text


def test_a_small_code_is_read_and_is_no_label(tmp_path: Path) -> None:
    path = label_picture(tmp_path / "mug.jpg", "SM-13", share=0.1)
    (code,) = read(path)
    assert code.text == "SM-13"
    assert code.share < 0.15
    assert label_in([code]) is None
    assert label_in([code], "SM-") == "13"


@pytest.mark.parametrize("suffix", ["png", "gif", "jpg"])
def test_where_there_is_none_none_is_found(tmp_path: Path, suffix: str) -> None:
    assert read(photograph(tmp_path / f"mug.{suffix}", 1, (640, 480))) == ()
