"""A codec that crashes, hangs or takes all memory costs the photograph it is about, no other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

# Real codecs do none of this on any file that is known, so a decoder is made that does: it is
# loaded by every Python process that finds it, and looks at the width alone.
BAD_CODEC = """
import sys, os
if any("pipeline.workers" in word for word in sys.orig_argv):
    import ctypes
    from PIL import ImageFile

    load = ImageFile.ImageFile.load

    def bad(self):
        if self.width == 111:
            ctypes.string_at(0)
        if self.width == 112:
            while True:
                ctypes.CDLL(None).sleep(100)
        if self.width == 113:
            bytearray(3 << 30)
        if self.width == 114:
            os.kill(os.getpid(), 9)
        return load(self)

    ImageFile.ImageFile.load = bad
"""


@pytest.mark.skipif(os.name != "posix", reason="needs signals and memory limits")
def test_each_costs_one_photograph_and_all_others_are_stored(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "sitecustomize.py").write_text(BAD_CODEC)
    shop = tmp_path / "shop" / "158"
    for number in range(6):
        photograph(shop / f"good-{number}.png", number)
    for width in (111, 112, 113, 114):
        photograph(shop / f"good-1-{width}.png", width, (width, 90))
    run = pipeline(
        "run",
        "--json",
        shop,
        environment={
            "PYTHONPATH": os.pathsep.join((str(bad), *sys.path)),
            "PIPELINE_PICTURE_TIMEOUT": "3",
        },
    )
    assert run.status == 1
    reasons = {
        Path(photo["path"]).stem.removeprefix("good-1-"): photo["reason"]
        for photo in run.document["photographs"]
        if photo["outcome"] == "refused"
    }
    assert reasons == {
        "111": "decoder_crashed",
        "112": "too_slow",
        "113": "no_memory",
        "114": "no_memory",
    }
    assert run.counts["stored"] == 6
    assert len(store.images(158)) == 6
