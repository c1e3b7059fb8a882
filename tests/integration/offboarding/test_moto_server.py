# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The product knows nothing of our emulator: an unmodified moto_server does, and an account of it is handed back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.customer import CONTACT
from tests.integration.offboarding.desk import confirmed, request
from tests.integration.onboarding.controller import PLAYBOOKS, TOPICS, Controller, Ran
from tests.noon import TIME_ZONE, TODAY

HOST, ACCOUNT = "plain", "123456789012"  # moto's own account
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
PAYER = "820000000000"
RECORD: dict[str, Any] = {
    "account_id": ACCOUNT,
    "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "account_name": HOST,
    "account_model": "ecam",
    "account_regions": REGIONS,
    "account_access_roles": [],  # moto_server's credentials are the account's own
    "account_organization": {"id": "o-customer01", "management_account_id": PAYER},
}


@dataclass
class Runs:
    """Onboarded, predicted, handed back with what moto cannot tell accepted by name, once more, and to the end."""

    inventory: Path
    onboarded: Ran
    predicted: Ran
    done: Ran
    again: Ran
    whole: Ran


#: moto's STS lets everybody assume any role, so what the last role's proof says there is another test
PHASES = ("--tags", "gates,residual,cleanup,account,way_in,leave")


def offboard(moto: Controller, inventory: Path, *arguments: str) -> Ran:
    """Hand the account back; with no time to try the last roles in, as there are none."""
    report = moto.folder / "reports" / "offboard.json"
    report.unlink(missing_ok=True)
    extra = json.dumps({"confirm": ACCOUNT, "reverse_assumption_proof_seconds": 1})
    ran = moto.play(PLAYBOOKS / "offboard.yml", "-e", extra, *arguments, inventories=[inventory])
    ran.report = json.loads(report.read_text()) if report.exists() else {}
    return ran


def inventory_of(moto: Controller, accepted: dict[str, str], topics: dict[str, str]) -> Path:
    """Write the account's record, with what of it moto cannot tell and somebody accepted."""
    whole = request("keeps-organization", {"customer_way_in": confirmed()}, billing_principals=None)
    for name in ("termination_date", "transfer_date"):
        whole[name] = TODAY
    whole |= {
        "contact": CONTACT,
        "overrides": {"business_hours": "a test runs at any hour", "nearest_date": "a test runs on any day"},
        "accept_residual": accepted,
        "accept_topic_users": topics,
    }
    return moto.inventory(
        {HOST: {**RECORD, "offboarding": whole}},
        provider_subscription_owner="account",
        account_defaults_wait_timeout=20,
        provider_account_ids=["100000000001"],
        reverse_assumption_calendar={"time_zone": TIME_ZONE},
    )


@pytest.fixture(scope="module")
def runs(moto: Controller) -> Runs:
    onboarded = moto.onboard(inventories=[inventory_of(moto, {}, {})])
    predicted = offboard(moto, inventory_of(moto, {}, {}), "--check")
    rows = predicted.of(HOST, "Look who else comes in").get("residual", [])
    why = "moto_server does not answer that"
    accepted = {row["resource"]: why for row in rows if row["state"] == "unknown"}
    gates = predicted.of(HOST, "Answer the gates").get("gates", [])
    evidence = next((gate["evidence"] for gate in gates if gate["gate"] == "topic_users"), "")
    unread = evidence.partition("not read: ")[2].partition("; not searched: ")[0].split("; ")
    topics = {f"unknown:{part.partition(' in ')[0]}": why for part in unread if part}
    inventory = inventory_of(moto, accepted, topics)
    done, again = (offboard(moto, inventory, *PHASES) for _ in range(2))
    return Runs(inventory, onboarded, predicted, done, again, offboard(moto, inventory))


def test_what_moto_cannot_tell_is_unknown_and_never_passed_over(runs: Runs) -> None:
    """G5, E9: nothing is accepted by a pattern, and no way in is found."""
    assert runs.onboarded.status == 0, runs.onboarded.output
    rows = runs.predicted.of(HOST, "Look who else comes in")["residual"]
    assert {row["state"] for row in rows} <= {"unknown", "leaving"}
    assert all("*" not in row["resource"] for row in rows)
    if any(row["state"] == "unknown" for row in rows):
        assert runs.predicted.status != 0
        assert "accept" in runs.predicted.account(HOST)["message"]


def test_an_account_of_an_unmodified_moto_server_is_handed_back(runs: Runs) -> None:
    """It is done when."""
    assert runs.done.status == 0, runs.done.output
    account = runs.done.account(HOST)
    assert account["removed"] >= len(TOPICS) * len(REGIONS) + 4
    assert account["outcome"] == "phases left"


def test_topics_and_roles_are_gone_and_trails_stay(moto: Controller, runs: Runs) -> None:
    """E6."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}

    def client(service: str, region: str) -> Any:
        return boto3.client(service, region, endpoint_url=moto.environment["AWS_ENDPOINT_URL"], **keys)

    roles = {role["RoleName"] for role in client("iam", "us-east-1").list_roles()["Roles"]}
    assert not {"Rackspace", "CloudHealth-Role", "rackspace-dispatcher"} & roles
    assert "AWSConfig" in roles
    for region in REGIONS:
        assert client("sns", region).list_topics()["Topics"] == []
        (trail,) = client("cloudtrail", region).describe_trails(includeShadowTrails=False)["trailList"]
        assert not trail.get("SnsTopicARN")
        assert client("cloudtrail", region).get_trail_status(Name=trail["TrailARN"])["IsLogging"]


def test_a_second_run_against_it_removes_nothing(runs: Runs) -> None:
    """G2."""
    assert runs.again.status == 0, runs.again.output
    assert runs.again.account(HOST)["removed"] == 0


def test_an_sts_that_lets_everybody_in_proves_nothing(runs: Runs) -> None:
    """E9: moto assumes roles that do not exist. A way in is told as one, and no account is handed over as shut."""
    assert runs.whole.status != 0
    message = runs.whole.account(HOST)["message"]
    assert "the provider still has a way in: Rackspace can be assumed from" in message
    assert not (runs.inventory.parent / "handover" / HOST / "handover.md").exists()
