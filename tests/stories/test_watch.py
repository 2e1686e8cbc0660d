"""The real watcher against the real local store: every photograph once, in order, come what may."""

from __future__ import annotations

import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until
from tests.stories.judge import judge, listed
from tests.stories.watching import Watching, counts


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "158").mkdir(parents=True)
    return folder


@pytest.fixture
def watching(pipeline: Command, shop: Path) -> Watching:
    return Watching(pipeline, shop, rescan_every=3, quiet_after=1)


def picture(number: int, size: tuple[int, int] = (900, 600)) -> bytes:
    """Give a JPEG of some 500 kB that no other number has."""
    image = Image.effect_noise(size, 60).convert("RGB")
    image.putpixel((0, 0), (number % 256, number // 256, 0))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue()


def all_once(pipeline: Command, store: StoreProcess, files: list[Path], product: int = 158) -> None:
    verdict = judge(store, pipeline.home / "ledger.sqlite3", dict.fromkeys(files, product))
    assert verdict.good, str(verdict)
    assert verdict.stored == len(files), str(verdict)


def gallery(store: StoreProcess, product: int = 158) -> list[str]:
    """Give the names of a product's images in the order in which they were stored."""
    images = sorted(store.images(product), key=lambda image: image["id"])
    return [re.sub(r"-[0-9a-f]{10}__.*", "", Path(image["image_file"]).name) for image in images]


def writer(program: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Write files from another process, as other programs do."""
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)])


def test_slow_writers_and_renamers_are_waited_for(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
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
            writers.append(writer(program, copy, shop / "158" / f"158_{number}.jpg", way))
        renamed = shop / "158" / "tmpfileQx81Zb"
        renamed.write_bytes(picture(4))
        time.sleep(2)
        renamed.rename(shop / "158" / "158_4.jpg")
        for process in writers:
            assert process.wait(60) == 0
        watching.stored(4)
    files = sorted((shop / "158").glob("*.jpg"))
    assert len(files) == 4
    all_once(pipeline, store, files)
    assert sum(counts(pipeline).values()) == 4, "a half file was taken"


def test_one_that_stops_in_the_middle_is_refused_in_the_end_and_taken_when_it_is_completed(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    watching = Watching(pipeline, shop, quiet_after=0.5, whole_within=4)
    whole = picture(1)
    path = shop / "158" / "158_1.jpg"
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


def test_two_thousand_files_at_once_are_stored_once_and_in_order(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    products = (158, 159, 160, 161)
    ready = [
        photograph(tmp_path / "ready" / str(product) / f"{product}_{number}.png", number, (40, 30))
        for number in range(500)
        for product in products
    ]
    for product in products:
        (shop / str(product)).mkdir(exist_ok=True)
    files = {shop / file.parent.name / file.name: int(file.parent.name) for file in ready}
    with watching.running():
        for file in ready:
            shutil.copyfile(file, shop / file.parent.name / file.name)
        watching.stored(2000, 900)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    assert verdict.good, str(verdict)
    assert verdict.stored == 2000
    for product in products:
        images = sorted(listed(store, product).values(), key=lambda image: image["id"])
        names = [re.search(r"-(\d+)-[0-9a-f]{10}__", image["image_file"]) for image in images]
        assert [name is not None and int(name[1]) for name in names] == list(range(500))


def test_a_folder_that_disappears_and_comes_back(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    photograph(shop / "158" / "158_1.jpg", 1)
    with watching.running():
        watching.stored(1)
        shop.rename(tmp_path / "unplugged")
        until(lambda: "is gone" in watching.log())
        until(lambda: watching.status()["watcher"]["gone"] == [str(shop)])
        photograph(tmp_path / "unplugged" / "158" / "158_2.jpg", 2)
        (tmp_path / "unplugged").rename(shop)
        watching.stored(2)
        photograph(shop / "158" / "158_3.jpg", 3)
        watching.stored(3)
    all_once(pipeline, store, sorted((shop / "158").glob("*.jpg")))


def test_a_new_version_under_the_same_name_is_uploaded_once(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    path = photograph(shop / "158" / "158_1.jpg", 1)
    with watching.running():
        watching.stored(1)
        photograph(path, 2)
        watching.stored(2)
        path.touch()
        time.sleep(5)
    with watching.running():
        time.sleep(4)
    assert counts(pipeline)["stored"] == 2
    assert len(store.images(158)) == 2
    told = pipeline("history", path).well().out
    assert "a new version of image 1" in told


def test_a_store_that_is_away_for_a_minute(
    watching: Watching, pipeline: Command, tmp_path: Path, shop: Path
) -> None:
    data = tmp_path / "away"
    options = ("--open", "--plan", "unlimited")
    store = StoreProcess(data, *options)
    port = store.page.rstrip("/").rpartition(":")[2]
    pipeline.environment["PIPELINE_STORE_URL"] = store.url
    pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = store.token
    with watching.running():
        photograph(shop / "158" / "158_1.jpg", 1)
        watching.stored(1)
        store.kill()
        for number in range(2, 12):
            photograph(shop / "158" / f"158_{number}.jpg", number)
            time.sleep(0.5)
        until(lambda: counts(pipeline)["prepared"] == 10)
        time.sleep(50)
        assert counts(pipeline)["stored"] == 1
        with StoreProcess(data, *options, "--port", port) as store:
            watching.stored(11, 90)
            all_once(pipeline, store, sorted((shop / "158").glob("*.jpg")))
            assert gallery(store) == [f"158-{number}" for number in range(1, 12)]


def test_killed_again_and_again(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    for number in range(1, 41):
        photograph(shop / "158" / f"158_{number}.jpg", number, (1600, 1200))
    for _ in range(4):
        watching.start()
        before = len(store.images(158))
        until(lambda before=before: len(store.images(158)) > before + 2)  # type: ignore[misc]
        watching.kill()
        assert "no watcher runs" in pipeline("status").well().out
    with watching.running():
        watching.stored(40, 120)
    all_once(pipeline, store, sorted((shop / "158").glob("*.jpg")))
    assert gallery(store) == [f"158-{number}" for number in range(1, 41)]


def test_a_token_that_is_not_taken_stops_uploads_once_and_new_settings_mend_it(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    token = pipeline.environment.pop("BIGCOMMERCE_ACCESS_TOKEN")
    config = pipeline.home / "pipeline.toml"
    pipeline.home.mkdir()
    config.write_text('access_token = "no-longer-good"\n')
    config.chmod(0o600)
    watching = Watching(pipeline, shop, quiet_after=0.5)
    with watching.running():
        for number in range(1, 6):
            photograph(shop / "158" / f"158_{number}.jpg", number)
        until(lambda: sum(counts(pipeline).values()) == 5)
        time.sleep(6)
        assert counts(pipeline)["stored"] == counts(pipeline)["failed"] == 0
        assert watching.log().count("nothing is uploaded until this is mended") == 1
        config.write_text(f'access_token = "{token}"\n')
        watching.stored(5)
    assert "access_token changed" in watching.log()
    assert token not in watching.log()
    all_once(pipeline, store, sorted((shop / "158").glob("*.jpg")))


def test_hup_reads_the_settings_again_and_wrong_ones_are_not_taken(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    watching = Watching(pipeline, shop, quiet_after=0.5)
    with watching.running():
        assert watching.process is not None
        watching.process.send_signal(signal.SIGHUP)
        until(lambda: "the settings were read again: nothing changed" in watching.log())
        (pipeline.home / "pipeline.toml").write_text("quality_best = 1000\n")
        until(lambda: "the settings stay as they were" in watching.log())
        photograph(shop / "158" / "158_1.jpg", 1)
        watching.stored(1)
        (pipeline.home / "pipeline.toml").write_text("quality_best = 90\n")
        until(lambda: "the settings were read again: quality_best changed" in watching.log())


def test_one_watcher_a_home_and_its_word_for_status(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    with watching.running():
        assert watching.process is not None
        second = pipeline("watch", shop)
        assert second.status == 2
        assert f"process {watching.process.pid}, since " in second.err
        photograph(shop / "158" / "158_1.jpg", 1)
        photograph(shop / "not a sku" / "picture.jpg", 2)
        watching.stored(1)
        until(lambda: counts(pipeline)["waiting"] == 1)
        said = pipeline("status").well().out
        assert re.search(r"watching 1 folder since \w+ \d\d:\d\d, 1 stored today, 1 waiting", said)
    assert "watching" not in pipeline("status").well().out
    lines = [json.loads(line) for line in watching.log().splitlines()]
    assert all({"at", "level", "message"} <= line.keys() for line in lines)
    stored = [line for line in lines if line.get("state") == "stored"]
    assert len(stored) == 1


def test_a_stop_in_the_middle_leaves_nothing_uploading(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    for number in range(1, 31):
        photograph(shop / "158" / f"158_{number}.jpg", number, (2400, 1600))
    watching.start()
    until(lambda: len(store.images(158)) > 3)
    began = time.monotonic()
    watching.stop()
    assert time.monotonic() - began < 10
    states = counts(pipeline)
    assert states["uploading"] == 0
    assert 3 < states["stored"] < 30
    with watching.running():
        watching.stored(30)
    all_once(pipeline, store, sorted((shop / "158").glob("*.jpg")))


def test_a_stop_does_not_wait_for_a_store_that_does_not_answer(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    store.misbehave({"do": "delay", "method": "POST", "seconds": 60, "when": "after", "times": 1})
    photograph(shop / "158" / "158_1.jpg", 1)
    watching.start()
    until(lambda: counts(pipeline)["uploading"] == 1)
    began = time.monotonic()
    assert "still in hand" in watching.stop()
    assert time.monotonic() - began < 15
    with watching.running():
        watching.stored(1)
    all_once(pipeline, store, [shop / "158" / "158_1.jpg"])


def test_a_running_watcher_takes_a_hooks_shot_at_once(
    watching: Watching, pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    with watching.running():
        pipeline("table", "--product", "159").well()
        pipeline("hook", photograph(tmp_path / "elsewhere" / "IMG_0001.JPG", 1)).well()
        until(lambda: len(store.images(159)) == 1, 5)
        assert not (pipeline.home / "logs" / "background.jsonl").exists()


def test_a_folder_is_polled_on_request(pipeline: Command, store: StoreProcess, shop: Path) -> None:
    watching = Watching(pipeline, "--polling", shop, quiet_after=0.5, poll_every=0.5)
    with watching.running():
        time.sleep(1)
        photograph(shop / "158" / "158_1.jpg", 1)
        watching.stored(1, 20)
    all_once(pipeline, store, [shop / "158" / "158_1.jpg"])


def test_the_programs_own_home_cannot_be_watched(pipeline: Command) -> None:
    run = ended(pipeline.start("watch", pipeline.home / "spool"))
    assert run.status == 2
    assert "lies in the home folder of this program" in run.err
