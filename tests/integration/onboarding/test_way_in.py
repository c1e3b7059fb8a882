# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The provider's way into the account: it can be changed, and a run never locks itself out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.client import Emulator
from tests.integration.onboarding.controller import EXTERNAL_ID, MANAGEMENT, PLAIN, SHARED, Aws, Controller, Ran

ROLE = f"arn:aws:iam::{PLAIN}:role/Rackspace"
NEW_ID = "rotated-4c8e1a7d2b90"


@pytest.fixture(scope="module")
def onboard(controller: Controller, aws: Aws) -> Any:
    """Return a function that onboards the role alone, with the record's variables changed."""

    def run(**variables: Any) -> Ran:
        record: dict[str, Any] = {"account_id": PLAIN, "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e"}
        record |= {"account_regions": ["us-east-1"], "account_defaults_only": ["rackspace_role"], **variables}
        path: Path = controller.inventory({"plain": record}, account_defaults_wait_timeout=30)
        return controller.onboard(inventories=[path])

    ran = run()
    assert ran.status == 0, ran.output
    return run


def enters(aws: Aws, external_id: str) -> bool:
    """Tell whether the provider's session can assume the role."""
    try:
        aws.assume(aws.session(SHARED), ROLE, ExternalId=external_id)
    except ClientError:
        return False
    return True


@pytest.mark.parametrize("delay", [0, 3])
def test_a_trust_policy_that_would_lock_the_run_out_is_not_left_there(
    onboard: Any, aws: Aws, emulator: Emulator, controller: Controller, delay: int
) -> None:
    """G3 and the design, credentials: also where AWS still lets the former policy count for some seconds."""
    controller.forget_credentials()
    stranger = f"arn:aws:iam::{MANAGEMENT}:root"
    emulator.settings(visibility_delay=delay)
    try:
        ran = onboard(account_access_roles=["Rackspace"], provider_trusted_principals=[stranger])
    finally:
        emulator.settings(visibility_delay=0)
    assert ran.status != 0
    assert "provider_trusted_principals" in ran.of("plain")["msg"]
    assert enters(aws, EXTERNAL_ID)


def test_the_external_id_can_be_changed_by_coming_in_another_way(
    onboard: Any, aws: Aws, controller: Controller
) -> None:
    """B1: with the organization's role as second way in; the former id is worth nothing then."""
    controller.forget_credentials()
    refused = onboard(account_external_id=NEW_ID)
    assert refused.status != 0
    assert "provider_external_id_rotate" in refused.of("plain")["msg"]
    assert refused.written(PLAIN) == {}
    ran = onboard(account_external_id=NEW_ID, provider_external_id_rotate=True)
    assert ran.status == 0, ran.output
    assert ran.written(PLAIN) == {"UpdateAssumeRolePolicy": 1}
    assert enters(aws, NEW_ID)
    assert not enters(aws, EXTERNAL_ID)


def test_what_changed_of_an_external_id_is_told_by_fingerprint(onboard: Any) -> None:
    """Design, runs: a change that is hidden would look like no change."""
    row = onboard(provider_external_id_rotate=True).rows("plain")["rackspace_role", "global"]
    assert row["changed"] is True
    assert row["before"]["trust"] != row["after"]["trust"]
    assert NEW_ID not in str(row)
    assert EXTERNAL_ID not in str(row)


def test_cached_credentials_of_another_account_are_noticed(onboard: Any, controller: Controller, aws: Aws) -> None:
    """G3: the account behind a session is compared whatever its credentials come from."""
    files = list((controller.home / ".aws").rglob("*.json"))
    keys = aws.session("222222222222").get_credentials()
    for path in files:
        text = path.read_text()
        content = json.loads(text)
        content["Credentials"] |= {
            "AccessKeyId": keys.access_key,
            "SecretAccessKey": keys.secret_key,
            "SessionToken": keys.token,
        }
        path.write_text(json.dumps(content))
    assert files
    ran = onboard()
    assert ran.writes("222222222222") == []
    assert ran.status == 0, ran.output
