"""IAM: what must be gone before something is deleted, and roles that are AWS's own."""

from __future__ import annotations

import pytest

PLAIN = "111111111111"
ANY = {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}


@pytest.fixture
def iam(accounts):
    return accounts(PLAIN, "iam")


@pytest.fixture
def policy(iam, policies):
    """A managed policy of the account's own."""
    arn = iam.create_policy(PolicyName="own", PolicyDocument=policies.document(ANY))["Policy"]["Arn"]
    yield arn
    if arn in [one["Arn"] for one in iam.list_policies(Scope="Local")["Policies"]]:
        iam.delete_policy(PolicyArn=arn)


@pytest.fixture
def role(iam, policies):
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=policies.trust({"Service": "ec2.amazonaws.com"}))
    yield "worker"
    if "worker" in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        iam.delete_role(RoleName="worker")


def test_a_policy_is_deleted_once_it_is_attached_nowhere(iam, policy, role, refused):
    iam.create_user(UserName="person")
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam.attach_user_policy(UserName="person", PolicyArn=policy)
    assert refused(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    assert refused(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    iam.detach_user_policy(UserName="person", PolicyArn=policy)
    iam.delete_policy(PolicyArn=policy)


def test_a_policy_is_deleted_once_it_has_one_version(iam, policy, policies, refused):
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=policies.document(ANY), SetAsDefault=True)
    assert refused(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    assert made["PolicyVersion"]["IsDefaultVersion"] is True
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    iam.delete_policy(PolicyArn=policy)


def test_a_role_is_deleted_once_nothing_is_left_of_it(iam, policy, role, policies, refused):
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=policies.document(ANY))
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role)
    (profile,) = iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert profile["InstanceProfileName"] == "profile"
    assert refused(iam.delete_instance_profile, InstanceProfileName="profile") == "DeleteConflict"
    for remove in (
        lambda: iam.detach_role_policy(RoleName=role, PolicyArn=policy),
        lambda: iam.delete_role_policy(RoleName=role, PolicyName="inline"),
        lambda: iam.remove_role_from_instance_profile(InstanceProfileName="profile", RoleName=role),
    ):
        assert refused(iam.delete_role, RoleName=role) == "DeleteConflict"
        remove()
    iam.delete_role(RoleName=role)
    iam.delete_instance_profile(InstanceProfileName="profile")


def test_a_service_linked_role_is_made_once_and_not_changed(iam, refused):
    made = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{PLAIN}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    attached = iam.list_attached_role_policies(RoleName="AWSServiceRoleForConfig")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AWSConfigServiceRolePolicy"]
    assert refused(iam.create_service_linked_role, AWSServiceName="config.amazonaws.com") == "InvalidInput"
    name = {"RoleName": "AWSServiceRoleForConfig"}
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert refused(iam.attach_role_policy, **name, PolicyArn=arn) == "UnmodifiableEntity"
    assert refused(iam.delete_role, **name) == "UnmodifiableEntity"
    assert refused(iam.delete_service_linked_role, RoleName="OrganizationAccountAccessRole") == "NoSuchEntity"
    iam.delete_service_linked_role(**name)
    assert refused(iam.get_role, **name) == "NoSuchEntity"


def test_a_recorder_can_take_the_service_linked_role(accounts, iam):
    made = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    recorder = {"name": "default", "roleARN": made["Arn"]}
    accounts(PLAIN, "config", "sa-east-1").put_configuration_recorder(ConfigurationRecorder=recorder)


def test_a_role_of_the_identity_center_is_not_changed(iam, policies, refused):
    name = {"RoleName": "AWSReservedSSO_Admin_0123456789abcdef"}
    path = "/aws-reserved/sso.amazonaws.com/"
    iam.create_role(**name, Path=path, AssumeRolePolicyDocument=policies.trust({"AWS": PLAIN}))
    put = iam.put_role_policy
    document = policies.document(ANY)
    assert refused(put, **name, PolicyName="x", PolicyDocument=document) == "UnmodifiableEntity"
    assert refused(iam.delete_role, **name) == "UnmodifiableEntity"
