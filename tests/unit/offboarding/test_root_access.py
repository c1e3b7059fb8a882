# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The root user's MFA: where AssumeRoot reaches, and never where the model does not give the root user (E6, D1)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.root_access import ENTRY, customers_root
from tests.unit.offboarding.aws import MANAGEMENT, MEMBER, MFA_DEVICE, ORGANIZATION, Aws, run

ASSUMED, DEACTIVATED = (MANAGEMENT, "AssumeRoot"), (MEMBER, "DeactivateMFADevice")
PASSKEY = f"arn:aws:iam::{MEMBER}:u2f/root-account/passkey-0123"


def test_the_virtual_device_is_deactivated_in_a_root_session(aws: Aws) -> None:
    result = run(ENTRY)

    assert result["changed"]
    assert result["mfa_devices"] == [MFA_DEVICE]
    assert (result["manual"], result["reason"]) == (False, "")
    assert aws.writes == [ASSUMED, DEACTIVATED]
    assert aws.virtual == []


def test_the_root_session_is_short_confined_and_of_this_account(aws: Aws) -> None:
    run(ENTRY)

    assert aws.arguments("AssumeRoot") == [
        {
            "TargetPrincipal": MEMBER,
            "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"},
            "DurationSeconds": 900,
        }
    ]


def test_what_only_the_root_user_sees_is_deactivated_too(aws: Aws) -> None:
    aws.others = [PASSKEY]

    assert run(ENTRY)["mfa_devices"] == [MFA_DEVICE, PASSKEY]
    assert aws.others == []


def test_check_mode_predicts_it_and_opens_no_root_session(aws: Aws) -> None:
    """G1."""
    predicted = run(ENTRY, check_mode=True)

    assert aws.writes == []
    real = run(ENTRY)
    for key in ("changed", "mfa_devices", "manual", "reason", "diff"):
        assert predicted[key] == real[key]


def test_check_mode_knows_of_a_device_that_it_cannot_name(aws: Aws) -> None:
    aws.virtual, aws.others = [], [PASSKEY]

    predicted = run(ENTRY, check_mode=True)

    assert predicted["changed"]
    assert predicted["mfa_devices"] == []


def test_a_second_run_opens_no_root_session(aws: Aws) -> None:
    """G2."""
    run(ENTRY)
    aws.calls.clear()
    result = run(ENTRY)

    assert not result["changed"]
    assert not result["manual"]
    assert result["diff"] == []
    assert aws.writes == []


