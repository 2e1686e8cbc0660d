"""What is compared: how each tool is started, and what is said where it is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from PIL import Image, ImageCms

from tests import posix
from tests.benchmarks.pictures.task import Answer, Task

__all__ = ["NAMES", "Absent", "Tool", "started"]

HERE: Final = Path(__file__).parent

FIXED_QUALITY: Final = 85
"""What those encode with that search for nothing."""


class Absent(Exception):
    """The tool is not installed here."""


class Tool(Protocol):
    """Something that brings photographs within a limit."""

    version: str

    def make(self, task: Task) -> Answer:
        """Make one picture.

        Raises:
            RuntimeError: it failed.
        """

    def close(self) -> None:
        """End it."""


class Served:
    """A library in a process of its own, asked and answering by lines of JSON."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **environment},
            )
        except OSError as error:
            raise Absent(str(error)) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        hello = self._from.readline()
        if not hello:
            raise Absent(self._last_words())
        self.version: str = json.loads(hello)["version"]

    def make(self, task: Task) -> Answer:
        asked = {**asdict(task), "source": str(task.source), "target": str(task.target)}
        self._to.write(json.dumps(asked) + "\n")
        self._to.flush()
        line = self._from.readline()
        if not line:
            raise RuntimeError(self._last_words())
        return Answer(**json.loads(line))

    def close(self) -> None:
        self._to.close()
        self._process.wait(timeout=30)
        self._from.close()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _last_words(self) -> str:
        assert self._process.stderr is not None
        said = self._process.stderr.read().strip().splitlines()
        self._process.wait()
        errors = [line for line in said if "Error" in line]
        return (errors or said or ["it ended without a word"])[-1]


