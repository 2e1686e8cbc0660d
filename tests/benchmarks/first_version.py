"""The first version of the program, beside whose figures those of today stand."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

__all__ = ["FIRST", "first_version"]

FIRST: Final = "6074a75"

ROOT: Final = Path(__file__).resolve().parents[2]


@contextmanager
def first_version() -> Iterator[Path | None]:
    """Yield a folder with the first version, for PYTHONPATH; None where git cannot give it.

    It runs with the libraries that are installed, of which it needs pydantic besides ours.
    """
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", FIRST, "pipeline"], capture_output=True, check=False
    )
    if packed.returncode != 0:
        yield None
        return
    with TemporaryDirectory(prefix="first-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            # Python before 3.11.4 (Debian 12's) has no filters.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(folder)
        yield Path(folder)
