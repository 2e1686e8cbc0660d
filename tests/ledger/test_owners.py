"""Several processes at one ledger: none is turned away, none claims what another has."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING
from pipeline.values import Step
from tests import posix
from tests.ledger.conftest import STORE
from tests.ledger.processes import another_process
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

Opened = Callable[[], Ledger]

PHOTOS = 60
PROCESSES = 6


def _whole_lives(job: tuple[str, int]) -> list[str]:
    """Receive all photographs and take whatever is due all the way; return what was stored here."""
    file, number = job
    ledger = open_ledger(Path(file), STORE, f"process {number}", ManualClock().now)
    for index in range(PHOTOS):
        path = f"/{index % 7}/{index}.jpg"
        content = str(index).encode()
        ledger.receive(
            arrival(path, product_id=index % 7 + 1),
            original(path, content, product_id=index % 7 + 1),
        )
    stored: list[str] = []
    while ledger.unfinished(any_owner=True, step=None):
        ledger.recover()
        for step in Step:
            claim = ledger.claim_next(step, ANYBODYS)
            if claim is None:
                continue
            if claim.photo.state is State.RECEIVED:
                told = claim.photo.placement or placement()
                ledger.validated(claim, inspection(), told, "checked")
            elif claim.photo.state is State.VALIDATED:
                ledger.prepared(claim, picture(claim.photo.sha256.encode()), "prepared")
            else:
                intended = ledger.intend(claim)
                image = stored_image(int(claim.photo.path.stem) + 1)
                ledger.stored(intended, image, f"stored by {number}")
                stored.append(claim.photo.id)
    ledger.close()
    return stored


def test_processes_that_hammer_one_ledger_store_everything_once_and_none_is_turned_away(
    file: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        # An error in any of them (`database is locked`, a lost claim) is raised here.
        stored = list(pool.map(_whole_lives, [(str(file), n) for n in range(PROCESSES)]))
    every = [photo for of_one in stored for photo in of_one]
    assert len(every) == len(set(every)) == PHOTOS
    reader = open_reader(file, STORE)
    assert reader.tally().counts == {State.STORED: PHOTOS}
    assert reader.check() is None
    for photo in reader.photos():
        steps = [line.state for line in reader.history(photo.id)]
        assert steps.count(State.UPLOADING) == steps.count(State.STORED) == 1
    reader.close()


def _opens(file: str) -> int:
    ledger = open_ledger(Path(file), STORE, "run", ManualClock().now)
    ledger.receive(arrival(f"/{os.getpid()}.jpg"), original("/a.jpg", str(os.getpid()).encode()))
    ledger.close()
    return os.getpid()


@pytest.mark.parametrize("rounds", [3, pytest.param(24, marks=pytest.mark.long)])
def test_processes_that_open_a_ledger_at_the_same_moment_make_one(
    tmp_path: Path, rounds: int
) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        for number in range(rounds):
            file = tmp_path / str(number) / "ledger.sqlite3"
            opened = set(pool.map(_opens, [str(file)] * PROCESSES))
            reader = open_reader(file, STORE)
            assert len(list(reader.photos())) == len(opened)
            reader.close()


CLAIMS = """
ledger = opened()
for number in range(3):
    path = f"/158/{number}.jpg"
    ledger.receive(arrival(path), original(path, path.encode()))
