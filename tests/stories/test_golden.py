"""What the commands print and leave behind is what it was: held against `tests/golden`.

`WRITE_GOLDEN=1 python -m pytest tests/stories/test_golden.py` writes the golden files anew.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import description
from pipeline.cli.description import described
from pipeline.cli.manual import PAGE
from pipeline.cli.pages import manual_page
from tests.golden import compare, normalised
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, until
from tests.stories.watching import Watching

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="paths and columns look different there"
)


TABLE = Path(description.__file__).with_name("commands.json")


class Shop:
    """Photographs of which one ends in each way, and the command pointed at a store."""

    def __init__(self, folder: Path, store: StoreProcess) -> None:
        self.folder = folder
        self.store = store
        self.photographs = folder / "photographs"
        self.made_bytes = -1
        self.pipeline = Command(
            folder / "home",
            store,
            plain_ids=False,
            settle_after=1,
            patience=30,
            workers=1,
            uploads=1,
        )
        product = self.photographs / "product-158"
        product.mkdir(parents=True)
        (self.photographs / "somewhere").mkdir()
        (product / "a.png").write_bytes(png(1))
        (product / "broken.CR3").write_bytes(b"raw")
        (product / "b_1.png").write_bytes(png(2))
        (product / "c.bmp").write_bytes(bmp())
        (product / "broken.jpg").write_bytes(b"no photograph")
        (product / "cut.png").write_bytes(png(3)[:-20])
        (self.photographs / "somewhere" / "IMG.png").write_bytes(png(4))

    def text(self, ended: Ended | str) -> str:
        """Return what was printed without what differs from run to run."""
        printed = ended if isinstance(ended, str) else ended.out
        # How small a picture becomes depends on the versions of zlib and Pillow.
        printed = re.sub(
            rf"\b{self.made_bytes}\b(?= bytes|,$)", "<made>", printed, flags=re.MULTILINE
        )
        return normalised(printed, home=self.pipeline.home, folder=self.folder)


def png(number: int) -> bytes:
    """Return a picture whose bytes depend on no version of any library."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    rows = b"".join(bytes([0, *(number, row, 0) * 8]) for row in range(6))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 6, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows, 0))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def bmp() -> bytes:
    """Return a picture that has to be made into another."""
    pixels = bytes(range(192))
    header = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("golden")
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        yield Shop(folder, store)


def test_help_says_what_it_said() -> None:
    home = Path("/nowhere")
    command = Command(home)

    def shown(words: tuple[str, ...]) -> str:
        return command(*words, "--help").well().out

    pages: dict[tuple[str, ...], str] = {(): shown(())}
    with ThreadPoolExecutor(2) as pool:
        wanted: list[tuple[str, ...]] = [(name,) for name in _commands(pages[()])]
        while wanted:
            pages |= dict(zip(wanted, pool.map(shown, wanted), strict=True))
            wanted = [(*page, one) for page in wanted for one in _commands(pages[page])]
    text = "".join(f"$ pipeline {' '.join(page)}\n{pages[page]}\n" for page in sorted(pages))
    compare("help.txt", normalised(text.replace("python -m pipeline", "pipeline")))


@pytest.mark.parametrize(
    ("file", "made"),
    [
        (
            Path(description.__file__).with_name("commands.json"),
            lambda: f"{json.dumps(described(), indent=1)}\n",
        ),
        (PAGE, manual_page),
    ],
    ids=["commands.json", "pipeline.1"],
)
def test_what_is_made_of_the_help_says_what_the_help_says(
    file: Path, made: Callable[[], str]
) -> None:
    text = made()
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, "ascii", newline="\n")
    assert file.read_text("ascii") == text, f"{file.name} says otherwise: write it anew"


def _commands(page: str) -> list[str]:
    return re.findall(
        r"^  ([a-z][a-z-]*)(?:  |$)", page.partition("\nCommands:\n")[2], re.MULTILINE
    )


