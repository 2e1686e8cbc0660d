"""`pipeline doctor`: is everything there that a run needs?"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

import click

from pipeline.assembly import client_for, workers_for
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    json_document,
    loaded,
    print_json,
    say_aside,
    shop_options,
)
from pipeline.cli.terminal import say
from pipeline.errors import PhotoRefused, PipelineError, StoreRejected
from pipeline.home import INBOX_FOLDER, KEPT_FOLDER
from pipeline.hook.inbox import entries_set_aside
from pipeline.kept import Kept
from pipeline.opening import reader_for, uploaded_for
from pipeline.report.failures import Code, code_of
from pipeline.report.schemas import Document
from pipeline.report.wording import met_sentences
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings
from pipeline.values import Meeting
from pipeline.wording import data_size, plain
from pipeline.workers import Protection

__all__ = ["Looked", "doctor"]

MOST_CLOCK_SECONDS = 120.0
LEAST_FREE_BYTES = 500_000_000

NO_SCOPE = (
    "the shop accepts the token, but the token may not change products: in the shop's settings "
    "give its API account the scope “Products: modify”, or make a new account with it"
)

DOCUMENTED_BYTES = 8_000_000
"""Of an image file, in the shop's documentation since August 2023."""


class Looked(StrEnum):
    """What is looked at, as a word for programs."""

    HOME = "home"
    FREE_SPACE = "free_space"
    INBOX = "inbox"
    SHOTS_SET_ASIDE = "shots_set_aside"
    SHOTS_KEPT = "shots_kept"
    UPLOADED_KEPT = "uploaded_kept"
    RECORDS = "records"
    MET_IMAGES = "met_images"
    SHOP = "shop"
    TOKEN = "token"  # noqa: S105 - a word
    SCOPE = "scope"
    CLOCK = "clock"
    QUOTA = "quota"
    DECODERS = "decoders"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    code: Looked
    good: bool
    sentence: str
    error_code: Code | None = None
    """Why it could not be looked at."""

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        unseen = self.error_code is not None
        return {
            "code": str(self.code),
            "state": "ok" if self.good else "not_checked" if unseen else "wrong",
            "error_code": None if self.error_code is None else str(self.error_code),
            "good": self.good,
            "sentence": self.sentence,
        }


@click.command()
@json_document
@shop_options
@common_options
def doctor(as_json: bool, **flags: object) -> int:
    """Check that all is there: the home folder, our records, the shop, the token and the clock."""
    settings = loaded(flags).settings
    findings = []
    for finding in _findings(settings):
        findings.append(finding)
        if not as_json:
            say(f"{'ok   ' if finding.good else 'WRONG'}  {finding.sentence}")
    good = all(finding.good for finding in findings)
    if as_json:
        document = {
            "good": good,
            "findings": [finding.document() for finding in findings],
            "notes": list(_limits(settings)),
        }
        print_json(Document.DOCTOR, document)
    else:
        for sentence in _limits(settings):
            say(f"       {sentence}")
    return EXIT_OK if good else EXIT_TROUBLE


def _findings(settings: Settings) -> Iterator[_Finding]:
    for about, examine in _EXAMINED:
        try:
            yield from examine(settings)
        except PipelineError as error:
            why = code_of(error)
            code = Looked.TOKEN if why is Code.TOKEN_REFUSED else about
            yield _Finding(code=code, good=False, sentence=str(error), error_code=why)


def _home(settings: Settings) -> Iterator[_Finding]:
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"can this be written?")
    except OSError as error:
        yield _Finding(
            code=Looked.HOME,
            good=False,
            sentence=f"the home {home} cannot be written: {error.strerror}",
        )
        return
    yield _Finding(code=Looked.HOME, good=True, sentence=f"the home {home} can be written")
    free = shutil.disk_usage(home).free
    yield _Finding(
        code=Looked.FREE_SPACE,
        good=free >= LEAST_FREE_BYTES,
        sentence=f"{data_size(free)} are free on its disk",
    )


def _inbox(settings: Settings) -> Iterator[_Finding]:
    inbox = settings.home / INBOX_FOLDER
    try:
        with suppress(FileNotFoundError):
            next(inbox.iterdir(), None)
    except OSError as error:
        sentence = f"the folder of noted shots, {inbox}, cannot be read: {error.strerror}"
        yield _Finding(code=Looked.INBOX, good=False, sentence=sentence)
    for entry, reason in entries_set_aside(str(settings.home)):
        yield _Finding(
            code=Looked.SHOTS_SET_ASIDE,
            good=False,
            sentence=plain(
                f"a note of a shot is set aside: {reason}; give the photograph again, and delete "
                f"{entry}"
            ),
        )


def _kept(settings: Settings) -> Iterator[_Finding]:
    number, size = Kept(settings.home / KEPT_FOLDER).tally()
    if number:
        shots = f"{number} shots are kept in the home until their pictures are in the shop"
        one = "one shot is kept in the home until its picture is in the shop"
        yield _Finding(
            code=Looked.SHOTS_KEPT,
            good=True,
            sentence=f"{shots if number > 1 else one} ({data_size(size)})",
        )


