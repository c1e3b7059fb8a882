# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The customer's billing permissions: our own inline policy, and nothing else of a principal (E4, G9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.billing_access import (
    BILLING_ACTIONS,
    ENTRY,
    SID,
    document,
)
from tests.unit.offboarding.aws import MEMBER, Aws, run

NAME = "rackspace-billing-access"
ROLE, USER = f"arn:aws:iam::{MEMBER}:role/people/Finance", f"arn:aws:iam::{MEMBER}:user/owner"
SSO = f"arn:aws:iam::{MEMBER}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Billing_0123456789abcdef"
LINKED = f"arn:aws:iam::{MEMBER}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"
FOREIGN = {"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def iam(aws: Aws) -> Iterator[Any]:
    """IAM as the account's owner sees it, with a role and a user."""
    sts = boto3.client("sts", region_name="us-east-1")
    key = sts.assume_role(RoleArn=f"arn:aws:iam::{MEMBER}:role/owner", RoleSessionName="owner")["Credentials"]
    client = boto3.client(
        "iam",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )
    client.create_role(RoleName="Finance", Path="/people/", AssumeRolePolicyDocument="{}")
    client.create_user(UserName="owner")
    client.put_role_policy(RoleName="Finance", PolicyName="theirs", PolicyDocument=json.dumps(FOREIGN))
    return client


def rows(result: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return the state of each principal, and whether it changed."""
    return {row["principal"]: (row["state"], row["changed"]) for row in result["principals"]}


def test_each_principal_gets_a_policy_of_its_own(aws: Aws, iam: Any) -> None:
    result = run(ENTRY, principals=[ROLE, USER])

    assert result["changed"]
    assert rows(result) == {ROLE: ("compliant", True), USER: ("compliant", True)}
    assert iam.get_role_policy(RoleName="Finance", PolicyName=NAME)["PolicyDocument"] == document(BILLING_ACTIONS)
    assert iam.get_user_policy(UserName="owner", PolicyName=NAME)["PolicyDocument"] == document(BILLING_ACTIONS)


def test_the_policy_adds_a_payment_method_and_gives_nothing_else(aws: Aws) -> None:
    """E4: no wildcard, and nothing that deletes or that another service has."""
    assert {"payments:CreatePaymentInstrument", "payments:UpdatePaymentPreferences"} <= set(BILLING_ACTIONS)
    assert not [action for action in BILLING_ACTIONS if "*" in action or "Delete" in action]
    assert {action.split(":")[0] for action in BILLING_ACTIONS} == {"account", "billing", "payments"}


def test_check_mode_predicts_the_same_rows_and_writes_nothing(aws: Aws, iam: Any) -> None:
    """G1."""
    predicted = run(ENTRY, check_mode=True, principals=[ROLE, USER, SSO])

    assert aws.writes == []
    assert rows(predicted) == {ROLE: ("drifted", True), USER: ("drifted", True), SSO: ("skipped", False)}
    assert predicted["diff"] == run(ENTRY, principals=[ROLE, USER, SSO])["diff"]


def test_a_second_run_changes_nothing(aws: Aws, iam: Any) -> None:
    """G2."""
    run(ENTRY, principals=[ROLE])
    aws.calls.clear()
    result = run(ENTRY, principals=[ROLE, ROLE])

    assert rows(result) == {ROLE: ("compliant", False)}
    assert len(result["principals"]) == 1
    assert aws.writes == []


def test_calling_off_leaves_the_principal_as_it_was(aws: Aws, iam: Any) -> None:
    run(ENTRY, principals=[ROLE, USER])
    result = run(ENTRY, principals=[ROLE, USER], state="absent")

    assert rows(result) == {ROLE: ("compliant", True), USER: ("compliant", True)}
    assert iam.list_role_policies(RoleName="Finance")["PolicyNames"] == ["theirs"]
    assert iam.list_user_policies(UserName="owner")["PolicyNames"] == []


def test_calling_off_twice_changes_nothing(aws: Aws, iam: Any) -> None:
    result = run(ENTRY, principals=[ROLE, USER], state="absent")

    assert not result["changed"]
    assert aws.writes == []


def test_our_policy_is_brought_to_the_actions_that_are_asked_for(aws: Aws, iam: Any) -> None:
    run(ENTRY, principals=[ROLE], actions=["payments:ListPaymentPreferences"])
    result = run(ENTRY, principals=[ROLE])

    assert result["changed"]
    assert result["diff"][0]["before"]["policy"][0]["Action"] == ["payments:ListPaymentPreferences"]
    assert iam.get_role_policy(RoleName="Finance", PolicyName=NAME)["PolicyDocument"] == document(BILLING_ACTIONS)


MIXED = {"Version": "2012-10-17", "Statement": [*document(BILLING_ACTIONS)["Statement"], *FOREIGN["Statement"]]}


@pytest.mark.parametrize("policy", [FOREIGN, MIXED], ids=["another's", "ours and another's"])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_anothers_policy_of_that_name_is_neither_overwritten_nor_removed(
    aws: Aws, iam: Any, policy: dict[str, Any], state: str
) -> None:
    """G9."""
    iam.put_role_policy(RoleName="Finance", PolicyName=NAME, PolicyDocument=json.dumps(policy))

    result = run(ENTRY, principals=[ROLE], state=state)

    assert rows(result) == {ROLE: ("foreign", False)}
    assert bool(result.get("failed")) == (state == "present")
    assert "left as it is" in result["principals"][0]["reason"]
    assert aws.writes == []
    assert iam.get_role_policy(RoleName="Finance", PolicyName=NAME)["PolicyDocument"] == policy


@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_cannot_be_edited_is_named_with_what_to_do(aws: Aws, iam: Any, state: str) -> None:
    result = run(ENTRY, principals=[SSO, LINKED, ROLE], state=state)

    assert not result.get("failed")
    assert result["not_editable"] == [SSO, LINKED]
    assert rows(result)[SSO] == rows(result)[LINKED] == ("skipped", False)
    assert "permission set" in result["principals"][0]["reason"]
    assert "service-linked" in result["principals"][1]["reason"]
    if state == "present":
        assert all(action in result["principals"][0]["reason"] for action in BILLING_ACTIONS)


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:iam::222222222222:role/Finance", f"another account than {MEMBER}"),
        (f"arn:aws-us-gov:iam::{MEMBER}:role/Finance", f"another account than {MEMBER}"),
        (f"arn:aws:sts::{MEMBER}:assumed-role/Finance/me", "not the ARN of an IAM role or user"),
        (f"arn:aws:iam::{MEMBER}:root", "not the ARN of an IAM role or user"),
        (f"arn:aws:iam::{MEMBER}:group/Finance", "not the ARN of an IAM role or user"),
        ("Finance", "not the ARN of an IAM role or user"),
        (f"arn:aws:iam::{MEMBER}:role/Finance", "/people/Finance is meant?"),
        (f"arn:aws:iam::{MEMBER}:role/people/Finanze", "there is no such role"),
        (f"arn:aws:iam::{MEMBER}:user/nobody", "there is no such user"),
    ],
)
def test_a_principal_that_is_wrong_fails_and_hides_no_other(aws: Aws, iam: Any, arn: str, told: str) -> None:
    """G5."""
    result = run(ENTRY, principals=[arn, USER])

    assert result["failed"]
    assert rows(result) == {arn: ("failed", False), USER: ("compliant", True)}
    assert told in result["principals"][0]["reason"]
    assert f"account app1-prod ({MEMBER}): {arn} is failed" in result["msg"]


def test_a_principal_that_is_gone_has_nothing_to_give_back(aws: Aws, iam: Any) -> None:
    result = run(ENTRY, principals=[f"arn:aws:iam::{MEMBER}:user/nobody"], state="absent")

    assert not result.get("failed")
    assert result["principals"][0]["reason"] == "there is no such user"


def test_a_principal_that_cannot_be_read_is_unknown(aws: Aws, iam: Any) -> None:
    """G5."""
    aws.refuse("GetRole", "AccessDenied")

    result = run(ENTRY, principals=[ROLE, USER])

    assert result["failed"]
    assert rows(result) == {ROLE: ("unknown", False), USER: ("compliant", True)}


def test_a_principal_without_room_is_told_with_what_to_do(aws: Aws, iam: Any) -> None:
    aws.refuse("PutRolePolicy", "LimitExceeded")

    result = run(ENTRY, principals=[ROLE, USER])

    assert rows(result) == {ROLE: ("failed", False), USER: ("compliant", True)}
    assert "take another principal" in result["msg"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"policy_name": "a b"}, "policy_name: is 'a b'"),
        ({"policy_name": ""}, "policy_name: is ''"),
        ({"actions": []}, "actions: is empty"),
        ({"actions": ["payments"]}, "actions: 'payments' is no IAM action"),
    ],
)
def test_a_wrong_option_is_told_before_any_call(aws: Aws, options: dict[str, Any], told: str) -> None:
    result = run(ENTRY, principals=[ROLE], **options)

    assert told in result["msg"]
    assert aws.calls == []


def test_a_policy_of_another_name_is_possible(aws: Aws, iam: Any) -> None:
    run(ENTRY, principals=[ROLE], policy_name="billing")

    assert iam.get_role_policy(RoleName="Finance", PolicyName="billing")["PolicyDocument"]["Statement"][0]["Sid"] == SID
