"""A seeded machine of random faults: real processes, a real store, killed and set right again.

Photographs arrive all the while. Faults of the store and the network are on, processes are killed
with `kill -9` at random moments and started again, two or three at a time over the same folders;
now and then the store itself is killed, a clock is set, a photograph is replaced while it is being
worked on. Then the faults are taken away, the program is left alone once, and the judge compares.

With `acts` worse is done: a second home works over the same folders and the same shop, an older
ledger is put back, the store finishes requests later than anybody waits for, and answers create
requests with another image's facts. Then `verify --repair` of both homes has a word before the
judge.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tests import posix
from tests.forkserver import ROOT
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command
from tests.stories.judge import Verdict, judge

__all__ = ["ACT_FAULTS", "FAULTS", "Chaos", "Report"]

CREATE = {"method": "POST", "path": "/catalog/products/*/images"}
LIST = {"method": "GET", "path": "/catalog/products/*/images"}

# No lateness comes near half the waiting time: beyond it nothing can be promised.
SETTLE = 5.0
LATE = 1.2
TOO_LATE = SETTLE + 3
"""Later than the program waits: it sends again, and the image of the first attempt appears then."""

FAULTS: dict[str, dict[str, Any]] = {
    **{
        f"{how} {when}": {"do": "drop", "when": when, "how": how, **CREATE}
        for when in ("before-body", "mid-body", "after-body", "after-work", "mid-answer")
        for how in ("reset", "close")
    },
    **{
        f"{status} instead of the work": {"do": "answer", "status": status, **CREATE}
        for status in (408, 500, 502, 503, 504)
    },
    **{
        f"{status} after the work": {
            "do": "answer",
            "status": status,
            "when": "after",
            "body": "html",
            **CREATE,
        }
        for status in (500, 502, 504)
    },
    "429 with headers": {"do": "answer", "status": 429, "retry_after": 0.3, **CREATE},
    "429 without headers": {"do": "answer", "status": 429, "headers": False, **CREATE},
    "422": {"do": "answer", "status": 422, **CREATE},
    **{
        f"answer garbled: {how}": {"do": "garble", "how": how, **CREATE}
        for how in ("short", "not-json", "no-id", "html", "empty")
    },
    "answer drips": {"do": "drip", "bytes": 20, "seconds": 0.3, **CREATE},
    "answer delayed": {"do": "delay", "when": "after", "seconds": 1.5, **CREATE},
    "work delayed": {"do": "delay", "when": "before", "seconds": LATE, **CREATE},
    "late, dropped": {"do": "late", "then": "drop", "seconds": LATE, **CREATE},
    "late, 504": {"do": "late", "then": "answer", "status": 504, "seconds": LATE, **CREATE},
    "late, silent": {"do": "late", "then": "silence", "seconds": LATE, **CREATE},
    "listing dropped": {"do": "drop", "when": "before-body", "how": "reset", **LIST},
    "listing 503": {"do": "answer", "status": 503, "body": "html", **LIST},
    "listing 429": {"do": "answer", "status": 429, "retry_after": 0.3, **LIST},
    "listing garbled": {"do": "garble", "how": "short", **LIST},
    "listing without ids": {"do": "garble", "how": "no-id", **LIST},
}

ACT_FAULTS: dict[str, dict[str, Any]] = {
    **{
        f"too late, {then}": {"do": "late", "then": then, "seconds": TOO_LATE, **CREATE}
        for then in ("drop", "answer", "silence")
    },
    **{
        f"answer about another: {how}": {"do": "garble", "how": how, **CREATE}
        for how in ("last-id", "product", "name")
    },
}
"""What makes a second copy that only a later look can find, or an answer that is a lie."""


@dataclass
class Report:
    """What the chaos did, and what the judge found."""

    seed: int
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)


class Chaos:
    """So many kills over so many photographs, all of it decided by the seed."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        kills: int,
        photographs: int,
        processes: int = 2,
        store_options: tuple[str, ...] = (),
        acts: bool = False,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.report = Report(seed)
        self._acts = acts
        self._kills = kills
        self._photographs = photographs
        self._processes = processes
        self._random = random.Random(seed)
        self._folder = folder
        self._options = ("--open", "--plan", "unlimited", *store_options)
        self._say = say
        self._files: dict[Path, int] = {}
        self._active: list[int] = []
        self._heard = 0
        self._ports: tuple[str, ...] = ("--port", "0")
        self._store = self._start_store()
        self._ports = ("--port", self._store.url.split(":")[2].partition("/")[0])
        self._homes = [self._command(name) for name in ("home", "other")[: 2 if acts else 1]]
        self._pipeline = self._homes[0]
        self._older: Path | None = None
        self._lost_ledgers: list[Path] = []
        self._copies = 0

    def run(self) -> Report:
        """Rage, calm down, and be judged."""
        began = time.monotonic()
        with ExitStack() as stack:
            stack.callback(lambda: self._store.stop())
            with self._crew() as crew:
                while self.report.kills < self._kills:
                    self._round(crew)
            self._count_faults()
            self._store.misbehave()
            # What the store finishes late belongs to the chaos.
            time.sleep(TOO_LATE if self._acts else LATE)
            for pipeline in self._homes:
                self._calm(pipeline)
            # And what it lists late.
            time.sleep(LATE)
            if self._acts:
                self._repair()
            self._judge()
        self.report.seconds = time.monotonic() - began
        return self.report

    def _judge(self) -> None:
        ledgers = [pipeline.home / "ledger.sqlite3" for pipeline in self._homes]
        for number, ledger in enumerate(ledgers):
            others = [*ledgers[:number], *ledgers[number + 1 :], *self._lost_ledgers]
            verdict = judge(self._store, ledger, self._files, others=others)
            if number == 0 or not verdict.good:
                self.report.verdict = verdict
            if not verdict.good:
                return

    def _repair(self) -> None:
        """Have each home put right what it can; the second sees what the first one removed."""
        for pipeline in (*self._homes, *self._homes):
            ended = pipeline("verify", "--repair", "--yes", "--json", timeout=1800)
            self._say(f"verify --repair: {ended.status}, {ended.err[-200:]}")
            kinds = Counter(one["kind"] for one in ended.document)
            self.report.others.update({f"repaired or left: {kind}": n for kind, n in kinds.items()})

    def _command(self, name: str) -> Command:
        return Command(
            self._folder / name,
            self._store,
            settle_after=SETTLE,
            patience=20,
            connect_timeout=2,
            read_timeout=1,
            request_timeout=2,
            workers=1,
            uploads=3,
        )

    def _round(self, crew: list[subprocess.Popen[bytes]]) -> None:
        dice = self._random
        self._shoot()
        self._count_faults()
        self._store.misbehave(*self._faults())
        while len(crew) < self._processes:
            crew.append(self._start())
        # Now and then long enough for a doubt to be settled while all is still raging.
        lives = dice.uniform(2, SETTLE + 3) if dice.random() < 0.07 else dice.uniform(0, 1)
        if dice.random() < 0.8:
            # A process takes its time to start, more on a busy machine: let it begin its work.
            self._until_asked()
        chance = dice.random()
        time.sleep(lives / 2)
        if chance < 0.05:
            self._kill_store()
        elif chance < 0.12:
            self._replace()
        elif self._acts and chance < 0.16:
            self._put_back(crew)
        time.sleep(lives / 2)
        if not crew:
            return
        victim = crew.pop(dice.randrange(len(crew)))
        if victim.poll() is None:
            victim.send_signal(posix.SIGKILL)
            self.report.kills += 1
            if self.report.kills % 25 == 0:
                self._say(f"{self.report.kills} kills, {len(self._files)} photographs")
        victim.wait(10)

    def _until_asked(self) -> None:
        """Wait until the store was asked something, but not for long: all may be done."""
        self._heard_of()
        for _ in range(40):
            if self._heard_of():
                return
            time.sleep(0.05)

    def _heard_of(self) -> bool:
        """Whether the store was asked anything since the last time."""
        answer = self._store.control("GET", f"_log?since={self._heard}").json()["requests"]
        self._heard = max([self._heard, *(entry["number"] for entry in answer)])
        return bool(answer)

    def _shoot(self) -> None:
        """Put photographs into the folders so that the last ones come with the last kills."""
        share = (self.report.kills + 1) / self._kills
        while len(self._files) < min(self._photographs, round(self._photographs * share) + 3):
            number = len(self._files)
            product = 1000 + number // 7
            self._write(self._folder / "shop" / str(product) / f"{number}.png", product)

    def _write(self, path: Path, product: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (24, 16), "white")
        image.frombytes(self._random.randbytes(24 * 16 * 3))
        whole = path.with_name(f"{path.name}.tmp")
        image.save(whole, "PNG")
        whole.replace(path)
        self._files[path] = product
        if product not in self._active:
            self._active.append(product)
            del self._active[:-5]

    def _replace(self) -> None:
        """Put another photograph in the place of one that may be in hand."""
        path = self._random.choice(sorted(self._files)[-12:])
        self._write(path, self._files[path])
        self.report.others["photographs replaced"] += 1

    def _put_back(self, crew: list[subprocess.Popen[bytes]]) -> None:
        """Put a ledger of some time ago in the place of the present one, with all runs killed."""
        for process in crew:
            self.report.kills += process.poll() is None
            process.kill()
            process.wait(10)
        crew.clear()
        now = self._pipeline.home / "ledger.sqlite3"
        if not now.exists():
            return
        # Opening it ends what a killed run had begun in it.
        self._copies += 1
        older = self._folder / f"older-{self._copies}.sqlite3"
        self._pipeline("ledger", "backup", older).well()
        if self._older is not None:
            self._lost_ledgers.append(self._folder / f"lost-{len(self._lost_ledgers)}.sqlite3")
            shutil.copyfile(older, self._lost_ledgers[-1])
            for file in now.parent.glob("ledger.sqlite3*"):
                file.unlink()
            shutil.copyfile(self._older, now)
            self.report.others["older ledgers put back"] += 1
        self._older = older if self._random.random() < 0.5 or self._older is None else self._older

    def _faults(self) -> list[dict[str, Any]]:
        known = {**FAULTS, **(ACT_FAULTS if self._acts else {})}
        names = self._random.sample(sorted(known), 6)
        return [
            {
                **known[name],
                "name": name,
                "probability": 0.12,
                "seed": self._random.getrandbits(30),
            }
            for name in names
        ]

    def _start(self) -> subprocess.Popen[bytes]:
        dice = self._random
        home = self._pipeline
        if self._acts and dice.random() < 0.25:
            home = self._homes[-1]
            self.report.others["runs of the second home"] += 1
        module, environment = "pipeline", dict(home.environment)
        if dice.random() < 0.15:
            module = "tests.stories.skewed"
            off, jump = (dice.choice((-86_400, -3_600, 0, 3_600, 86_400)) for _ in range(2))
            environment["SKEW"] = f"{off},{dice.uniform(0.5, 2)},{jump}"
            self.report.others["clocks set"] += 1
        folders = [str(self._folder / "shop" / str(product)) for product in self._active]
        with (self._folder / "runs.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, "run", "--quiet", *folders],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=ROOT,
            )

    def _start_store(self) -> StoreProcess:
        self._heard = 0
        return StoreProcess(
            self._folder / "store", *self._options, *self._ports, as_described=False
        )

    def _kill_store(self) -> None:
        self._count_faults()
        self._store.kill()
        time.sleep(self._random.uniform(0, 0.5))
        self._store = self._start_store()
        self.report.others["kills of the store"] += 1

    def _count_faults(self) -> None:
        for rule in self._store.control("GET", "_faults").json():
            if rule["hit"]:
                self.report.faults[rule["name"]] += rule["hit"]

    @contextmanager
    def _crew(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        crew: list[subprocess.Popen[bytes]] = []
        try:
            yield crew
        finally:
            for process in crew:
                process.kill()
                process.wait(10)

    def _calm(self, pipeline: Command) -> None:
        """Leave the program alone: everything must come to its end by itself."""
        for _ in range(4):
            ended = pipeline("run", "--quiet", self._folder / "shop", timeout=1800)
            if ended.status == 0:
                return
        self.report.others[f"exit status {ended.status} in the end"] += 1
