"""Where a value came from, in words."""

from __future__ import annotations

import pytest

from pipeline.setting_sources import Source, SourceKind


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(SourceKind.DEFAULT), "default"),
        (Source(SourceKind.KEYRING), "the keyring"),
        (Source(SourceKind.FILE, "/home/p.toml"), "/home/p.toml"),
        (
            Source(SourceKind.ENVIRONMENT, "PIPELINE_WORKERS"),
            "environment variable PIPELINE_WORKERS",
        ),
        (Source(SourceKind.FLAG, "--workers"), "flag --workers"),
    ],
)
def test_every_source_has_words(source: Source, words: str) -> None:
    assert str(source) == words


def test_what_counts_more_comes_later() -> None:
    assert list(SourceKind) == sorted(SourceKind)
