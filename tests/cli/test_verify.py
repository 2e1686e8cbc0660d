"""`pipeline verify`: the call, and differences that are more than are held at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.cli.conftest import Studio
from tests.localstore.process import StoreProcess
from tests.screens import on_a_screen
from tests.servers import local_store
from tests.stories.commands import Command, photograph

HOLDING_TWO: str = """
import runpy
from pipeline.cli import verify
from pipeline.engine import differences
verify.MOST_HELD = differences.MOST_HELD = 2
runpy.run_module("pipeline", run_name="__main__", alter_sys=True)
"""
"""The command, where no more than two differences are held at a time."""


def test_where_ledger_and_store_agree_verify_is_content(studio: Studio) -> None:
    assert "1 stored, 0 differences, 0 mended" in studio.pipeline("verify").well().out
    assert studio.pipeline("verify", "--json").well().document == []


def test_a_terminal_is_told_once_that_it_is_the_test_shop(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline("run", photograph(tmp_path / "in" / "SM-13.jpg").parent).well()
    for command in ("verify", "missing"):
        shown = "\n".join(on_a_screen(pipeline, command).lines)
        assert shown.count("Test shop on this machine") == 1, shown


def verify_holding_two(pipeline: Command, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", HOLDING_TWO, "verify", *words],
        env=pipeline.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def test_more_differences_than_are_held_are_all_told_and_all_mended(tmp_path: Path) -> None:
    with local_store(tmp_path / "store") as store:
        pipeline = Command(tmp_path / "home", store)
        for product in range(1, 6):
            for number in range(3):
                photograph(
                    tmp_path / f"in/id {product}/{number}.jpg", 10 * product + number, (60, 40)
                )
        pipeline("run", tmp_path / "in").well()
        for product in range(1, 6):
            for image in store.images(product)[: 1 + product % 3]:
                store.call("DELETE", f"/catalog/products/{product}/images/{image['id']}")
        gone = {product: 1 + product % 3 for product in range(1, 6)}
        status, out = verify_holding_two(pipeline, "--json")
        assert status == 1
        told = json.loads(out)
        assert Counter(one["product_id"] for one in told if one["kind"] == "missing") == gone
        status, out = verify_holding_two(pipeline)
        assert f"15 stored, {len(told)} differences, 0 mended" in out
        status, out = verify_holding_two(pipeline, "--repair")
        assert sum(line.startswith("missing") for line in out.splitlines()) == sum(gone.values())
        assert [len(store.images(product)) for product in range(1, 6)] == [3] * 5
        assert "differences," in out.splitlines()[-1]


def test_what_a_repair_did_stands_in_a_log_and_who_only_asks_leaves_none(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        file = photograph(tmp_path / "in" / "158" / "a.jpg", 1, (60, 40))
        pipeline("run", file.parent).well()
        (image,) = store.images(158)
        store.call("DELETE", f"/catalog/products/158/images/{image['id']}")
        assert pipeline("verify").status == 1
        logs = pipeline.home / "logs"
        assert list(logs.glob("verify-*")) == []
        assert "1 mended" in pipeline("verify", "--repair").well().out
        (log,) = logs.glob("verify-*")
        before = pipeline("batches", "--json").well().document
        assert "0 differences, 0 mended" in pipeline("verify", "--repair").well().out
        after = pipeline("batches", "--json").well().document
        assert [one["batch"] for one in after] == [one["batch"] for one in before]
    told = [json.loads(line)["message"] for line in log.read_text("utf-8").splitlines()]
    assert any("a.jpg: product 158, image" in one for one in told)
    assert told[-2:] == ["1 differences, 1 mended", "ended"]
