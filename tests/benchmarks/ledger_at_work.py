"""What one ledger takes, measured by the version of the program that is found: see `ledger.py`.

It runs with the program of this commit and with that of an earlier one, whose names were others.
Milliseconds of the processor, for others share the machine; prints one JSON document.
"""

from __future__ import annotations

import importlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.values import Step
from tests.makers import arrival, inspection, original, picture, placement, stored_image

STORE = "api.bigcommerce.com/stores/abc/v3"


def main(empty: Path, full: Path, known: Path, batches: int, of_one: int) -> None:
    """Measure two ledgers in turns, and print."""
    ledgers = {"empty": _opened(empty), "full": _opened(full)}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ledgers}
    first = int(time.time()) * 1000  # other names in every call
    for batch in range(batches):
        for name, ledger in ledgers.items():
            took[name].append(_photographs(ledger, first + 25 * batch, 25))
    found: dict[str, dict[str, float]] = {}
    for (name, ledger), file in zip(ledgers.items(), (empty, full), strict=True):
        found[name] = {
            "photograph_ms": median(processor for processor, _ in took[name]),
            "photograph_wall_ms": median(wall for _, wall in took[name]),
        }
        found[name] |= _asked(ledger, file, known, of_one, str(first))
        ledger.close()
    print(json.dumps(found))


def _asked(ledger: Any, file: Path, known: Path, of_one: int, mark: str) -> dict[str, float]:
    product_id = int(mark) // 1000
    found = {
        "history_ms": _took(lambda: [ledger.history(one.id) for one in ledger.at_path(known)]),
        "tally_ms": _took(ledger.tally),
    }
    sent = ledger.intend(_prepared(ledger, f"doubt-{mark}", 900_000))
    ask = getattr(ledger, "send_record", None) or ledger.sent
    found["doubt_ms"] = _took(lambda: ask(sent.photo))
    left = getattr(ledger, "any_unfinished", None) or ledger.unfinished
    found["left_ms"] = _took(lambda: left(**_mine(True, left), step=None))
    ledger.stored(sent, stored_image(int(mark), 900_000), "stored")
    ledger.release(_prepared(ledger, f"of-one-{mark}", product_id))
    _multiplied(file, product_id, of_one)
    claims: list[float] = []
    for number in range(20):
        began = time.process_time()
        claim = ledger.claim_next(Step.UPLOAD, **_mine(True))
        claims.append((time.process_time() - began) * 1000)
        began = time.process_time()
        ledger.claim_next(Step.UPLOAD, **_mine(True))
        claims.append((time.process_time() - began) * 1000)
        image = stored_image(int(mark) + 1 + number, product_id)
        ledger.stored(ledger.intend(claim), image, "stored")
    found["claim_of_one_product_ms"] = max(median(claims[::2]), median(claims[1::2]))
    with closing(sqlite3.connect(file)) as connection, connection:  # for the next call
        connection.execute("UPDATE photos SET state = 'removed' WHERE state = 'prepared'")
    return found


def _opened(file: Path) -> Any:
    module: Any = importlib.import_module("pipeline.ledger.sqlite")
    given = (file, STORE, "run", lambda: datetime.now(UTC))
    return (
        module.open_ledger(*given)
        if hasattr(module, "open_ledger")
        else module.SqliteLedger(*given)
    )


def _mine(all_of_them: bool, question: Any = None) -> dict[str, Any]:
    """Return how this version, or this question of it, is told whose photographs are meant."""
    claiming: Any = importlib.import_module("pipeline.ledger.port")
    names = (question or claiming.Ledger.claim_next).__annotations__
    if "claimable" in names:
        claimable: Any = importlib.import_module("pipeline.claimable")
        return {"claimable": claimable.Claimable(any_owner=all_of_them)}
    return {"any_owner" if "any_owner" in names else "everything": all_of_them}


def _photographs(ledger: Any, first: int, number: int) -> tuple[float, float]:
    """Return what one photograph takes until it is stored: of the processor, and on the wall."""
    began, seen = time.process_time(), time.perf_counter()
    for one in range(first, first + number):
        claim = _prepared(ledger, f"new-{one}", 800_000 + one // 4)
        image = stored_image(one, 800_000 + one // 4)
        ledger.stored(ledger.intend(claim), image, "stored")
    worked, waited = time.process_time() - began, time.perf_counter() - seen
    return worked * 1000 / number, waited * 1000 / number


def _prepared(ledger: Any, name: str, product_id: int) -> Any:
    path = f"/Volumes/Studio/new/{name}.jpg"
    ledger.receive(arrival(path), original(path, name.encode()))
    claim = ledger.claim_next(Step.PREPARE, **_mine(True))
    ledger.validated(claim, inspection(), placement(product_id), "is a whole JPEG")
    claim = ledger.claim_next(Step.PREPARE, **_mine(True))
    ledger.prepared(claim, picture(name.encode()), "prepared")
    return ledger.claim_next(Step.UPLOAD, **_mine(True))


def _multiplied(file: Path, product_id: int, number: int) -> None:
    """Have so many photographs of a product that are prepared, as there is one."""
    with closing(sqlite3.connect(file)) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info (photos)")]
        other = {
            "seq": "NULL",
            "id": "p.id || n.value",
            "sha256": "p.sha256 || n.value",
            "rank": "p.rank || printf('%06d', n.value)",
            "path": "CAST(p.path || n.value AS BLOB)",
        }
        columns = ", ".join(other.get(name, f"p.{name}") for name in names)
        connection.execute(
            f"WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n "
            f"WHERE value < ?) INSERT INTO photos SELECT {columns} FROM photos p, n "
            "WHERE p.product_id = ? AND p.state = 'prepared' LIMIT ?",
            (number - 1, product_id, number - 1),
        )


def _took(question: Callable[[], object]) -> float:
    """Return the median of five, in milliseconds."""
    times = []
    for _ in range(5):
        began = time.process_time()
        question()
        times.append((time.process_time() - began) * 1000)
    return median(times)


if __name__ == "__main__":
    one, other, seen = map(Path, sys.argv[1:4])
    main(one, other, seen, int(sys.argv[4]), int(sys.argv[5]))
