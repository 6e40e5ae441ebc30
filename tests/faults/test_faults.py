"""The short form of the campaign (`make faults` is the long one): every kind of fault once. Takes three minutes."""

from __future__ import annotations

from typing import Final

import pytest
from tests.faults import campaign

SEED: Final = 7


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> campaign.Outcome:
    # Always the same faults in the same order, so that a change is judged by what it does; `make faults` draws others.
    return campaign.run(SEED, jobs=24, faults=17, outage=5.0, folder=tmp_path_factory.mktemp("faults"))


@pytest.mark.timeout(600)
def test_every_accepted_job_ends_once_with_a_result_or_a_reason(outcome: campaign.Outcome) -> None:
    assert outcome.ended
    assert not outcome.audit.lost
    assert not outcome.audit.ended_twice
    assert set(outcome.audit.reasons) <= {"NO_FACE", "ATTEMPTS_EXHAUSTED"}, "nothing fails but what must"
    assert outcome.audit.reasons["ATTEMPTS_EXHAUSTED"] == len(outcome.poisoned)


def test_every_result_is_whole_and_there_is_one_of_each(outcome: campaign.Outcome) -> None:
    assert set(outcome.audit.kinds) == {"video of speech", "video of a motion file", "motion"}
    assert not outcome.audit.broken


def test_no_lease_and_no_object_is_left(outcome: campaign.Outcome) -> None:
    assert not outcome.audit.leases
    assert not outcome.audit.orphans


def test_no_secret_is_logged_whatever_breaks(outcome: campaign.Outcome) -> None:
    assert not outcome.audit.secrets


def test_the_faults_were_felt(outcome: campaign.Outcome) -> None:
    assert outcome.done.total() == 17
    assert outcome.audit.attempts > len(outcome.callers.accepted)
    assert outcome.audit.leases_lost > 0
    assert outcome.twice > 0
    assert outcome.poisoned
