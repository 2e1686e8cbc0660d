"""Photographs of labels, drawn: a code on paper that takes a share of the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

__all__ = ["label_picture"]


def label_picture(
    path: Path, text: str, *, kind: str = "QRCode", share: float = 0.5, turn: int = 0
) -> Path:
    """Write a picture that shows a code; its longer side takes a share of the picture's."""
    zxingcpp = pytest.importorskip("zxingcpp")
    code = zxingcpp.create_barcode(text, getattr(zxingcpp, kind))
    drawn = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=4))).convert("L")
    picture = Image.linear_gradient("L").resize((1600, 1200)).point(lambda light: 120 + light // 3)
    width = round(1600 * share)
    drawn = drawn.resize((width, max(1, width * drawn.height // drawn.width)), Image.Resampling.BOX)
    drawn = drawn.rotate(turn, expand=True, fillcolor=255)
    paper = Image.new("L", (drawn.width + 80, drawn.height + 80), 250)
    paper.paste(drawn, (40, 40))
    picture.paste(paper, ((1600 - paper.width) // 2, (1200 - paper.height) // 2))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(path, quality=88)
    return path
