# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An audit works with a role that may do what its published policy says, and calls nothing else (G8)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.audit.auditing import HOST, RECORD, REGIONS, TASK, audit, onboarded
from tests.integration.onboarding.controller import EXTERNAL_ID, MANAGEMENT, PLAIN, ROOT, SHARED, Aws, Controller, Ran
from tests.integration.onboarding.test_drift import actions

FILES = ROOT / "roles" / "account_audit" / "files"
ROLE, READER = "account-audit", "queue-reader"


def allowed(name: str) -> set[str]:
    """Return the actions of a published policy."""
    (statement,) = json.loads((FILES / name).read_text())["Statement"]
    return set(statement["Action"])


def make(aws: Aws, account: str, role: str, trusts: str, policy: str, **condition: Any) -> None:
    """Make a role with a policy as somebody who has read the documentation does."""
    iam = aws(account, "iam")
    statement = {"Effect": "Allow", "Principal": {"AWS": trusts}, "Action": "sts:AssumeRole", **condition}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=policy)


@pytest.fixture(scope="module")
def inventory(controller: Controller) -> Path:
    return controller.inventory({HOST: RECORD}, account_regions=REGIONS)


@pytest.fixture(scope="module")
def audited(controller: Controller, inventory: Path, aws: Aws) -> Ran:
    """An audit of an onboarded account by a role in it, and by one in the shared account, with these policies alone."""
    onboarded(controller, inventory, REGIONS)
    here = (FILES / "read_only_policy.json").read_text()
    there = json.loads((FILES / "read_only_policy_shared_services.json").read_text())
    there["Statement"].append(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{ROLE}"}
    )
    external_id = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    make(aws, SHARED, READER, f"arn:aws:iam::{MANAGEMENT}:root", json.dumps(there))
    make(aws, PLAIN, ROLE, f"arn:aws:iam::{SHARED}:role/{READER}", here, Condition=external_id)
    controller.forget_credentials()
    return by_the_roles(controller, inventory)


def by_the_roles(controller: Controller, inventory: Path) -> Ran:
    roles = [{"name": ROLE, "via": "provider"}]
    return audit(controller, inventory, account_audit_access_roles=roles, provider_access_role=READER)


def test_an_audit_is_let_in_with_the_published_policy_alone(audited: Ran) -> None:
    """G8: IAM and Account Management are judged by the embedded AWS; see docs/verified-and-not.md."""
    assert audited.status == 0, audited.output
    assert audited.of(HOST, TASK)["account"]["access_role"] == ROLE
    assert audited.states(HOST, TASK) == {"compliant": 32}


def test_an_audit_calls_nothing_that_is_not_in_the_policy(audited: Ran) -> None:
    """G8: by the ledger."""
    called = actions(audited.calls(PLAIN))
    assert len(called) > 25
    assert called - allowed("read_only_policy.json") == set()
    called = actions(audited.calls(SHARED))
    assert called
    assert called - allowed("read_only_policy_shared_services.json") == set()


def test_every_call_of_an_audit_is_made_by_these_roles(audited: Ran) -> None:
    """G8: nothing is read by way of another."""
    for account, role in ((PLAIN, ROLE), (SHARED, READER)):
        principals = {call["principal"] for call in audited.calls(account)}
        assert len(principals) == 1
        assert f"assumed-role/{role}/" in principals.pop()


def test_what_the_role_may_not_read_is_unknown(controller: Controller, inventory: Path, audited: Ran, aws: Aws) -> None:
    """G5, G8: so the policy is what lets it in."""
    policy = json.loads((FILES / "read_only_policy.json").read_text())
    policy["Statement"][0]["Action"].remove("iam:GetAccountPasswordPolicy")
    aws(PLAIN, "iam").put_role_policy(RoleName=ROLE, PolicyName=ROLE, PolicyDocument=json.dumps(policy))
    ran = by_the_roles(controller, inventory)
    assert ran.status != 0
    row = ran.rows(HOST, TASK)["password_policy", "global"]
    assert (row["state"], row["error"]["operation"]) == ("unknown", "GetAccountPasswordPolicy")
    assert ran.states(HOST, TASK) == {"compliant": 31, "unknown": 1}
