from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.setting_sources import SourceKind
from pipeline.settings import ENVIRONMENT, SETTINGS, Settings, load
from tests.permissions import permissions_in_force

TOKEN = "a-secret-token"


def config(home: Path, text: str, mode: int = 0o600) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    file = home / "pipeline.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_without_anything_the_defaults_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    loaded = load({}, {})
    assert loaded.settings == Settings(home=loaded.settings.home)
    assert {source.kind for source in loaded.sources.values()} == {SourceKind.DEFAULT}
    assert set(loaded.sources) == set(SETTINGS)
    assert loaded.settings.home.is_absolute()
    assert (loaded.settings.max_bytes, loaded.settings.longest_side) == (1_000_000, 2048)
    assert loaded.settings.access_token is None


def test_a_flag_is_over_the_environment_which_is_over_the_file_which_is_over_the_default(
    tmp_path: Path,
) -> None:
    file = config(tmp_path, "workers = 2\nuploads = 2\nmax_bytes = 200_000\n")
    environment = {"PIPELINE_WORKERS": "3", "PIPELINE_UPLOADS": "3", "PIPELINE_HOME": "elsewhere"}
    loaded = load({"home": tmp_path, "workers": 4, "uploads": None}, environment)
    settings = loaded.settings
    assert (settings.workers, settings.uploads, settings.max_bytes) == (4, 3, 200_000)
    assert settings.longest_side == 2048
    assert {
        name: str(loaded.sources[name])
        for name in ("home", "workers", "uploads", "max_bytes", "longest_side")
    } == {
        "home": "flag --home",
        "workers": "flag --workers",
        "uploads": "environment variable PIPELINE_UPLOADS",
        "max_bytes": str(file),
        "longest_side": "default",
    }


def test_the_file_of_the_home_folder_is_read_and_another_in_its_place(tmp_path: Path) -> None:
    config(tmp_path / "home", "workers = 2\n")
    other = config(tmp_path / "other", "workers = 5\n")
    by_environment = {"PIPELINE_HOME": str(tmp_path / "home")}
    assert load({}, by_environment).settings.workers == 2
    assert load({}, by_environment, other).settings.workers == 5
    assert load({"home": tmp_path / "nothing here"}, by_environment).settings.home == (
        tmp_path / "nothing here"
    )


def test_every_setting_has_an_environment_variable_of_its_own() -> None:
    assert set(ENVIRONMENT) == set(SETTINGS)
    assert len(set(ENVIRONMENT.values())) == len(ENVIRONMENT)
    assert ENVIRONMENT["store_hash"] == "BIGCOMMERCE_STORE_HASH"
    assert ENVIRONMENT["access_token"] == "BIGCOMMERCE_ACCESS_TOKEN"
    assert ENVIRONMENT["store_url"] == "PIPELINE_STORE_URL"
    assert ENVIRONMENT["home"] == "PIPELINE_HOME"


def test_an_empty_environment_variable_counts_as_none(tmp_path: Path) -> None:
    loaded = load({"home": tmp_path}, dict.fromkeys(ENVIRONMENT.values(), ""))
    assert loaded.settings == Settings(home=tmp_path)


def test_the_home_folder_may_be_relative_or_begin_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    config(tmp_path / "shop", "workers = 7\n")
    for home in ("~/shop", "shop", str(tmp_path / "shop")):
        settings = load({}, {"PIPELINE_HOME": home}).settings
        assert (settings.home, settings.workers) == (tmp_path / "shop", 7)


def test_the_home_of_a_person_nobody_knows_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="~no-such-person/shop cannot be found"):
        load({"home": "~no-such-person/shop"}, {})


def test_the_certificates_that_other_programs_trust_are_trusted_unless_our_file_names_others(
    tmp_path: Path,
) -> None:
    requests, tls = {"REQUESTS_CA_BUNDLE": "/r.pem"}, {"SSL_CERT_FILE": "/s.pem"}
    own = {"PIPELINE_CA_FILE": "/p.pem"}

    def trusted(environment: dict[str, str]) -> tuple[str | None, str]:
        loaded = load({"home": tmp_path}, environment)
        file = loaded.settings.ca_file
        return None if file is None else file.name, str(loaded.sources["ca_file"])

    assert trusted({}) == (None, "default")
    assert trusted(tls) == ("s.pem", "environment variable SSL_CERT_FILE")
    assert trusted(tls | requests) == ("r.pem", "environment variable REQUESTS_CA_BUNDLE")
    file = config(tmp_path, "ca_file = '~/office.pem'\n")
    assert trusted(tls | requests) == ("office.pem", str(file))
    assert load({"home": tmp_path}, {}).settings.ca_file == Path.home() / "office.pem"
    assert trusted(tls | requests | own) == ("p.pem", "environment variable PIPELINE_CA_FILE")


