# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What IAM says of an administrator whom the customer names as its way in (customer_way_in)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import way_in
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.way_in import (
    Administrator,
    allows_everything,
    read_administrator,
)
from tests.unit.core.places import ACCOUNT, STRANGER, Place

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
USER, ROLE = f"arn:aws:iam::{ACCOUNT}:user/admins/owner", f"arn:aws:iam::{ACCOUNT}:role/owner"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LITTLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"},
    ],
}


def read(place: Place, arn: str) -> Administrator:
    return read_administrator(place.client("iam", "us-east-1"), arn)


@pytest.fixture
def iam(place: Place) -> Any:
    """The account's IAM, with a user and a role that may do nothing."""
    found = place.own("iam")
    found.create_user(UserName="owner", Path="/admins/")
    found.create_role(RoleName="owner", AssumeRolePolicyDocument=json.dumps(TRUST))
    return found


@pytest.mark.parametrize("arn", [USER.replace("owner", "nobody"), ROLE.replace("owner", "nobody")])
def test_who_does_not_exist_is_absent_and_no_error(place: Place, iam: Any, arn: str) -> None:
    assert read(place, arn) == Administrator(arn, exists=False)


@pytest.mark.parametrize("arn", [f"arn:aws:iam::{ACCOUNT}:user/owner", f"arn:aws:iam::{ACCOUNT}:role/team/owner"])
def test_a_name_under_another_path_is_somebody_else(place: Place, iam: Any, arn: str) -> None:
    assert not read(place, arn).exists


def test_a_role_tells_whom_it_trusts(place: Place, iam: Any) -> None:
    assert read(place, ROLE) == Administrator(ROLE, trusts=(STRANGER,))
    assert read(place, ROLE).is_role
    assert read(place, ROLE).name == "owner"


def test_a_user_tells_how_it_signs_in(place: Place, iam: Any) -> None:
    assert read(place, USER) == Administrator(USER)
    key = iam.create_access_key(UserName="owner")["AccessKey"]["AccessKeyId"]
    assert read(place, USER).signs_in_by == "an access key"
    iam.update_access_key(UserName="owner", AccessKeyId=key, Status="Inactive")
    assert read(place, USER).signs_in_by == ""
    iam.create_login_profile(UserName="owner", Password="not-a-secret-1A")
    assert read(place, USER).signs_in_by == "a password"


@pytest.mark.parametrize(("kind", "arn"), [("user", USER), ("role", ROLE)])
def test_an_attached_policy_of_aws_makes_an_administrator(place: Place, iam: Any, kind: str, arn: str) -> None:
    assert read(place, arn).administers_by == ""
    getattr(iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": "owner", "PolicyArn": ADMINISTRATOR})
    assert read(place, arn).administers_by == "AdministratorAccess"


@pytest.mark.parametrize(("kind", "arn"), [("user", USER), ("role", ROLE)])
def test_a_policy_of_ones_own_that_allows_everything_makes_an_administrator(
    place: Place, iam: Any, kind: str, arn: str
) -> None:
    for name, document in (("little", LITTLE), ("all", EVERYTHING)):
        put = getattr(iam, f"put_{kind}_policy")
        put(**{f"{kind.title()}Name": "owner", "PolicyName": name, "PolicyDocument": json.dumps(document)})
        assert read(place, arn).administers_by == ("all" if name == "all" else "")


@pytest.mark.parametrize(("kind", "arn"), [("user", USER), ("role", ROLE)])
def test_a_managed_policy_of_the_customers_counts_by_its_default_version(
    place: Place, iam: Any, kind: str, arn: str
) -> None:
    policy = iam.create_policy(PolicyName="ours", PolicyDocument=json.dumps(EVERYTHING))["Policy"]["Arn"]
    getattr(iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": "owner", "PolicyArn": policy})
    assert read(place, arn).administers_by == "ours"
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps(LITTLE), SetAsDefault=True)
    assert read(place, arn).administers_by == ""


def test_a_user_administers_by_its_group(place: Place, iam: Any) -> None:
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(GroupName="admins", UserName="owner")
    assert read(place, USER).administers_by == ""
    iam.attach_group_policy(GroupName="admins", PolicyArn=ADMINISTRATOR)
    assert read(place, USER).administers_by == "AdministratorAccess of group admins"


@pytest.mark.parametrize(("kind", "arn"), [("User", USER), ("Role", ROLE)])
@pytest.mark.parametrize(
    ("boundary", "told"),
    [(f"arn:aws:iam::{ACCOUNT}:policy/limit", f"arn:aws:iam::{ACCOUNT}:policy/limit"), (ADMINISTRATOR, "")],
)
def test_a_permissions_boundary_is_told_unless_it_limits_nothing(
    place: Place, iam: Any, kind: str, arn: str, boundary: str, told: str
) -> None:
    limit = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    place.aws.edit(f"Get{kind}", lambda parsed: parsed[kind].update(PermissionsBoundary=limit))
    assert read(place, arn).boundary == told


@pytest.mark.parametrize(
    ("operation", "arn"), [("GetUser", USER), ("GetLoginProfile", USER), ("GetRole", ROLE), ("ListRolePolicies", ROLE)]
)
def test_what_may_not_be_read_is_an_error(place: Place, iam: Any, operation: str, arn: str) -> None:
    place.aws.refuse(operation, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        read(place, arn)


def statement(**changed: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **changed}}


@pytest.mark.parametrize("action", ["*", "*:*", ["s3:*", "*"]])
def test_everything_is_every_action_on_every_resource(action: Any) -> None:
    assert allows_everything(statement(Action=action))


@pytest.mark.parametrize(
    "changed",
    [
        {"Action": "iam:*"},
        {"Resource": "arn:aws:s3:::x"},
        {"Effect": "Deny"},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
)
def test_less_than_everything_makes_no_administrator(changed: dict[str, Any]) -> None:
    assert not allows_everything(statement(**changed))
    assert not allows_everything(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}
    )


def test_reading_calls_what_it_declares_and_writes_nothing(place: Place, iam: Any) -> None:
    policy = iam.create_policy(PolicyName="ours", PolicyDocument=json.dumps(LITTLE))["Policy"]["Arn"]
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(GroupName="admins", UserName="owner")
    for kind in ("user", "role", "group"):
        whose = {f"{kind.title()}Name": "admins" if kind == "group" else "owner"}
        getattr(iam, f"put_{kind}_policy")(**whose, PolicyName="little", PolicyDocument=json.dumps(LITTLE))
        getattr(iam, f"attach_{kind}_policy")(**whose, PolicyArn=policy)
    read(place, USER)
    read(place, ROLE)
    assert {f"iam:{name}" for name in place.aws.names} == set(way_in.PERMISSIONS)
    assert place.aws.writes == []
