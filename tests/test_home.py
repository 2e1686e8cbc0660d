from __future__ import annotations

import platformdirs
import pytest

from pipeline.home import default_home


@pytest.mark.parametrize("data", [None, "", "  ", "/srv/data"])
def test_the_home_is_the_one_that_the_platforms_custom_gives(
    data: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if data is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert default_home() == platformdirs.user_data_dir("photo-pipeline", appauthor=False)