def test_the_device_that_is_named_after_the_root_user_is_its_own(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some answers do not name the user of a device."""
    answer = {"VirtualMFADevices": [{"SerialNumber": MFA_DEVICE}, {"SerialNumber": f"{MFA_DEVICE}-2"}]}
    monkeypatch.setattr(aws, "ListVirtualMFADevices", lambda account, **_: {**answer, "IsTruncated": False})

    assert run(ENTRY, check_mode=True)["mfa_devices"] == [MFA_DEVICE]


def test_the_device_of_another_user_is_not_the_root_users(aws: Aws) -> None:
    aws.virtual = []

    assert not run(ENTRY)["changed"]
    assert aws.writes == []


@pytest.mark.parametrize(
    ("model", "kind", "customers"),
    [
        ("spam", "member", False),
        ("spam", "payer", False),
        ("spam", "standalone", False),
        ("ecam", "member", True),
        ("ecam", "payer", False),
        ("ecam", "standalone", True),
    ],
)
def test_the_model_says_whose_root_user_it_is(model: str, kind: str, customers: bool) -> None:
    """D1."""
    assert customers_root(model, kind) is customers


def test_a_root_user_that_the_customer_holds_is_refused_before_any_call(aws: Aws) -> None:
    """D1."""
    result = run(ENTRY, account_model="ecam")

    assert result["failed"]
    assert "account app1-prod: account_model is ecam" in result["msg"]
    assert aws.calls == []


@pytest.mark.parametrize("kind", ["payer", "standalone"])
def test_an_account_that_is_no_member_is_a_persons_task(aws: Aws, kind: str) -> None:
    """E7."""
    result = run(ENTRY, account_kind=kind, organization=None, access_roles=["Rackspace"])

    assert not result["changed"]
    assert result["manual"]
    assert result["reason"].startswith(f"the account is a {kind} account")
    assert aws.writes == []


def test_an_account_without_mfa_is_nobodys_task(aws: Aws) -> None:
    aws.virtual = []

    assert not run(ENTRY, account_kind="standalone", organization=None, access_roles=["Rackspace"])["manual"]


def test_an_account_that_left_the_organization_is_a_persons_task(aws: Aws) -> None:
    del aws.organizations[MEMBER]

    result = run(ENTRY)

    assert result["manual"]
    assert "no longer, a member" in result["reason"]
    assert aws.writes == []


@pytest.mark.parametrize(
    ("features", "told"),
    [
        (["RootSessions"], "aws iam enable-organizations-root-credentials-management"),
        (["RootCredentialsManagement"], "aws iam enable-organizations-root-sessions"),
    ],
)
def test_an_organization_without_the_feature_is_a_persons_task(aws: Aws, features: list[str], told: str) -> None:
    aws.features = features

    result = run(ENTRY)

    assert result["manual"]
    assert result["reason"].endswith(told)
    assert aws.writes == []


@pytest.mark.parametrize("suffix", ["", "Exception"])
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ServiceAccessNotEnabled", "enable-aws-service-access --service-principal iam.amazonaws.com"),
        ("OrganizationNotInAllFeaturesMode", "all features"),
        ("OrganizationNotFound", "no organization"),
        ("AccountNotManagementOrDelegatedAdministrator", "not the one of an organization"),
    ],
)
def test_an_organization_that_cannot_have_the_feature_is_a_persons_task(
    aws: Aws, code: str, suffix: str, told: str
) -> None:
    aws.refuse("ListOrganizationsFeatures", code + suffix)

    result = run(ENTRY)

    assert result["manual"]
    assert told in result["reason"]


def test_features_that_may_not_be_read_are_tried(aws: Aws) -> None:
    aws.refuse("ListOrganizationsFeatures", "AccessDenied")

    assert run(ENTRY)["changed"]


def test_a_refused_root_session_is_told_with_what_to_do(aws: Aws) -> None:
    aws.refuse("AssumeRoot", "AccessDenied", "not authorized to perform: sts:AssumeRoot")

    result = run(ENTRY)

    assert result["failed"]
    assert not result["changed"]
    assert result["msg"].startswith(f"account app1-prod ({MEMBER}): AssumeRoot was refused (AccessDenied)")
    assert "allow sts:AssumeRoot" in result["msg"]


def test_what_was_deactivated_before_a_failure_is_told(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """G6."""
    aws.others = [PASSKEY]
    real = aws.DeactivateMFADevice

    def deactivate(account: str, **arguments: Any) -> None:
        real(account, **arguments)
        aws.refuse("DeactivateMFADevice", "EntityTemporarilyUnmodifiable")

    monkeypatch.setattr(aws, "DeactivateMFADevice", deactivate)
    result = run(ENTRY)

    assert result["failed"]
    assert result["changed"]
    assert result["mfa_devices"] == [MFA_DEVICE]
    assert "run again in a few minutes" in result["msg"]


def test_a_session_in_another_account_than_the_record_names_deactivates_nothing(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G3."""
    real = aws.AssumeRoot
    monkeypatch.setattr(aws, "AssumeRoot", lambda account, **_: real(account, TargetPrincipal="222222222222"))

    result = run(ENTRY)

    assert "the credentials lead to account 222222222222" in result["msg"]
    assert DEACTIVATED not in aws.writes


def test_a_root_user_that_cannot_be_read_is_never_taken_for_one_without_mfa(aws: Aws) -> None:
    """G5."""
    aws.refuse("GetAccountSummary", "AccessDenied")
    aws.virtual = []

    result = run(ENTRY)

    assert result["failed"]
    assert "GetAccountSummary was refused" in result["msg"]


def test_a_management_account_that_is_not_reached_is_an_error(aws: Aws) -> None:
    result = run(ENTRY, organization={**ORGANIZATION, "management_role": None}, access_roles=["Rackspace"])

    assert result["failed"]
    assert "account_organization: management_role" in result["msg"]
    assert aws.writes == []
