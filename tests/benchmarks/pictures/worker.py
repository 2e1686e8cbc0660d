"""A process of its own for each tool that is a Python library: `python -m … worker NAME`.

It says its version as the first line, then answers a line of JSON for each line it is given.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.pictures.task import Task

__all__ = ["TOOLS", "main"]

QUALITY_BEST: Final = 95
"""No tool is made to go beyond it, ours neither."""

FLOOR_QUALITY: Final = 85
"""What the floor encodes with, whatever comes out: it keeps no limit."""

Work = Callable[[Task], int | None]
"""Makes the picture and says how often it was encoded, where that is known."""


def ours(preset: str) -> tuple[str, Work]:
    """Return this program's `check` and `render`, with everything they do to be safe."""
    from pipeline import __version__
    from pipeline.prepare import allow_pixels, render
    from pipeline.spool import Spool
    from pipeline.validate import check
    from pipeline.values import EncodeSettings, Limits, Original, Preset
    from pipeline.workers.heap import Heap

    Heap()  # as every worker does
    allow_pixels(Limits().most_pixels)
    encoding = EncodeSettings(preset=Preset(preset))
    spool = Spool(Path(tempfile.mkdtemp(prefix="bench-spool-")))

    def work(task: Task) -> int | None:
        content = task.source.read_bytes()
        original = Original(
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            path=task.source,
            root=task.source.parent,
        )
        del content
        limits = Limits(max_bytes=task.most, longest_side=task.side)
        picture = render(original, check(original, limits), limits, encoding, spool)
        spool.path(picture.spool_name).replace(task.target)
        return picture.encode_report.encodes if picture.encode_report else None

    return f"photo-pipeline {__version__}, {_pillow()}", work


def vips(linear: bool) -> tuple[str, Work]:
    """Return libvips: its thumbnailer, then its encoder at the highest quality that fits."""
    import pyvips

    pyvips.cache_set_max(0)

    def work(task: Task) -> int | None:
        image = pyvips.Image.thumbnail(
            str(task.source),
            task.side,
            height=task.side,
            size="down",
            linear=linear,
            output_profile="srgb",
        ).copy_memory()

        def encode(quality: int) -> bytes:
            made: bytes = image.jpegsave_buffer(
                Q=quality, optimize_coding=True, interlace=True, keep="none"
            )
            return made

        content, encodes = bisected(encode, task.most)
        task.target.write_bytes(content)
        return encodes

    version = ".".join(str(pyvips.version(number)) for number in range(3))
    return f"libvips {version} (pyvips {pyvips.__version__})", work


def floor() -> tuple[str, Work]:
    """Return the least there is: libjpeg-turbo's decode at a fraction, one resize, one encode."""
    import numpy as np
    import turbojpeg
    from PIL import Image

    library = turbojpeg.TurboJPEG()

    def work(task: Task) -> int | None:
        content = task.source.read_bytes()
        width, height, *_ = library.decode_header(content)
        times = min(1.0, task.side / max(width, height))
        wanted = (max(1, round(width * times)), max(1, round(height * times)))
        part = next(part for part in (8, 4, 2, 1) if max(width, height) >= part * max(wanted))
        pixels = library.decode(content, pixel_format=turbojpeg.TJPF_RGBX, scaling_factor=(1, part))
        image = Image.frombuffer(
            "RGBX", pixels.shape[1::-1], pixels.tobytes(), "raw", "RGBX", 0, 1
        ).resize(wanted, Image.Resampling.BILINEAR)
        made = library.encode(
            np.asarray(image),
            quality=FLOOR_QUALITY,
            pixel_format=turbojpeg.TJPF_RGBX,
            jpeg_subsample=turbojpeg.TJSAMP_420,
        )
        task.target.write_bytes(made)
        return 1

    return f"libjpeg-turbo through PyTurboJPEG {turbojpeg.__version__}", work


def bisected(encode: Callable[[int], bytes], most: int) -> tuple[bytes, int]:
    """Return the file of the highest whole quality that fits, and how many were made."""
    low, high, best, made = 1, QUALITY_BEST, b"", 0
    while low <= high:
        # From the top, where most photographs of this size lie.
        quality = (low + high) // 2 if made else 90
        content = encode(quality)
        made += 1
        if len(content) <= most:
            best, low = content, quality + 1
        else:
            high = quality - 1
    return best, made


def _pillow() -> str:
    import PIL
    from PIL import features

    return f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}"


TOOLS: Final[dict[str, Callable[[], tuple[str, Work]]]] = {
    "best": lambda: ours("best"),
    "fast": lambda: ours("fast"),
    "vips": lambda: vips(linear=False),
    "vips-linear": lambda: vips(linear=True),
    "floor": floor,
}


def main() -> None:
    """Serve the tool that is named until the input ends."""
    version, work = TOOLS[sys.argv[1]]()
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        task = Task(
            source=Path(asked["source"]),
            target=Path(asked["target"]),
            side=asked["side"],
            most=asked["most"],
        )
        forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        encodes = work(task)
        answer = {
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
            "peak": peak(),
            "encodes": encodes,
        }
        print(json.dumps(answer), flush=True)


def forget_peak() -> None:
    """Begin to count the peak of this process's memory anew, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def peak() -> int | None:
    """Return the most memory this process held since then, in bytes; None where it is not known."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return None
    for line in io.StringIO(status):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


if __name__ == "__main__":
    main()
