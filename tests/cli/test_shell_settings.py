"""What only a shell's environment sets: told, and written where a service reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.shell_settings import ShellSettings
from pipeline.errors import ConfigError
from pipeline.setting_kinds import Secret
from pipeline.settings import load

SHOP = {"BIGCOMMERCE_STORE_HASH": "abc123", "BIGCOMMERCE_ACCESS_TOKEN": "a-token"}


def shell_settings(home: Path, environment: dict[str, str], **more: bool) -> ShellSettings:
    return ShellSettings.of(load({"home": home}, environment), None, **{"test_shop": False, **more})


def test_what_is_written_is_what_was_in_force_and_what_stood_there_stays(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text("uploads = 3\n")
    more = {"PIPELINE_EXCLUDE": "*_raw.jpg", "PIPELINE_RECIPE": "fast", "PIPELINE_NOTIFY": "yes"}
    shell = shell_settings(tmp_path, {**SHOP, **more, "PIPELINE_CA_FILE": "/etc/office.pem"})
    trouble = shell.trouble()
    assert trouble is not None
    assert "BIGCOMMERCE_ACCESS_TOKEN, BIGCOMMERCE_STORE_HASH are set in this shell alone" in trouble
    shell.write()
    written = load({"home": tmp_path}, {}).settings
    assert written == load({"home": tmp_path}, {**SHOP, **more}).settings
    assert (written.uploads, written.access_token) == (3, Secret("a-token"))
    assert shell_settings(tmp_path, SHOP).trouble() is None


@given(path=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1) | st.just("\x7f"))
def test_any_text_comes_back_as_it_was(path: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    environment = {"PIPELINE_LEFT_OUT_FOLDERS": path}
    wanted = load({"home": home}, environment).settings.left_out_folders
    shell = shell_settings(home, environment)
    if shell.values:
        shell.write()
        assert load({"home": home}, {}).settings.left_out_folders == wanted


def test_a_file_that_says_something_else_is_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text('store_hash = "other"\n')
    shell = shell_settings(tmp_path, SHOP)
    with pytest.raises(ConfigError, match="says something else of store_hash"):
        shell.write()
    assert file.read_text() == 'store_hash = "other"\n'


@pytest.mark.parametrize(
    ("content", "why"),
    [("", "none is set"), ('store_hash = "abc"\n', "no access token")],
)
def test_a_service_without_a_shop_is_told_of(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "pipeline.toml").write_text(content)
    trouble = shell_settings(tmp_path, {}).trouble()
    assert trouble is not None
    assert why in trouble
    assert shell_settings(tmp_path, {}, test_shop=True).trouble() is None