def test_the_settings_in_force_are_shown_as_they_were(shop: Shop) -> None:
    show = shop.pipeline("config", "show", environment={"PIPELINE_MAX_BYTES": ""})
    compare("config-show.txt", shop.text(show.well()))
    compare("config-show.json", shop.text(shop.pipeline("config", "show", "--json").well()))


def test_a_run_and_all_that_is_asked_about_it_afterwards(shop: Shop) -> None:
    pipeline, photographs = shop.pipeline, shop.photographs
    ran = pipeline("run", "--json", photographs)
    counts = ran.counts
    assert (counts["stored"], counts["waiting"], counts["refused"]) == (3, 1, 2), ran.out
    (made,) = [one for one in ran.document["photographs"] if one["original_format"] == "BMP"]
    shop.made_bytes = made["bytes"]
    compare("run.json", shop.text(ran))
    again = pipeline("run", photographs)
    assert again.status == 1
    compare("run-again.txt", shop.text(again))
    compare("run-again.err.txt", shop.text(again.err))
    for name in ("status", "list"):
        compare(f"{name}.txt", shop.text(pipeline(name).well()))
        compare(f"{name}.json", shop.text(pipeline(name, "--json").well()))
    for file in ("product-158/c.bmp", "product-158/broken.jpg", "somewhere/IMG.png"):
        kind = Path(file).suffix[1:]
        path = photographs / file
        compare(f"history-{kind}.txt", shop.text(pipeline("history", path).well()))
        compare(f"history-{kind}.json", shop.text(pipeline("history", "--json", path).well()))
    compare("images.json", shop.text(pipeline("images", "list", "158", "--json").well()))
    compare("ledger-check.txt", shop.text(pipeline("ledger", "check").well()))
    compare("ledger.sql", _schema(pipeline.home / "ledger.sqlite3"))
    _watched(shop)
    _differing(shop)


def _schema(ledger: Path) -> str:
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        marks = [
            f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};\n"
            for name in ("application_id", "user_version", "auto_vacuum", "page_size")
        ]
        rows = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
    return "".join([*marks, *(f"{sql};\n" for (sql,) in rows)])


def _watched(shop: Shop) -> None:
    watching = Watching(shop.pipeline, shop.photographs, quiet_after=0.5)
    heartbeat = shop.pipeline.home / "watch.json"
    # These are refused already; a watcher would wait two minutes for the rest of them.
    for name in ("broken.jpg", "cut.png"):
        (shop.photographs / "product-158" / name).unlink()
    with watching.running():
        (shop.photographs / "product-158" / "d.png").write_bytes(png(5))
        watching.stored(4)
        # All of them rest, and the watcher has said so since.
        stored_at = datetime.now(UTC).isoformat()
        until(lambda: _beat(heartbeat)["beat_at"] > stored_at)
        until(lambda: _beat(heartbeat)["settling"] == 0)
        compare("watch.json", shop.text(heartbeat.read_text("utf-8")))
        compare("status-watching.txt", shop.text(shop.pipeline("status").well()))
        compare("status-watching.json", shop.text(shop.pipeline("status", "--json").well()))
    assert not heartbeat.exists()
    lines = [json.loads(line) for line in watching.log().splitlines()]
    (stored,) = [
        line for line in lines if line.get("state") == "stored" and "d.png" in line["path"]
    ]
    compare("watch-line.json", shop.text(json.dumps(stored, indent=2, ensure_ascii=False)))
    assert {tuple(line) for line in lines} == {
        ("version", "at", "command", "level", "message"),
        tuple(stored),
    }


def _beat(heartbeat: Path) -> Any:
    return json.loads(heartbeat.read_text("utf-8"))


def _differing(shop: Shop) -> None:
    (image,) = [one for one in shop.store.images(158) if "b-1-" in one["image_file"]]
    shop.store.call("DELETE", f"/catalog/products/158/images/{image['id']}")
    found = shop.pipeline("verify", "--json")
    assert found.status == 1
    compare("verify.json", shop.text(found))
    compare("verify.txt", shop.text(shop.pipeline("verify")))
