"""Makes a home folder with photographs in every state: `python -m tests.golden.make_home ARCHIVE`.

`home-6074a75.tar.xz` was made by commit 6074a75, the last one before the modules were moved and
renamed. It is not to be made anew by later code: what an earlier version has left behind is what
`tests/stories/test_takeover.py` is about. Later versions may get an archive of their own.

It holds `home` (ledger, spool, tray, product on the table, a killed watcher's word, its lock and
log), `store` (the local store's data) and `shop` and `shoot` (the photographs), which were all
made below the folder FOLDER.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tarfile
from contextlib import closing
from pathlib import Path

from PIL import Image

from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, until
from tests.stories.watching import Watching

FOLDER = Path("/var/tmp/studio-6074a75")

FAULT_POINTS = "PIPELINE_FAULT_POINTS"


def main(archive: Path) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with StoreProcess(FOLDER / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(
            FOLDER / "home", store, settle_after=1, patience=20, workers=1, uploads=1
        )
        _watch(pipeline)
        _shoot(pipeline)
        _fail(pipeline, store)
        _stop_half_way(pipeline)
        with closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger, ledger:
            ledger.execute("UPDATE owners SET host = 'studio'")
        print(pipeline("status").out, pipeline("list").out)
    with tarfile.open(archive, "w:xz") as packed:
        for folder in ("home", "store", "shop", "shoot"):
            packed.add(FOLDER / folder, folder, filter=_of_nobody)


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _picture(name: str) -> Path:
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = random.Random(name).randbytes(40 * 30 * 3)
    Image.frombytes("RGB", (40, 30), noise).save(path)
    return path


def _watch(pipeline: Command) -> None:
    for name in ("158/mug_1.png", "158/mug_2.jpg", "158/mug_3.bmp", "159/removed.png"):
        _picture(f"shop/{name}")
    _picture("shop/somewhere/IMG_0007.png")
    (FOLDER / "shop/158/notes.jpg").write_text("no photograph")
    (FOLDER / "shop/158/mug_2.CR3").write_text("raw")
    watching = Watching(pipeline, FOLDER / "shop", quiet_after=0.5, whole_within=1)
    watching.start()
    watching.stored(4)
    until(lambda: pipeline("status", "--json").document["counts"]["waiting"] == 1)
    until(lambda: pipeline("status", "--json").document["counts"]["refused"] == 1)
    until(lambda: '"settling": 0' in (pipeline.home / "watch.json").read_text())
    watching.kill()
    image = pipeline("images", "list", "159", "--json").well().document[0]["id"]
    pipeline("images", "delete", "--yes", "159", image).well()


def _shoot(pipeline: Command) -> None:
    pipeline("table", "SM-13").well()
    pipeline("hook", _picture("shoot/IMG_0001.png")).well()
    until(lambda: pipeline("status", "--json").document["counts"]["stored"] == 4)
    until(lambda: _has_left(pipeline))
    pipeline("hook", "--no-start", _picture("shoot/IMG_0002.png")).well()
    pipeline("hook", "--no-start", _picture("shoot/IMG_0003.png")).well()


def _has_left(pipeline: Command) -> bool:
    """Whether the engine that the hook has started is gone: it would take in all that follows."""
    with (pipeline.home / "background.lock").open("rb") as lock:
        try:
            posix.flock(lock, posix.LOCK_SH | posix.LOCK_NB)
        except OSError:
            return False
    return True


def _fail(pipeline: Command, store: StoreProcess) -> None:
    create = {"method": "POST", "path": "/catalog/products/160/images", "times": 1}
    store.misbehave({**create, "do": "answer", "status": 422})
    pipeline("run", _picture("shop/160/rejected.png"))
    store.misbehave()


def _stop_half_way(pipeline: Command) -> None:
    for number, (name, place) in enumerate(
        {
            "received": "after ledger.receive@1",
            "validated": "before render@1",
            "prepared": "after ledger.prepared@1",
            "not-sent": "after ledger.intend@1",
            "sent": "before ledger.stored@1",
        }.items(),
        start=161,
    ):
        path = _picture(f"shop/{number}/{name}.png")
        arming = {FAULT_POINTS: f"kill:{place}", "PIPELINE_SETTLE_AFTER": "3600"}
        assert pipeline("run", path, environment=arming).status == -9, name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