ledger.claim_next(Step.PREPARE, ANYBODYS)
ledger.claim_next(Step.PREPARE, ANYBODYS)
say("claimed")
input()
"""

UPLOADS = """
ledger = opened()
ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
ledger.validated(ledger.claim_next(Step.PREPARE, ANYBODYS), inspection(), placement(), "")
ledger.prepared(ledger.claim_next(Step.PREPARE, ANYBODYS), picture(), "")
ledger.intend(ledger.claim_next(Step.UPLOAD, ANYBODYS))
say("sent")
input()
"""


def test_the_claims_of_a_living_process_are_never_taken_however_often_one_asks(
    file: Path, opened: Opened
) -> None:
    with another_process(file, CLAIMS) as living:
        ledger = opened()
        for _ in range(20):
            assert ledger.recover() == 0
        assert ledger.claim_next(Step.PREPARE, ANYBODYS) is not None, "the third is free"
        assert ledger.claim_next(Step.PREPARE, ANYBODYS) is None
        living.send_signal(posix.SIGSTOP)
        assert ledger.recover() == 0, "a process that is only stopped lives"
        living.send_signal(posix.SIGCONT)


@pytest.mark.parametrize("sign", [posix.SIGKILL, signal.SIGTERM])
def test_the_claims_of_a_killed_process_come_free_at_once(
    file: Path, opened: Opened, sign: signal.Signals
) -> None:
    with another_process(file, CLAIMS) as killed:
        ledger = opened()
        assert ledger.recover() == 0
        killed.send_signal(sign)
        killed.wait(10)
        assert ledger.recover() == 2
        assert ledger.recover() == 0, "once"
    ledger.take_up(EVERYTHING)
    claims = [ledger.claim_next(Step.PREPARE, ANYBODYS) for _ in range(4)]
    assert sum(claim is not None for claim in claims) == 3
    sentences = [line.sentence for photo in ledger.photos() for line in ledger.history(photo.id)]
    assert sentences.count("taken over from a process that ended in the middle") == 2
    assert len(list((file.parent / "owners").glob("*.lock"))) == 1, "the dead one's lock is gone"


def test_what_a_killed_process_was_sending_stays_in_doubt(file: Path, opened: Opened) -> None:
    with another_process(file, UPLOADS) as killed:
        killed.kill()
        killed.wait(10)
        ledger = opened()
        assert ledger.recover() == 1
    (photo,) = ledger.photos()
    assert photo.state is State.UPLOADING
    assert photo.attempt_ended_at is not None


def test_a_process_that_closes_well_leaves_no_claim_no_owner_and_no_lock(
    file: Path, opened: Opened
) -> None:
    with another_process(file, CLAIMS.replace("input()", "ledger.close()")) as other:
        other.wait(10)
    ledger = opened()
    assert ledger.recover() == 0
    ledger.take_up(EVERYTHING)
    assert ledger.claim_next(Step.PREPARE, ANYBODYS) is not None
    with closing(sqlite3.connect(file)) as connection:
        owners = connection.execute("SELECT count(*) FROM owners").fetchone()
    assert owners == (1,)


HAMMERS = """
import json
ledger = opened()
say("begun")
number = 0
while True:
    path = f"/158/{number}.jpg"
    photo = ledger.receive(arrival(path), original(path, path.encode()))
    say(json.dumps(photo.id))
    number += 1
"""


def test_what_a_process_was_told_is_recorded_is_there_after_it_was_killed(
    file: Path, opened: Opened
) -> None:
    acknowledged: set[str] = set()
    for pause in (0.05, 0.12, 0.3):
        with another_process(file, HAMMERS) as process:
            time.sleep(pause)
            process.kill()
            assert process.stdout is not None
            whole = [line for line in process.stdout if line.endswith("\n")]
            acknowledged |= {json.loads(line) for line in whole}
    ledger = opened()
    ledger.recover()
    assert acknowledged
    assert acknowledged <= {photo.id for photo in ledger.photos()}
    assert ledger.check() is None


def test_a_claim_taken_over_is_lost_to_the_one_who_had_it(file: Path, opened: Opened) -> None:
    with another_process(
        file,
        CLAIMS.replace(
            "ledger.claim_next(Step.PREPARE, ANYBODYS)\nsay",
            "mine = ledger.claim_next(Step.PREPARE, ANYBODYS)\nsay",
        )
        + """
from pipeline.errors import LostClaim
from pipeline.lifecycle import Reason
try:
    ledger.refuse(mine, Reason.TRUNCATED, "too late")
    say("written")
except LostClaim:
    say("lost")
input()
""",
    ) as slow:
        # What only a lock server that lies could bring about: the lock is gone, the process not.
        for lock in (file.parent / "owners").glob("*.lock"):
            lock.unlink()
        ledger = opened()
        assert ledger.recover() == 2
        ledger.take_up(EVERYTHING)
        taken = ledger.claim_next(Step.PREPARE, ANYBODYS)
        assert taken is not None
        assert slow.stdin is not None
        assert slow.stdout is not None
        slow.stdin.write("\n")
        slow.stdin.flush()
        assert slow.stdout.readline() == "lost\n"
    ledger.refuse(taken, Reason.TRUNCATED, "cut off")
