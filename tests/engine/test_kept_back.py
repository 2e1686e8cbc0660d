"""What the shop, the network or the token kept back says so by a value, not by its sentence."""

from __future__ import annotations

import pytest

from pipeline.engine.kept_back import why_later
from pipeline.errors import ConfigError, NotReady, PipelineError, StoreDenied, StoreUnavailable
from pipeline.lifecycle import Reason


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("no answer"), StoreDenied("the token is bad"), ConfigError("a bad name")],
)
def test_what_the_shop_or_the_token_kept_back_is_not_sent(error: PipelineError) -> None:
    assert why_later(error) == (f"not sent: {error}", Reason.NOT_SENT)


def test_what_is_not_there_yet_has_no_reason() -> None:
    assert why_later(NotReady("still being written")) == ("still being written", None)
