"""A decoder that was taken over reaches nothing; one that was not does its work as before."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.memory import Budget
from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings
from pipeline.workers import Protection, Workers
from pipeline.workers.confinement import confine
from tests.stories.commands import photograph
from tests.workers.test_pool import LIMITS, children, setup, taken

SAMPLES = Path(__file__).resolve().parents[2] / "sample_images" / "shop"

linux = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")

# Loaded by every Python process that finds it: whoever decodes tries everything first, and writes
# down what became of it where it may.
TAKEN_OVER = """
import sys, os
if any("pipeline.workers" in word for word in sys.orig_argv):
    import ctypes, json, signal, socket, subprocess, threading, urllib.request
    from pathlib import Path
    from PIL import ImageFile

    aims = json.loads(os.environ["AIMS"])
    load = ImageFile.ImageFile.load

    def errno(call, *arguments):
        libc = ctypes.CDLL(None, use_errno=True)
        if call(libc)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), "")

    def attempts():
        parent, original = os.getppid(), Path(aims["original"])
        yield "make a socket", lambda: socket.socket()
        yield "make a pair", lambda: socket.socketpair()
        yield "reach the store", lambda: urllib.request.urlopen(aims["store"], timeout=5)
        yield "run a program", lambda: subprocess.run(["/bin/true"])
        yield "become a program", lambda: os.execv("/bin/true", ["true"])
        yield "fork", lambda: os.fork() or os._exit(0)
        yield "write at home", lambda: Path(aims["home"], "x").write_text("x")
        yield "read the token", lambda: Path(aims["token"]).read_text()
        yield "list the home", lambda: os.listdir(aims["home"])
        yield "write beside the original", lambda: original.with_name("x").write_text("x")
        yield "write the original", lambda: open(original, "ab")
        yield "cut the original", lambda: os.truncate(original, 0)
        yield "read the original's path", lambda: original.read_bytes()
        yield "remove the original", lambda: original.unlink()
        yield "rename the original", lambda: original.rename(original.with_name("y"))
        yield "change its rights", lambda: original.chmod(0)
        yield "change its times", lambda: os.utime(original)
        yield "write into /tmp", lambda: Path("/tmp/pipeline-test-x").write_text("x")
        yield "link the token into the spool", lambda: Path(aims["spool"], "l").symlink_to(
            aims["token"])
        yield "link hard", lambda: os.link(aims["token"], Path(aims["spool"], "h"))
        yield "read /etc/passwd", lambda: Path("/etc/passwd").read_bytes()
        yield "read the parent's environment", lambda: Path(
            f"/proc/{parent}/environ").read_bytes()
        yield "read the parent's memory", lambda: open(f"/proc/{parent}/mem", "rb")
        yield "trace the parent", lambda: errno(lambda libc: libc.ptrace, 16, parent, 0, 0)
        yield "signal the parent", lambda: os.kill(parent, 0)
        yield "open the parent", lambda: os.pidfd_open(parent)
        yield "mount", lambda: errno(lambda libc: libc.mount, b"x", b"/tmp", b"tmpfs", 0, 0)
        yield "leave the namespace", lambda: errno(lambda libc: libc.unshare, 0x10000000)

    def tried():
        found = {}
        for name, attempt in attempts():
            try:
                attempt()
                found[name] = 0
            except BaseException as error:
                reason = getattr(error, "reason", error)
                found[name] = getattr(reason, "errno", None) or repr(error)
        return found

    def taken_over(self):
        if not Path(aims["spool"], "found.json").exists():
            found = tried()
            thread = threading.Thread(
                target=lambda: found.update({f"{k} in a thread": v for k, v in tried().items()}))
            thread.start()
            thread.join()
            Path(aims["spool"], "found.json").write_text(json.dumps(found))
        return load(self)

    ImageFile.ImageFile.load = taken_over
"""


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(setup(tmp_path / "home" / "spool"), Budget(400_000_000))
    yield workers
    workers.close()


@linux
def test_a_decoder_that_was_taken_over_reaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "sitecustomize.py").write_text(TAKEN_OVER)
    (home / "spool").mkdir(parents=True)
    (home / "pipeline.toml").write_text("the token")
    original = taken(photograph(tmp_path / "shop" / "a.png", 1, (900, 700)))
    with socket.create_server(("127.0.0.1", 0)) as store:
        aims = {
            "home": str(home),
            "spool": str(home / "spool"),
            "token": str(home / "pipeline.toml"),
            "original": str(original.path),
            "store": f"http://127.0.0.1:{store.getsockname()[1]}/",
        }
        monkeypatch.setenv("AIMS", json.dumps(aims))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path / "bad"), *sys.path)))
        workers = Workers(setup(home / "spool"), Budget(400_000_000))
        try:
            if not all((workers.protection().landlock >= 3, workers.protection().seccomp)):
                pytest.skip("this kernel does not offer both")
            picture = workers.render(original, workers.check(original))
        finally:
            workers.close()
    found = json.loads((home / "spool" / "found.json").read_text())
    assert len(found) == 56
    denied = (errno.EPERM, errno.EACCES, errno.EXDEV)
    assert {name: how for name, how in found.items() if how not in denied} == {}
    assert taken(original.path) == original
    assert sorted(path.name for path in home.iterdir()) == ["pipeline.toml", "spool"]
    here = render(original, check(original, LIMITS), LIMITS, EncodeSettings(), Spool(tmp_path))
    assert picture == here


@pytest.mark.parametrize(
    "sample",
    [
        "TOY-05/car.webp",
        "TOY-05/turntable.gif",
        "product-158/mug.wbmp",
        "product-158/mug-48-bit.png",
        "by-name/BOWL-24-sketch.xbm",
        "by-name/id-214_2.bmp",
        "by-name/RING-07-cut-out.png",
        "by-name/id-214_1.JPG",
    ],
)
def test_every_format_is_read_and_written_as_without_confinement(
    tmp_path: Path, workers: Workers, sample: str
) -> None:
    path = tmp_path / Path(sample).name
    shutil.copy(SAMPLES / sample, path)
    original = taken(path)
    inspection = workers.check(original)
    workers.prove(original, inspection)
    there = workers.render(original, inspection)
    here = render(original, inspection, LIMITS, EncodeSettings(), Spool(tmp_path / "other"))
    assert there == here


@linux
def test_a_worker_says_what_is_in_force_and_every_thread_of_it_is_confined(
    workers: Workers,
) -> None:
    protection = workers.protection()
    (worker,) = children()
    for task in Path(f"/proc/{worker}/task").iterdir():
        status = (task / "status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert ("Seccomp:\t2" in status) == protection.seccomp


@linux
def test_a_spool_that_was_taken_away_is_made_again(tmp_path: Path, workers: Workers) -> None:
    original = taken(photograph(tmp_path / "a.png", 1, (900, 700)))
    inspection = workers.check(original)
    shutil.rmtree(tmp_path / "home" / "spool")
    picture = workers.render(original, inspection)
    assert (tmp_path / "home" / "spool" / picture.spool_name).stat().st_size == picture.size


def test_where_the_system_offers_nothing_that_is_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        """Stands for the C library on a kernel, or in a container, that allows nothing of it."""

        def prctl(self, what: object, *_: object) -> int:
            return 0 if getattr(what, "value", what) == 38 else -1

        def syscall(self, *_: object) -> int:
            return -1

    nothing = Protection(landlock=0, seccomp=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Refusing())
    assert confine(tmp_path) == nothing
    monkeypatch.setattr(sys, "platform", "darwin")
    assert confine(tmp_path) == nothing
