"""`pipeline config show`: every value, and where it came from."""

from __future__ import annotations

from pathlib import Path

from tests.stories.commands import Command


def test_config_shows_each_value_with_its_source_and_never_the_token(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "pipeline.toml").write_text("longest_side = 1600\nmax_bytes = 500000\n")
    secret = {"BIGCOMMERCE_ACCESS_TOKEN": "a-very-secret-token", "PIPELINE_MAX_BYTES": "600000"}
    pipeline = Command(home)
    run = pipeline("config", "show", "--json", environment=secret).well()
    force = run.document
    assert force["longest_side"] == {"value": 1600, "source": str(home / "pipeline.toml")}
    assert force["max_bytes"]["value"] == 600_000
    assert "PIPELINE_MAX_BYTES" in force["max_bytes"]["source"]
    assert force["uploads"]["source"] == "default"
    plain = pipeline("config", "show", environment=secret).well()
    for text in (run.out, run.err, plain.out, plain.err):
        assert "a-very-secret-token" not in text
    assert "•" in plain.out
