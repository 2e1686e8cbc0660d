"""Damaged files for as long as is wanted: `python -m tests.benchmarks.fuzz --minutes 10`.

Starts from small whole files of all formats, and from those in `--corpus` where one is given.
The process that decodes is this one, with a bound on its memory: a crash of a codec ends it, and
the file that did it is left behind to be looked at.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

from tests.formats.mutations import Findings, mutated, peak_memory, tried
from tests.formats.samples import SAMPLES

BOUND = 1 << 30
"""Bytes of private memory; more is an error of its own."""


def main() -> int:
    """Fuzz, and give 0 where every file was taken or refused."""
    parser = argparse.ArgumentParser(description="Files damaged by chance.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--corpus", type=Path, help="a folder of files to damage, too")
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="PIL")
    if sys.platform.startswith("linux"):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (BOUND, BOUND))
    whole = [(format_.suffix, content) for format_, content in SAMPLES.items()]
    if given.corpus is not None:
        files = [file for file in sorted(given.corpus.rglob("*")) if file.is_file()]
        whole += [
            (file.suffix, file.read_bytes()) for file in files if 0 < file.stat().st_size < 300_000
        ]
    contents = [content for _, content in whole]
    dice = random.Random(given.seed)
    findings = Findings()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    deadline = time.monotonic() + given.minutes * 60
    for suffix, content in whole:
        tried(content, suffix, folder, findings)
    while time.monotonic() < deadline:
        suffix, content = dice.choice(whole)
        tried(mutated(dice, [content, content, content, *contents]), suffix, folder, findings)
    print(f"seed {given.seed}: {findings.files:,} files, {findings.taken:,} taken")
    for reason, number in findings.refused.most_common():
        print(f"    {number:>8,} {reason}")
    print(f"slowest {findings.slowest:.1f} s, peak memory {peak_memory() / 1e6:.0f} MB")
    print(f"{len(findings.wrong)} wrong")
    for line in findings.wrong[:50]:
        print(line)
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