WRONG = [
    ("workers", "none"),
    ("workers", "0"),
    ("workers", "65"),
    ("uploads", "-1"),
    ("max_bytes", "1 MB"),
    ("max_bytes", "9999"),
    ("max_bytes", "8000001"),
    ("longest_side", "63"),
    ("longest_side", "16384"),
    ("quality_floor", "96"),
    ("recipe", "slow"),
    ("keep_copyright", "perhaps"),
    ("read_timeout", "0"),
    ("read_timeout", "nan"),
    ("request_timeout", "inf"),
    ("quota_reserve", "1"),
    ("store_hash", "abc/../def"),
    ("store_hash", "abc\n"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_with_where_it_came_from_and_what_it_is_for(
    tmp_path: Path, name: str, value: str
) -> None:
    description = SETTINGS[name].description
    assert description
    with pytest.raises(ConfigError) as by_environment:
        load({"home": tmp_path}, {ENVIRONMENT[name]: value})
    with pytest.raises(ConfigError) as by_flag:
        load({"home": tmp_path, name: value}, {})
    file = config(tmp_path, f"{name} = {value.encode('unicode_escape').decode()!r}\n")
    with pytest.raises(ConfigError) as by_file:
        load({"home": tmp_path}, {})
    for error, source in (
        (by_environment, ENVIRONMENT[name]),
        (by_flag, f"flag --{name.replace('_', '-')}"),
        (by_file, str(file)),
    ):
        assert f"the setting {name} from " in str(error.value)
        assert source in str(error.value)
        assert description in str(error.value)


def test_several_wrong_values_are_named_all_at_once(tmp_path: Path) -> None:
    config(tmp_path, 'workers = "none"\ncolour = "red"\n')
    with pytest.raises(ConfigError) as error:
        load({"home": tmp_path}, {"PIPELINE_UPLOADS": "99"})
    for part in ("workers", "uploads", "there is no setting colour", "PIPELINE_UPLOADS"):
        assert part in str(error.value)


def test_a_name_in_the_file_that_is_no_setting_is_refused_with_those_that_are(
    tmp_path: Path,
) -> None:
    file = config(tmp_path, "[limits]\nmax_bytes = 5\n")
    with pytest.raises(ConfigError) as error:
        load({"home": tmp_path}, {})
    assert f"{file}: there is no setting limits" in str(error.value)
    assert "max_bytes" in str(error.value)


def test_the_home_folder_cannot_stand_in_the_file_that_lies_in_it(tmp_path: Path) -> None:
    config(tmp_path, 'home = "/elsewhere"\n')
    with pytest.raises(ConfigError, match="PIPELINE_HOME"):
        load({"home": tmp_path}, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"workers = \n", "line 1: workers has no value"),
        (b"workers 2\n", "an equals sign: workers = "),
        (b"\xff\xfe", "no text in UTF-8"),
        (b'access_token = "a-secret-token\n', 'at the end is missing: access_token = "…"'),
        (
            b"access_token = a-secret-token\n",
            'access_token needs quotation marks: access_token = "…"',
        ),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = config(tmp_path, "")
    file.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        load({"home": tmp_path}, {})
    assert str(file) in str(error.value)
    assert sentence in str(error.value)
    assert TOKEN not in str(error.value)


def test_a_file_that_was_named_must_be_there_and_readable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        load({"home": tmp_path}, {}, tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load({"home": tmp_path}, {}, tmp_path)
    file = config(tmp_path, "workers = 2\n", 0)
    with permissions_in_force(), pytest.raises(ConfigError, match="cannot be read: Permission"):
        load({"home": tmp_path}, {}, file)


@pytest.mark.skipif(os.name != "posix", reason="file permissions are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o601])
def test_a_file_with_the_token_that_others_may_read_is_refused_with_what_mends_it(
    tmp_path: Path, mode: int
) -> None:
    file = config(tmp_path, f'access_token = "{TOKEN}"\n', mode)
    with pytest.raises(ConfigError) as error:
        load({"home": tmp_path}, {})
    assert f"chmod 600 {file}" in str(error.value)
    assert TOKEN not in str(error.value)
    file.chmod(0o600)
    token = load({"home": tmp_path}, {}).settings.access_token
    assert token is not None
    assert token.reveal() == TOKEN


def test_a_file_without_the_token_may_be_read_by_all(tmp_path: Path) -> None:
    config(tmp_path, "workers = 2\n", 0o644)
    assert load({"home": tmp_path}, {}).settings.workers == 2


def test_the_token_shows_in_nothing_that_is_printed(tmp_path: Path) -> None:
    loaded = load({"home": tmp_path}, {"BIGCOMMERCE_ACCESS_TOKEN": TOKEN})
    for shown in (
        repr(loaded),
        str(loaded.settings),
        repr(loaded.settings.access_token),
        str(asdict(loaded.settings)),
        f"{loaded.settings.access_token}",
    ):
        assert TOKEN not in shown


@pytest.mark.parametrize("value", [5, True, ["a-secret-token"], {"a-secret-token": 1}])
def test_a_token_of_a_wrong_type_is_refused_without_being_shown(
    tmp_path: Path, value: object
) -> None:
    with pytest.raises(ConfigError, match="access_token") as error:
        load({"home": tmp_path, "access_token": value}, {})
    assert TOKEN not in str(error.value)


def test_a_floor_above_the_best_quality_raises_the_best(tmp_path: Path) -> None:
    settings = load({"home": tmp_path, "quality_best": 50, "quality_floor": 80}, {}).settings
    assert (settings.encoding.quality_best, settings.encoding.quality_floor) == (80, 80)


@given(
    st.dictionaries(
        st.sampled_from(sorted(set(ENVIRONMENT) - {"home"})),
        st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30)
        | st.integers().map(str)
        | st.floats().map(str),
    )
)
def test_whatever_the_environment_says_it_is_in_force_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    environment = {ENVIRONMENT[name]: value for name, value in values.items()}
    home = tmp_path_factory.getbasetemp()
    try:
        loaded = load({"home": home}, environment)
    except ConfigError as error:
        sentence = str(error)
    else:
        sentence = ""
        assert loaded.settings.limits.max_bytes >= 10_000
        assert {loaded.sources[name].kind for name, value in values.items() if value} <= {
            SourceKind.ENVIRONMENT
        }
    assert not sentence or any(ENVIRONMENT[name] in sentence for name in values)
