"""What is not in the shop has a command that goes on with it."""

from __future__ import annotations

import pytest

from pipeline.lifecycle import Reason, State
from pipeline.report.mending import mend_of, mended_by, mended_together
from tests.report.photos import photo


@pytest.mark.parametrize("state", [state for state in State if state is not State.STORED])
def test_each_that_is_not_in_the_shop_has_a_command_that_can_be_copied(state: State) -> None:
    one = photo("/in/a b.jpg", state)
    command = mend_of(one)
    assert command is not None
    assert command.startswith("pipeline ")
    assert command.endswith(" '/in/a b.jpg'")
    assert (mended_by(one) or "").endswith(f": {command}")


def test_what_is_stored_or_not_for_upload_needs_nothing() -> None:
    assert mend_of(photo("/in/a.jpg", State.STORED)) is None
    aside = photo("/in/a.nef", State.REFUSED, reason=Reason.NOT_FOR_UPLOAD)
    assert mend_of(aside) is None
    assert mended_by(aside) is None


def test_what_is_alike_in_a_folder_has_one_command_for_all() -> None:
    waits = photo("/in/of who/a.jpg", State.WAITING)
    assert mended_together(waits) == (
        "To say whose they are: pipeline assign --waiting '/in/of who' --sku SKU"
    )
    refused = photo("/in/a.jpg", State.REFUSED, reason=Reason.EMPTY)
    assert mended_together(refused) == "Once the files are mended: pipeline run /in"
    assert mended_together(photo("/in/a.jpg", State.FAILED)) == (
        "To try them again: pipeline retry /in"
    )
    aside = photo("/in/a.nef", State.REFUSED, reason=Reason.NOT_FOR_UPLOAD)
    assert mended_together(aside) is None
