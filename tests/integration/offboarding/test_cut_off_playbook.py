# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""G6: offboard.yml itself is killed again and again on one account, and each run goes on where the one before ended.

Each fixture is a run that is killed, and begins with what the fixture before it left.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections import Counter

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.desk import DEPARTING, OFFBOARD, PROOF, Desk, Owners, Provider, plan_of, possessions
from tests.integration.onboarding.belongings import Belongings, lost_or_changed
from tests.integration.onboarding.controller import MANAGEMENT, ORGANIZATION_ROLE, PLAYBOOKS, TOPICS, Call, Ran
from tests.integration.processes import alive, descendants, until

HOST = "departing"
REGIONS = ["us-east-1", "eu-west-1"]
VARIABLES = {"account_regions": REGIONS, "confirm": DEPARTING, "reverse_assumption_proof_seconds": PROOF}
TOOK_OVER = "was cut off; its lock is taken over"


def killed_after(desk: Desk, writes: int, **variables: str) -> Ran:
    """Start a run, and kill it with all its processes after so many writes, as when the controller goes down."""
    emulator = desk.emulator
    assert emulator
    emulator.reset_ledger()
    emulator.settings(die_after_writes=writes)
    extra = json.dumps({**VARIABLES, **variables})
    command = desk.command(PLAYBOOKS / "offboard.yml", [OFFBOARD, desk.noon()], ["--limit", HOST, "-e", extra])
    output = desk.folder / "killed.log"
    with output.open("w") as log:
        run = subprocess.Popen(
            command, cwd=desk.folder, env=desk.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            until(lambda: emulator.settings()["dead"] or run.poll() is not None, "the run wrote too little", 240)
        finally:
            workers = descendants(run.pid)  # which are in process groups of their own
            os.killpg(run.pid, signal.SIGKILL)
            status = run.wait()
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            until(lambda: not any(map(alive, workers)), "a worker outlives the run")
            emulator.settings()  # is read after what they had sent
            until(lambda: emulator.settings()["under_way"] == 0, "what they had sent does not die as well")
            emulator.settings(die_after_writes=None)
    ran = Ran(status, output.read_text(), {}, emulator.ledger())
    assert status == -signal.SIGKILL, f"the run ended before it was killed\n{ran.output}"
    assert len(done(ran)) == writes, [call["operation"] for call in done(ran)]
    return ran


def done(ran: Ran) -> list[Call]:
    """Return the writes that AWS did not refuse."""
    return [call for call in ran.writes() if not call["error"]]


def operations(ran: Ran) -> Counter[str]:
    """Count them."""
    return Counter(call["operation"] for call in done(ran))


@pytest.fixture(scope="module")
def owners(desk: Desk, provider: Provider, offboarding: Emulator) -> Owners:
    """The account is onboarded, and its administrator looks at it."""
    offboarding.change_account(DEPARTING, regions=[*REGIONS, "us-west-2"])
    desk.onboard_all([HOST], REGIONS)
    return Owners(provider, [DEPARTING])


@pytest.fixture(scope="module")
def before(owners: Owners) -> Belongings:
    return possessions(owners, DEPARTING, REGIONS)


@pytest.fixture(scope="module")
def planned(desk: Desk, before: Belongings) -> set[str]:
    """What goes, as a check run says before any other."""
    check = desk.offboard("--check", hosts=[HOST], account_regions=REGIONS)
    assert check.status == 0, check.output
    assert done(check) == []
    return set(plan_of(check, HOST)["removes"])


@pytest.fixture(scope="module")
def in_the_channels(desk: Desk, planned: set[str]) -> Ran:
    """Killed while a delivery channel is made anew: so many writes reach into one, and not beyond it in both regions.

    However the threads of the regions share them.
    """
    return killed_after(desk, 6)


@pytest.fixture(scope="module")
def in_the_topics(desk: Desk, in_the_channels: Ran) -> Ran:
    return killed_after(desk, 24)


@pytest.fixture(scope="module")
def waiting(desk: Desk, in_the_topics: Ran) -> Ran:
    """Not killed: it ends by itself, as the code is waited for."""
    return desk.offboard(hosts=[HOST], account_regions=REGIONS)


@pytest.fixture(scope="module")
def behind_the_organization(desk: Desk, waiting: Ran) -> Ran:
    return killed_after(desk, 3, email_code=desk.codes()[HOST])


@pytest.fixture(scope="module")
def between_trust_and_policies(desk: Desk, behind_the_organization: Ran) -> Ran:
    """Killed when one last role is gone and the other admits nobody, and may still do everything."""
    return killed_after(desk, 4)


@pytest.fixture(scope="module")
def behind_the_last_write(desk: Desk, between_trust_and_policies: Ran) -> Ran:
    return killed_after(desk, 1)


@pytest.fixture(scope="module")
def finished(desk: Desk, behind_the_last_write: Ran) -> Ran:
    return desk.offboard(hosts=[HOST], account_regions=REGIONS)


def test_killed_while_a_channel_is_made_anew(in_the_channels: Ran) -> None:
    written = operations(in_the_channels)
    assert written["TagResource"] > written["UntagResource"]
    assert written["DeleteTopic"] == 0


def test_killed_in_the_topics(in_the_topics: Ran) -> None:
    """The run before it left a channel half made: this one made it, and went on."""
    assert TOOK_OVER in " ".join(in_the_topics.output.split())
    written = operations(in_the_topics)
    assert written["UntagResource"] > 0
    assert written["Unsubscribe"] > 0
    assert written["DeleteTopic"] < len(TOPICS) * len(REGIONS)


def test_the_rest_is_cleaned_up_and_the_code_waited_for(waiting: Ran) -> None:
    assert waiting.status == 0, waiting.output
    assert TOOK_OVER in waiting.text
    assert waiting.account(HOST)["outcome"] == "open manual steps"
    assert waiting.written(MANAGEMENT) == {"StartPrimaryEmailUpdate": 1}


def test_killed_when_the_organization_is_left(behind_the_organization: Ran) -> None:
    assert operations(behind_the_organization) == {
        "AcceptPrimaryEmailUpdate": 1,
        "DeactivateMFADevice": 1,
        "RemoveAccountFromOrganization": 1,
    }


def test_killed_between_the_trust_of_the_last_role_and_its_policies(between_trust_and_policies: Ran) -> None:
    assert TOOK_OVER in " ".join(between_trust_and_policies.output.split())
    written = done(between_trust_and_policies)
    assert (written[-1]["operation"], written[-1]["resource"]) == ("UpdateAssumeRolePolicy", ORGANIZATION_ROLE)
    assert operations(between_trust_and_policies)["DeleteRole"] == 1


def test_killed_after_the_last_write(behind_the_last_write: Ran) -> None:
    assert operations(behind_the_last_write) == {"DetachRolePolicy": 1}


def test_the_last_run_hands_the_account_over(finished: Ran, desk: Desk) -> None:
    assert finished.status == 0, finished.output
    assert TOOK_OVER in finished.text
    assert done(finished) == []
    assert [entry["event"] for entry in desk.journal(HOST)][-1] == "handed_over"
    assert ORGANIZATION_ROLE in desk.handed_over(HOST, "handover.md")


def test_all_runs_together_removed_what_was_planned_and_the_last_roles(
    planned: set[str],
    in_the_channels: Ran,
    in_the_topics: Ran,
    waiting: Ran,
    behind_the_organization: Ran,
    between_trust_and_policies: Ran,
    behind_the_last_write: Ran,
) -> None:
    runs = (
        in_the_channels,
        in_the_topics,
        waiting,
        behind_the_organization,
        between_trust_and_policies,
        behind_the_last_write,
    )
    written = [call for ran in runs for call in done(ran)]
    arns = {
        call["resource"]
        if call["resource"].startswith("arn:")
        else f"arn:aws:events:{call['region']}:{DEPARTING}:rule/{call['resource']}"
        if call["operation"] == "DeleteRule"
        else f"arn:aws:iam::{DEPARTING}:role/{call['resource']}"
        for call in written
        if call["operation"] in {"DeleteTopic", "Unsubscribe", "DeletePolicy", "DeleteRule", "DeleteRole"}
    }
    assert arns == planned | {f"arn:aws:iam::{DEPARTING}:role/Rackspace"}
    left = Counter(call["operation"] for call in written)
    assert left["RemoveAccountFromOrganization"] + left["LeaveOrganization"] == 1


def test_what_stays_is_as_it_was(before: Belongings, finished: Ran, planned: set[str], owners: Owners) -> None:
    """Trails, recorders and channels without their topics; the rest whole."""
    gone = {"Rackspace", ORGANIZATION_ROLE, *(arn.rpartition("/")[2] for arn in planned)}
    topic_fields = {"SnsTopicARN", "SnsTopicName", "snsTopicARN"}
    kept = {
        at: {name: value for name, value in what.items() if name not in topic_fields}
        if {"trail", "delivery channel"} & set(at) and isinstance(what, dict)
        else what
        for at, what in before.items()
        if not (planned & set(at) or gone & set(at))
    }
    assert len(kept) > 50
    after = possessions(owners, DEPARTING, REGIONS)
    assert lost_or_changed(kept, after) == {}
    assert not any(at[1:2] == ("topic",) for at in after)


def test_no_session_of_the_provider_comes_in(finished: Ran, provider: Provider) -> None:
    rows = [row for row in finished.of(HOST, "Take away the last role")["proof"] if row["refused"]]
    assert {row["role"] for row in rows} == {"Rackspace", ORGANIZATION_ROLE}
    assert len(rows) == 4
