"""A thousand small files are taken and refused as they were, and stripped to the same bytes.

The files lie in `tests/golden/corpus.tar.xz`: pictures of every format with every kind of
metadata, as Pillow made them once, and what seeded damages (`tests/formats/mutations.py`, parts
dropped, doubled, moved and changed with right check sums, single bytes) made of them. To them come
the sample images. What was said of each stands in `tests/golden/inspections.json`;
`WRITE_GOLDEN=1 python -m pytest tests/validate/test_check_reference.py` writes that anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.formats import strip_metadata
from pipeline.formats.notice import Notice
from pipeline.validate import check
from tests.formats.samples import LIMITS, original
from tests.golden import GOLDEN, compare

ROOT = Path(__file__).resolve().parents[2]

EXIF = b"Exif\0\0II*\0" + bytes((8, 0, 0, 0, 0, 0, 0, 0, 0, 0))
"""An EXIF block in which nothing stands."""


def corpus() -> Iterator[tuple[str, bytes]]:
    """Name every file and give its bytes."""
    with tarfile.open(GOLDEN / "corpus.tar.xz") as packed:
        for member in packed:
            file = packed.extractfile(member)
            assert file is not None
            yield member.name, file.read()
    for folder in ("shop", "refused"):
        for path in sorted((ROOT / "sample_images" / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def said(file: Path, content: bytes) -> dict[str, object]:
    """Return what is said of a file, and digests of what is left of it without its metadata."""
    try:
        inspection = check(original(file, content), LIMITS)
    except PhotoRefused as refused:
        return {"refused": str(refused.reason), "sentence": str(refused)}
    left = (
        strip_metadata(io.BytesIO(content), inspection.format, Notice(exif=exif))
        for exif in (b"", EXIF)
    )
    digests = [None if one is None else hashlib.sha256(one).hexdigest()[:16] for one in left]
    facts = asdict(inspection)
    if not facts["oddities"]:
        del facts["oddities"]  # as nearly everywhere
    return {**facts, "stripped": digests}


@pytest.mark.filterwarnings("ignore::Warning:PIL")
def test_every_file_is_taken_or_refused_as_it_was(tmp_path: Path) -> None:
    answers: dict[str, list[str]] = {}
    for name, content in corpus():
        suffix = Path(name).suffix
        answer = json.dumps(said(tmp_path / f"photo{suffix}", content), ensure_ascii=False)
        answers.setdefault(answer, []).append(name)
    lines = (
        f"{json.dumps(' '.join(sorted(names)))}:\n    {answer}"
        for answer, names in sorted(answers.items(), key=lambda pair: sorted(pair[1]))
    )
    compare("inspections.json", "{\n" + ",\n".join(lines) + "\n}\n")
