"""The store in force: the one that is set, or the local one for as long as somebody uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from pipeline.errors import ConfigError
from pipeline.home import LOCAL_STORE_FOLDER
from pipeline.localstore import running_store
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings, load
from tests.stories.commands import until


def settings(home: Path, **environment: str) -> Settings:
    return load({"home": home}, environment, None).settings


def test_a_store_that_is_set_is_taken_and_nothing_is_started(tmp_path: Path) -> None:
    told: list[str] = []
    named = settings(
        tmp_path / "home",
        PIPELINE_STORE_URL="https://shop.example/v3",
        BIGCOMMERCE_ACCESS_TOKEN="token",
    )
    with store_in_force(named, say=told.append) as store:
        assert (store.address.base_url, store.page) == ("https://shop.example/v3", None)
    assert told == []
    assert not (tmp_path / "home").exists()


# Who started it does not wait for it: others may use it still.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_the_local_store_is_shared_and_ends_with_its_last_user(tmp_path: Path) -> None:
    told: list[str] = []
    folder = tmp_path / LOCAL_STORE_FOLDER
    with store_in_force(settings(tmp_path), say=told.append) as first:
        with store_in_force(settings(tmp_path), say=told.append) as second:
            assert second == first
        assert first.page is not None
        assert requests.get(first.page, timeout=10).ok
        assert running_store(folder) is not None
    until(lambda: running_store(folder) is None)
    assert len(told) == 2
    assert told[0].startswith("Test shop on this machine, http://")


def test_a_rehearsal_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with store_in_force(settings(home), say=lambda sentence: None, scratch=True) as store:
        assert store.page is not None
    assert not home.exists()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigError, match="the test shop does not start in"),
        store_in_force(settings(tmp_path / "file" / "home"), say=lambda sentence: None),
    ):
        pass
