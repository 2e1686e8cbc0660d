"""Every error has a word for programs, and the more exact one where there are two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline import errors
from pipeline.errors import (
    ConfigError,
    LedgerDamaged,
    LedgerError,
    PipelineError,
    StoreDenied,
    StoreError,
    StoreIntercepted,
    StoreRefusesAll,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.report.failures import Code, code_of, error_document


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), Code.WRONG_SETTING),
        (LedgerError("x"), Code.RECORDS_UNUSABLE),
        (LedgerDamaged("x"), Code.RECORDS_DAMAGED),
        (StoreUnavailable("x"), Code.SHOP_AWAY),
        (StoreUnreachable("x"), Code.SHOP_AWAY),
        (StoreIntercepted("x"), Code.NOT_THE_SHOP),
        (StoreThrottled("x", 3.0), Code.SHOP_PAUSES),
        (StoreDenied("x"), Code.TOKEN_REFUSED),
        (StoreRefusesAll("x"), Code.REFUSED_ALIKE),
        (StoreRejected(422, "x"), Code.SHOP_SAID_NO),
        (StoreUnsure("x"), Code.ANSWER_UNKNOWN),
        (KeyboardInterrupt(), Code.INTERRUPTED),
        (PipelineError("x"), Code.OTHER),
    ],
)
def test_an_error_has_its_word(error: BaseException, code: Code) -> None:
    assert code_of(error) is code


def family(kind: type[PipelineError]) -> Iterator[type[PipelineError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from family(one)


def test_every_error_of_the_shop_or_of_our_records_has_a_word_of_its_own() -> None:
    for kind in family(PipelineError):
        if kind.__module__ == errors.__name__ and issubclass(kind, StoreError | LedgerError):
            assert code_of(kind.__new__(kind)) is not Code.OTHER, kind


def test_a_document_says_it_twice_for_people_and_for_programs() -> None:
    assert error_document("the disk is full", Code.RECORDS_UNUSABLE) == {
        "error": "the disk is full",
        "error_code": "records_unusable",
    }
