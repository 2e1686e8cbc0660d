"""A shoot as the hook sees it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photograph in the folder that a shoot is done in, and an environment that says nothing."""
    for name in ("ACTION", "ARGUMENT", "PIPELINE_SKU", "PIPELINE_PRODUCT", "PIPELINE_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "shoot"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = folder / "IMG_0001.JPG"
    path.write_bytes(b"a photograph")
    return path
