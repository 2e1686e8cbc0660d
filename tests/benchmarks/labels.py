"""How long does it take to look for a label in a photograph, and is one found where none is?

    python -m tests.benchmarks.labels FOLDER [FOLDER …]

Every picture of the folders is read as a worker reads it. CPU seconds of the whole, and of the part
that reads codes, on the picture brought to 6 megapixels of grey, the most that are ever looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.labels import label_in
from pipeline.prepare import allow_pixels, codes_in
from pipeline.prepare.codes import PIXELS, load_reader, read_codes
from pipeline.validate import check
from pipeline.values import Limits, Original


def main() -> None:
    """Look for labels, and print a row a picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    asked = parser.parse_args()
    limits = Limits()
    allow_pixels(limits.most_pixels)
    if load_reader() is None:
        raise SystemExit("zxing-cpp is not installed: pip install '.[barcode]'")
    print("| picture | megapixels | CPU seconds | of these to read 6 MP | codes | label |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for path in sorted(one for folder in asked.folders for one in folder.rglob("*")):
        if path.is_file():
            measure(path, limits)


def measure(path: Path, limits: Limits) -> None:
    """Look for a label in one picture, and print its row; what is none is passed over."""
    content = path.read_bytes()
    original = Original(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), path=path, root=path.parent
    )
    try:
        found = check(original, limits)
        began = time.process_time()
        codes = codes_in(original, found, limits)
    except PhotoRefused:
        return
    seconds = time.process_time() - began
    with Image.open(path) as image:
        share = (PIXELS / (image.width * image.height)) ** 0.5
        grey = image.convert("L").resize((round(image.width * share), round(image.height * share)))
    began = time.process_time()
    read_codes(grey)
    read = time.process_time() - began
    pixels = found.width * found.height / 1e6
    row = (path.name, f"{pixels:.1f}", f"{seconds:.3f}", f"{read:.3f}", str(len(codes)))
    print(f"| {' | '.join(row)} | {label_in(codes) or ''} |")


if __name__ == "__main__":
    main()
