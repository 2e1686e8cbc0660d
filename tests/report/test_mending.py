"""What is not in the shop has a command that goes on with it."""

from __future__ import annotations

import pytest

from pipeline.lifecycle import Reason, State
from pipeline.report.mending import mend_of, mended_by
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
