"""Photographs in every state, as a ledger would give them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.lifecycle import State
from pipeline.values import Photo, RunFile, RunReport
from tests.makers import START, inspection, picture, placement, stored_image

__all__ = ["photo", "report_of", "stored_photo"]


def photo(path: Path | str, state: State | str, sentence: str = "", **facts: Any) -> Photo:
    place = Path(path)
    return replace(
        Photo(
            id=f"id of {place.name!a}",
            state=State(state),
            path=place,
            root=place.parent,
            sha256="ab" * 32,
            size=24_000_000,
            sku=None,
            from_current_product=False,
            reason=None,
            sentence=sentence,
            placement=None,
            inspection=None,
            picture=None,
            image=None,
            attempts=0,
            not_before=None,
            attempt_ended_at=None,
            missing_since=None,
            received_at=START,
            changed_at=START,
        ),
        **facts,
    )


def stored_photo(path: Path | str) -> Photo:
    return photo(
        path,
        State.STORED,
        "stored as image 7",
        placement=placement(),
        inspection=inspection(),
        picture=picture(),
        image=stored_image(),
    )


def report_of(*photos: Photo, already: bool = False) -> RunReport:
    lines = tuple(RunFile(path=one.path, photo=one, already=already) for one in photos)
    return RunReport(lines=lines, posts=len(photos))
