"""Files damaged by chance: each is taken or refused, none crashes, hangs or takes much memory.

`python -m tests.benchmarks.fuzz --minutes 10` goes on for as long as is wanted.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from pipeline.values import ImageFormat
from tests.formats.mutations import Findings, mutated, peak_memory, tried
from tests.formats.samples import SAMPLES

SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.mark.filterwarnings("ignore::Warning:PIL")
@pytest.mark.parametrize("files", [60, pytest.param(2000, marks=pytest.mark.long)])
@pytest.mark.parametrize("format_", list(ImageFormat))
def test_whatever_is_done_to_a_file_it_is_taken_or_refused(
    tmp_path: Path, format_: ImageFormat, files: int
) -> None:
    dice = random.Random(f"{SEED} {format_}")
    # A few foreign pieces among its own.
    whole = [SAMPLES[format_]] * 6 + list(SAMPLES.values())
    findings = Findings()
    before = peak_memory()
    for _ in range(files):
        tried(mutated(dice, whole), format_.suffix, tmp_path, findings)
    assert findings.wrong == [], f"FUZZ_SEED={SEED}"
    assert findings.files == files
    assert sum(findings.refused.values()) > files / 10
    assert findings.slowest < 20
    assert peak_memory() - before < 600_000_000