def _uploaded(settings: Settings) -> Iterator[_Finding]:
    number, size = uploaded_for(settings).tally()
    if number:
        pictures = "one uploaded picture is" if number == 1 else f"{number:,} uploaded pictures are"
        yield _Finding(
            code=Looked.UPLOADED_KEPT,
            good=True,
            sentence=f"{pictures} kept, to put back what is deleted ({data_size(size)}, for "
            f"{settings.keep_for} days and at most {data_size(settings.keep_bytes)})",
        )


def _ledger(settings: Settings) -> Iterator[_Finding]:
    with reader_for(settings, None, say_aside) as reader:
        wrong = reader.check()
        number = sum(reader.tally().counts.values())
        met = reader.met()
    yield _Finding(
        code=Looked.RECORDS,
        good=wrong is None,
        sentence=f"our records are in order: {number} photographs"
        if wrong is None
        else f"our records are damaged ({wrong}): see `pipeline ledger rebuild`",
    )
    for kind, number in met.items():
        # That two computers work for one shop is no fault.
        good = kind is not Meeting.TWICE
        for sentence in met_sentences({kind: number}):
            yield _Finding(code=Looked.MET_IMAGES, good=good, sentence=sentence)


def _store(settings: Settings) -> Iterator[_Finding]:
    notes: list[str] = []
    with store_in_force(settings, say=notes.append) as store:
        try:
            client = client_for(settings, store.address)
            probe = client.probe()
        except StoreRejected as error:
            yield _Finding(
                code=Looked.SHOP,
                good=False,
                sentence=f"{store.address.base_url} answers, but not as a shop does ({error}): "
                "check the shop's hash or address",
            )
            return
        kind = "the test shop on this machine" if store.page else "the shop"
        yield _Finding(
            code=Looked.SHOP, good=True, sentence=f"{kind} {store.address.base_url} answers"
        )
        yield _Finding(code=Looked.TOKEN, good=True, sentence="the token is accepted")
        may_change = client.may_change()
        yield _Finding(
            code=Looked.SCOPE,
            good=may_change,
            sentence="the token may change products" if may_change else NO_SCOPE,
        )
        if probe.date is not None:
            with suppress(ValueError, TypeError):
                apart = abs((datetime.now(UTC) - parsedate_to_datetime(probe.date)).total_seconds())
                yield _Finding(
                    code=Looked.CLOCK,
                    good=apart <= MOST_CLOCK_SECONDS,
                    sentence=f"this machine's clock is {apart:.0f} s from the shop's",
                )
        if probe.quota is not None:
            yield _Finding(
                code=Looked.QUOTA,
                good=True,
                sentence=f"the shop's quota: {probe.left} of {probe.quota} requests are left in "
                "this window",
            )


def _decoders(settings: Settings) -> Iterator[_Finding]:
    with closing(workers_for(settings)) as workers:
        try:
            protection = workers.protection()
        except PhotoRefused:
            yield _Finding(
                code=Looked.DECODERS,
                good=False,
                sentence="the process that decodes photographs does not run",
            )
            return
    yield _Finding(code=Looked.DECODERS, good=True, sentence=_confinement(protection))


def _confinement(protection: Protection) -> str:
    by = [f"Landlock {protection.landlock}"] if protection.landlock else []
    by += ["seccomp"] if protection.seccomp else []
    apart = "photographs are decoded in processes of their own"
    kept = [
        *(["other files"] if protection.landlock else []),
        *(["the network", "other programs"] if protection.seccomp else []),
    ]
    if not kept:
        return f"{apart}, which this system offers no way to confine further"
    listed = " and ".join(filter(None, (", ".join(kept[:-1]), kept[-1])))
    return f"{apart}, which are kept from {listed} ({', '.join(by)})"


_EXAMINED: Final[Sequence[tuple[Looked, Callable[[Settings], Iterator[_Finding]]]]] = (
    (Looked.HOME, _home),
    (Looked.INBOX, _inbox),
    (Looked.SHOTS_KEPT, _kept),
    (Looked.UPLOADED_KEPT, _uploaded),
    (Looked.RECORDS, _ledger),
    (Looked.SHOP, _store),
    (Looked.DECODERS, _decoders),
)
"""What is examined, and what it is called where it cannot be."""


def _limits(settings: Settings) -> Iterator[str]:
    yield (
        f"a picture goes up with at most {settings.max_bytes:,} bytes and "
        f"{settings.longest_side} pixels on its longest side, prepared {settings.workers} at once"
    )
    if settings.max_bytes < DOCUMENTED_BYTES:
        yield (
            "today's shops document 8 MB a file (the older reference 1 MB): where yours takes it, "
            f"max_bytes may be up to {DOCUMENTED_BYTES:,}"
        )
    yield f"Python {sys.version.split()[0]}"
