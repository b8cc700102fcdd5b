"""A few of the faults that ``make chaos`` tries by the hundred: each ends as if nothing had happened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.resilience import faults
from tests.resilience.faults import ANYWHERE, OF_MAIL, Fault, Place, number_of_events, small_disk, try_fault

EVENTS_TRIED = (0.35, 0.8)


@pytest.fixture(scope="module")
def place(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A warehouse and a state folder that all trials share, as a service does."""
    assert warehouse_of_module.url

    def crash() -> None:
        raise NotImplementedError("the tests share their server")

    return Place(tmp_path_factory.mktemp("chaos"), crash)


@pytest.fixture(scope="module")
def events(place: Place) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_STATE", str(place.state))
        return number_of_events(place, 100, accepted=True)


@pytest.mark.parametrize("fault", ANYWHERE)
@pytest.mark.parametrize("part", EVENTS_TRIED)
def test_a_return_ends_right_after_a_fault(
    place: Place, events: int, monkeypatch: pytest.MonkeyPatch, fault: Fault, part: float
) -> None:
    monkeypatch.setenv("SIA_STATE", str(place.state))
    number = 1000 + 100 * ANYWHERE.index(fault) + round(100 * part)
    trial = try_fault(place, number, fault, round(events * part), accepted=True)
    assert trial.wrong == []
    assert trial.struck_in


def test_a_return_ends_right_after_its_disk_was_full(
    place: Place, events: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with small_disk(tmp_path) as is_mounted:
        if not is_mounted:
            pytest.skip("only root may mount the small disk")
        monkeypatch.setenv("SIA_STATE", str(tmp_path))
        own, attempts = replace(place, state=tmp_path), []
        for number, event in enumerate((1, round(events * 0.7), round(events * 0.8)), 4001):
            trial = try_fault(own, number, Fault.FULL, event, accepted=True)
            assert trial.wrong == []
            assert trial.struck_in
            attempts.append(trial.attempts)
        assert max(attempts) > 1, "the disk was never full"


@pytest.mark.parametrize("fault", OF_MAIL)
def test_a_letter_is_sent_after_a_fault_of_the_mail_server(
    place: Place, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setenv("SIA_STATE", str(place.state))
    trial = try_fault(place, 2000 + OF_MAIL.index(fault), fault, 1, accepted=False)
    assert trial.wrong == []
    assert trial.attempts == 2


def test_a_good_file_is_accepted_after_its_reader_was_killed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIA_STATE", str(place.state))
    trial = try_fault(place, 2500, Fault.READER, 1, accepted=True)
    assert trial.wrong == []
    assert trial.attempts == 2, "the reader was not killed"


def test_a_return_that_nobody_goes_on_with_is_not_right(
    place: Place, events: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trials can fail: after a fault and without another attempt, they say what is missing."""
    monkeypatch.setenv("SIA_STATE", str(place.state))
    monkeypatch.setattr(faults, "MAX_ATTEMPTS", 1)
    trial = try_fault(place, 3000, Fault.KILL, events // 2, accepted=True)
    kinds = {wrong.partition(":")[0] for wrong in trial.wrong}
    assert {"stuck", "lost", "left"} <= kinds