class Command:
    """A command that is started anew for each photograph."""

    def __init__(
        self, program: str, version: list[str], arguments: Callable[[Task], list[str]]
    ) -> None:
        found = shutil.which(program)
        if found is None:
            raise Absent(f"no {program} on the path")
        said = subprocess.run([found, *version], capture_output=True, text=True, check=False)
        self.version = said.stdout.strip().splitlines()[0]
        self._program = found
        self._arguments = arguments

    def make(self, task: Task) -> Answer:
        wall = time.perf_counter()
        process = subprocess.Popen(
            [self._program, *self._arguments(task)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = posix.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 or not task.target.exists():
            raise RuntimeError(f"{self._program} ended with {process.returncode}")
        return Answer(
            cpu=used.ru_utime + used.ru_stime,
            wall=time.perf_counter() - wall,
            peak=used.ru_maxrss * 1024,
        )

    def close(self) -> None:
        pass


def _served(name: str) -> Served:
    # One thread each: the CPU of a worker is what is compared, and threads cost some.
    environment = {"VIPS_CONCURRENCY": "1"}
    return Served([sys.executable, "-m", "tests.benchmarks.pictures.worker", name], environment)


def _sharp(*options: str) -> Served:
    return Served(["node", str(HERE / "sharp.mjs"), *options], {"VIPS_CONCURRENCY": "1"})


def _image_magick() -> Command:
    icc = Path(tempfile.mkdtemp(prefix="bench-icc-")) / "srgb.icc"
    icc.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())

    def arguments(task: Task) -> list[str]:
        size = f"{task.side}x{task.side}>"
        limit = f"jpeg:extent={task.most}B"
        plan = ["-auto-orient", "-resize", size, "-profile", str(icc), "-strip"]
        quality = ["-interlace", "JPEG", "-define", limit]
        return [str(task.source), *plan, *quality, f"jpg:{task.target}"]

    program = "magick" if shutil.which("magick") else "convert"
    return Command(program, ["-version"], arguments)


def _caesium() -> Command:
    def arguments(task: Task) -> list[str]:
        folder = task.target.parent / "caesium"
        return [
            *("--max-size", str(task.most), "--long-edge", str(task.side), "--no-upscale"),
            *("--output", str(folder), "--quiet", str(task.source)),
        ]

    class Moved(Command):
        def make(self, task: Task) -> Answer:
            # It names the file itself.
            made = task.target.parent / "caesium" / task.source.name
            answer = super().make(
                Task(source=task.source, target=made, side=task.side, most=task.most)
            )
            made.replace(task.target)
            return answer

    return Moved("caesiumclt", ["--version"], arguments)


def _vipsthumbnail() -> Command:
    def arguments(task: Task) -> list[str]:
        made = f"{task.target}[Q={FIXED_QUALITY},strip]"
        size = f"{task.side}x{task.side}>"
        return [str(task.source), "--size", size, "--export-profile", "srgb", "-o", made]

    return Command("vipsthumbnail", ["--vips-version"], arguments)


def _djpeg_cjpeg() -> Command:
    if shutil.which("djpeg") is None or shutil.which("cjpeg") is None:
        raise Absent("no djpeg or cjpeg on the path")

    def arguments(task: Task) -> list[str]:
        with Image.open(task.source) as image:
            # Eighths are all that it can do: the largest that is within the side.
            eighths = max(1, min(8, 8 * task.side // max(image.size)))
        plan = 'djpeg -scale "$1/8" "$2" | cjpeg -quality "$3" -outfile "$4"'
        words = [str(eighths), str(task.source), str(FIXED_QUALITY), str(task.target)]
        return ["-c", plan, "sh", *words]

    return Command("sh", ["-c", "djpeg -version 2>&1"], arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    start: Callable[[], Tool]
    about: str
    install: str


_KINDS: Final[dict[str, _Kind]] = {
    "this program, best": _Kind(
        start=lambda: _served("best"), about="check and render, default recipe", install=""
    ),
    "this program, fast": _Kind(
        start=lambda: _served("fast"), about="check and render, fast recipe", install=""
    ),
    "floor": _Kind(
        start=lambda: _served("floor"),
        about="half-scale decode, one resize, one 4:2:0 encode at quality 85, no limit kept",
        install="pip install 'PyTurboJPEG<2' and libturbojpeg",
    ),
    "libvips": _Kind(
        start=lambda: _served("vips"),
        about="thumbnail, progressive, bisected quality",
        install="pip install 'pyvips[binary]'",
    ),
    "libvips, linear": _Kind(
        start=lambda: _served("vips-linear"),
        about="the same in linear light",
        install="pip install 'pyvips[binary]'",
    ),
    "sharp": _Kind(
        start=_sharp, about="resize, progressive, bisected quality", install="npm install sharp"
    ),
    "sharp, mozjpeg": _Kind(
        start=lambda: _sharp("mozjpeg"),
        about="the same with mozjpeg's trellis",
        install="npm install sharp",
    ),
    "ImageMagick": _Kind(
        start=_image_magick, about="-resize, jpeg:extent", install="apt install imagemagick"
    ),
    "vipsthumbnail": _Kind(
        start=_vipsthumbnail,
        about="a command a photograph, quality 85, no limit kept",
        install="apt install libvips-tools",
    ),
    "djpeg | cjpeg": _Kind(
        start=_djpeg_cjpeg,
        about="whole eighths of the side, quality 85, no limit kept, colours and turn as they are",
        install="apt install libjpeg-turbo-progs",
    ),
    "caesiumclt": _Kind(
        start=_caesium, about="--max-size --long-edge", install="cargo install caesiumclt"
    ),
}

NAMES: Final = tuple(_KINDS)


def started(name: str) -> Tool:
    """Start a tool.

    Raises:
        Absent: it is not installed, with what would install it.
    """
    kind = _KINDS[name]
    try:
        return kind.start()
    except Absent as absent:
        raise Absent(f"{absent} ({kind.install})") from absent


def about(name: str) -> str:
    """Say how a tool is used here."""
    return _KINDS[name].about
