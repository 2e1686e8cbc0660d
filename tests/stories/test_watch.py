"""The real watcher against the real local store: every photograph once, in order, come what may."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.judge import judge, listed
from tests.stories.watching import Watching, counts


def picture(number: int, size: tuple[int, int] = (900, 600)) -> bytes:
    """Return a JPEG of some 500 kB that no other number has."""
    image = Image.effect_noise(size, 60).convert("RGB")
    image.putpixel((0, 0), (number % 256, number // 256, 0))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue()


def all_once(pipeline: Command, store: StoreProcess, files: list[Path], product: int = 158) -> None:
    verdict = judge(store, pipeline.home / "ledger.sqlite3", dict.fromkeys(files, product))
    assert verdict.good, str(verdict)
    assert verdict.stored == len(files), str(verdict)


def image_names(store: StoreProcess, product: int = 158) -> list[str]:
    """Return the names of a product's images in the order in which they were stored."""
    images = sorted(store.images(product), key=lambda image: image["id"])
    return [re.sub(r"-[0-9a-f]{10}__.*", "", Path(image["image_file"]).name) for image in images]


def writer(program: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Write files from another process, as other programs do."""
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)])


def test_slow_writers_and_renamers_are_waited_for(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source.jpg"
    growing = (
        "import sys, time; data = open(sys.argv[1], 'rb').read()\n"
        "with open(sys.argv[2], 'wb', buffering=0) as file:\n"
        "    if sys.argv[3] == 'allocated': file.truncate(len(data))\n"
        "    step = len(data) // 12\n"
        "    for at in range(0, len(data), step):\n"
        "        file.write(data[at:at + step]); time.sleep(0.35)\n"
    )
    reopening = (
        "import sys, time; data = open(sys.argv[1], 'rb').read()\n"
        "open(sys.argv[2], 'wb').write(bytes(len(data)))\n"
        "for at in range(0, len(data), 1 + len(data) // 6):\n"
        "    time.sleep(0.7)\n"
        "    with open(sys.argv[2], 'r+b') as file:\n"
        "        file.seek(at); file.write(data[at:at + 1 + len(data) // 6])\n"
    )
    with watching.running():
        writers = []
        for number, (program, way) in enumerate(
            [(growing, "growing"), (growing, "allocated"), (reopening, "")], start=1
        ):
            copy = source.with_name(f"{number}.src")
            copy.write_bytes(picture(number))
            writers.append(writer(program, copy, watched / "158" / f"158_{number}.jpg", way))
        renamed = watched / "158" / "tmpfileQx81Zb"
        renamed.write_bytes(picture(4))
        time.sleep(2)
        renamed.rename(watched / "158" / "158_4.jpg")
        for process in writers:
            assert process.wait(60) == 0
        watching.stored(4)
    files = sorted((watched / "158").glob("*.jpg"))
    assert len(files) == 4
    all_once(pipeline, store, files)
    assert sum(counts(pipeline).values()) == 4, "a half file was taken"


def test_one_that_stops_in_the_middle_is_refused_in_the_end_and_taken_when_it_is_completed(
    pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    watching = Watching(pipeline, watched, quiet_after=0.5, whole_within=4)
    whole = picture(1)
    path = watched / "158" / "158_1.jpg"
    with watching.running():
        path.write_bytes(whole[: len(whole) // 2])
        time.sleep(2.5)
        assert sum(counts(pipeline).values()) == 0, "it may still be on its way"
        until(lambda: counts(pipeline)["refused"] == 1)
        path.write_bytes(whole)
        watching.stored(1)
    reasons = [one["reason"] for one in pipeline("list", "--json").document]
    assert sorted(reasons, key=str) == [None, "truncated"]
    assert len(store.images(158)) == 1


@pytest.mark.parametrize("number", [20, pytest.param(500, marks=pytest.mark.long)])
def test_many_files_at_once_are_stored_once_and_in_order(
    watching: Watching,
    pipeline: Command,
    store: StoreProcess,
    watched: Path,
    tmp_path: Path,
    number: int,
) -> None:
    products = (158, 159, 160, 161)
    ready = [
        photograph(tmp_path / "ready" / str(product) / f"{product}_{shot}.png", shot, (40, 30))
        for shot in range(number)
        for product in products
    ]
    for product in products:
        (watched / str(product)).mkdir(exist_ok=True)
    files = {watched / file.parent.name / file.name: int(file.parent.name) for file in ready}
    with watching.running():
        for file in ready:
            shutil.copyfile(file, watched / file.parent.name / file.name)
        watching.stored(4 * number, 900)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    assert verdict.good, str(verdict)
    assert verdict.stored == 4 * number
    for product in products:
        images = sorted(listed(store, product).values(), key=lambda image: image["id"])
        names = [re.search(r"-(\d+)-[0-9a-f]{10}__", image["image_file"]) for image in images]
        assert [name is not None and int(name[1]) for name in names] == list(range(number))


def test_a_folder_that_disappears_and_comes_back(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path, tmp_path: Path
) -> None:
    photograph(watched / "158" / "158_1.jpg", 1)
    with watching.running():
        watching.stored(1)
        watched.rename(tmp_path / "unplugged")
        until(lambda: "is gone" in watching.log())
        until(lambda: watching.status()["watcher"]["gone"] == [str(watched)])
        photograph(tmp_path / "unplugged" / "158" / "158_2.jpg", 2)
        (tmp_path / "unplugged").rename(watched)
        watching.stored(2)
        photograph(watched / "158" / "158_3.jpg", 3)
        watching.stored(3)
    all_once(pipeline, store, sorted((watched / "158").glob("*.jpg")))


def test_a_new_version_under_the_same_name_is_uploaded_once(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    path = photograph(watched / "158" / "158_1.jpg", 1)
    with watching.running():
        watching.stored(1)
        photograph(path, 2)
        watching.stored(2)
        path.touch()
        time.sleep(3.5)
    with watching.running():
        time.sleep(3.5)
    assert counts(pipeline)["stored"] == 2
    assert len(store.images(158)) == 2
    told = pipeline("history", path).well().out
    assert "a new version of image 1" in told


@pytest.mark.parametrize("seconds", [3, pytest.param(50, marks=pytest.mark.long)])
def test_a_store_that_is_away_for_a_while(
    watching: Watching, pipeline: Command, tmp_path: Path, watched: Path, seconds: float
) -> None:
    data = tmp_path / "away"
    options = ("--open", "--plan", "unlimited")
    store = StoreProcess(data, *options)
    port = store.page.rstrip("/").rpartition(":")[2]
    pipeline.environment["PIPELINE_STORE_URL"] = store.url
    pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = store.token
    with watching.running():
        photograph(watched / "158" / "158_1.jpg", 1)
        watching.stored(1)
        store.kill()
        for number in range(2, 12):
            photograph(watched / "158" / f"158_{number}.jpg", number)
            time.sleep(0.1)
        until(lambda: counts(pipeline)["prepared"] == 10)
        time.sleep(seconds)
        assert counts(pipeline)["stored"] == 1
        with StoreProcess(data, *options, "--port", port) as store:
            watching.stored(11, 90)
            all_once(pipeline, store, sorted((watched / "158").glob("*.jpg")))
            assert image_names(store) == [f"158-{number}" for number in range(1, 12)]


@pytest.mark.long
def test_killed_again_and_again(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    for number in range(1, 25):
        photograph(watched / "158" / f"158_{number}.jpg", number, (1600, 1200))
    for _ in range(3):
        watching.start()
        before = len(store.images(158))
        until(lambda before=before: len(store.images(158)) > before + 2)  # type: ignore[misc]
        watching.kill()
        assert "no watcher runs" in pipeline("status").well().out
    with watching.running():
        watching.stored(24, 120)
    all_once(pipeline, store, sorted((watched / "158").glob("*.jpg")))
    assert image_names(store) == [f"158-{number}" for number in range(1, 25)]
