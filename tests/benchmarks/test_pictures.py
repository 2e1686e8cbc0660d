"""The benchmark of pictures runs, says what it compared, and judges rightly."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.pictures.__main__ import main
from tests.benchmarks.pictures.chart import chart
from tests.benchmarks.pictures.colours import delta_e_2000
from tests.benchmarks.pictures.judge import judged
from tests.benchmarks.pictures.report import Line
from tests.prepare.rendering import photo

OURS = ("this program, best", "this program, fast")


def test_it_measures_this_program_over_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo(900, 700, noise=10).save(tmp_path / "one.jpg", quality=96)
    photo(700, 900, seed=2).save(tmp_path / "two.jpg", quality=96)
    (tmp_path / "three.jpg").write_bytes(b"no picture")
    found = tmp_path / "found.json"
    only = [argument for name in OURS for argument in ("--only", name)]
    limits = ["--longest-side", "400", "--max-bytes", "60000"]
    rest = ["--rounds", "1", "--judges", "0", "--camera", "--json", str(found)]
    status = main([str(tmp_path), *only, *limits, *rest])
    assert status == 0
    said = capsys.readouterr().out
    assert "2 photographs to 400 pixels and 60,000 bytes" in said
    assert "photo-pipeline" in said
    document = json.loads(found.read_text("utf-8"))
    assert [line["name"] for line in document["summary"]] == list(OURS)
    for tool in document["tools"]:
        for made in tool["made"]:
            assert made["size"] <= 60_000
            assert max(made["width"], made["height"]) == 400
            assert made["cpu"] > 0
            assert made["encodes"] >= 1


def test_nothing_to_measure_is_a_wrong_call(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2


# Pairs 1, 7, 13, 17, 20 and 25 of Sharma, Wu and Dalal (2005), table 1.
@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_colours_differ_as_in_the_published_examples(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    found = delta_e_2000(np.array([one]), np.array([other]))[0]
    assert found == pytest.approx(difference, abs=1e-4)


def test_a_coarser_picture_is_judged_worse_and_orientation_is_followed(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = tmp_path / "source.jpg"
    photo(400, 300, noise=3).save(source, quality=97, subsampling=0, exif=exif)
    upright = photo(400, 300, noise=3).transpose(Image.Transpose.ROTATE_270)
    folder = tmp_path / "reference"
    folder.mkdir()
    differences = []
    for quality in (95, 20):
        made = tmp_path / f"{quality}.jpg"
        upright.resize((150, 200), Image.Resampling.LANCZOS).save(made, quality=quality)
        differences.append(judged(made, source, folder).colour)
    assert differences[0] < 2 < differences[1] < 20


def test_the_drawing_holds_every_tool_that_was_judged() -> None:
    lines = [
        Line(
            name=name, version="1", photographs=1, cpu=cpu, wall=cpu, peak=None, size=1, share=1,
            over=0, encodes=None, mean=mean, worst=mean - 9, butteraugli=None, colour=None,
        )
        for name, cpu, mean in (("this program, best", 0.4, 90.0), ("another & more", 3.0, 80.0))
    ]  # fmt: skip
    drawn = ElementTree.fromstring(chart(lines, "one photograph"))
    assert len(drawn.findall("{*}circle")) == 2
    words = [element.text for element in drawn.findall("{*}text")]
    assert {"this program, best", "another & more", "one photograph"} <= set(words)
