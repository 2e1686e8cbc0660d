"""Which requests a rule strikes."""

from __future__ import annotations

import pytest

from tests.localstore.process import StoreProcess


def test_a_rule_passes_some_and_strikes_so_many_times(store: StoreProcess, product: int) -> None:
    path = f"/catalog/products/{product}/images"
    store.misbehave(
        {"do": "answer", "status": 503, "method": "GET", "path": path, "skip": 2, "times": 3}
    )
    statuses = [store.session.get(store.url + path, timeout=10).status_code for _ in range(7)]
    assert statuses == [204, 204, 503, 503, 503, 204, 204]
    [rule] = store.control("GET", "_faults").json()
    assert (rule["seen"], rule["hit"]) == (7, 3)


def test_chance_is_the_same_for_the_same_seed(store: StoreProcess, product: int) -> None:
    def run(seed: int) -> list[int]:
        store.misbehave({"do": "answer", "status": 500, "probability": 0.5, "seed": seed})
        url = f"{store.url}/catalog/products/{product}/images"
        return [store.session.get(url, timeout=10).status_code for _ in range(30)]

    first = run(7)
    assert run(7) == first
    assert set(first) == {204, 500}
    assert run(8) != first


def test_the_first_rule_that_strikes_wins_and_others_are_left_alone(
    store: StoreProcess, product: int
) -> None:
    store.misbehave(
        {"do": "answer", "status": 500, "method": "POST"},
        {"name": "second", "do": "answer", "status": 502, "path": "*/images"},
    )
    url = f"{store.url}/catalog/products/{product}/images"
    assert store.session.post(url, data=b"", timeout=10).status_code == 500
    assert store.session.get(url, timeout=10).status_code == 502
    assert store.session.get(f"{url}/1", timeout=10).status_code == 404
    assert [entry["fault"] for entry in store.seen()[-3:]] == ["answer", "second", None]


def test_deleting_the_rules_ends_the_trouble(store: StoreProcess, product: int) -> None:
    store.misbehave({"do": "answer", "status": 500})
    assert store.control("DELETE", "_faults").status_code == 204
    assert store.call("GET", f"/catalog/products/{product}/images").status_code == 204
    assert store.control("GET", "_faults").json() == []


@pytest.mark.parametrize(
    "rules",
    [
        {},
        [1],
        [{"do": "dance"}],
        [{"do": "delay", "when": "never"}],
        [{"do": "delay", "how": "reset"}],
        [{"do": "delay", "seconds": "1"}],
        [{"do": "delay", "seconds": -1}],
        [{"do": "delay", "minutes": 1}],
        [{"do": "answer", "status": 99}],
        [{"do": "answer", "probability": 2}],
        [{"do": "drop", "times": "1"}],
        [{"do": []}],
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_the_old_ones_stay(
    store: StoreProcess, rules: object
) -> None:
    store.misbehave({"do": "delay", "seconds": 0})
    assert store.control("PUT", "_faults", json=rules).status_code == 422
    assert [rule["do"] for rule in store.control("GET", "_faults").json()] == ["delay"]
