from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.encoder.compute import (
    import_torch,
    pick_device,
    processor_threads,
    products,
)


@pytest.fixture
def torch() -> Any:
    """Imported by the tests alone: it takes a second."""
    return import_torch()


@pytest.mark.networks
def test_auto_takes_what_there_is(torch: Any) -> None:
    assert pick_device(torch, "auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert pick_device(torch, "cpu").type == "cpu"


@pytest.mark.networks
def test_a_device_that_is_not_there_is_refused(torch: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"device: cuda:64 was requested.*device: auto"):
        pick_device(torch, "cuda:64")


@pytest.mark.networks
def test_threads_are_set_for_a_while(torch: Any) -> None:
    before = torch.get_num_threads()
    with processor_threads(torch, 1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_threads_sleep_while_they_wait_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        "convai_rasa.nlu.encoder.compute.require", lambda *_, **__: seen.append(os.environ["OMP_WAIT_POLICY"])
    )
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    import_torch()
    assert "OMP_WAIT_POLICY" not in os.environ  # the processes that this one starts are no concern of it
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    import_torch()
    assert seen == ["PASSIVE", "ACTIVE"]
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_products_of_few_and_of_many_rows_are_the_same(count: int) -> None:
    chance = np.random.default_rng(0)
    rows, others = (chance.normal(size=(size, 384)).astype(np.float32) for size in (count, 300))
    found = products(rows, others)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, rows.astype(float) @ others.astype(float).T, atol=1e-4)
