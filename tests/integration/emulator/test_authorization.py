"""What a session may do by its role's policies, as they are at each call."""

from __future__ import annotations

import json

import pytest

MANAGEMENT, SHARED, PLAIN = "100000000001", "100000000002", "111111111111"
ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture
def session(accounts, emulator, policies):
    """Makes a role `worker` with inline policies and a session of it; returns a maker of clients."""

    def make(*documents, path="/", **options):
        iam = accounts(PLAIN, "iam")
        trust = policies.trust({"AWS": SHARED})
        role = iam.create_role(RoleName="worker", Path=path, AssumeRolePolicyDocument=trust, **options)["Role"]
        for number, statements in enumerate(documents):
            text = policies.document(*statements)
            iam.put_role_policy(RoleName="worker", PolicyName=f"policy-{number}", PolicyDocument=text)
        answer = accounts(SHARED, "sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
        one = policies.session_of(answer)
        return lambda service, region="us-east-1": policies.client_of(one, emulator, service, region)

    yield make
    iam = accounts(PLAIN, "iam")
    if "worker" not in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        return
    for name in iam.list_role_policies(RoleName="worker")["PolicyNames"]:
        iam.delete_role_policy(RoleName="worker", PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]:
        iam.detach_role_policy(RoleName="worker", PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName="worker")


def test_a_session_without_policies_may_nothing_in_iam(session, refused):
    text = refused(session()("iam").get_role, text=True, RoleName="worker")
    assert text == (
        f"AccessDenied: User: arn:aws:sts::{PLAIN}:assumed-role/worker/test is not authorized to perform: iam:GetRole "
        "on resource: role worker because no identity-based policy allows the iam:GetRole action"
    )


def test_an_allowance_holds_for_its_actions_and_resources_only(session, refused):
    own = {"Effect": "Allow", "Action": "iam:Get*", "Resource": f"arn:aws:iam::{PLAIN}:role/workers/*"}
    iam = session([own], path="/workers/")("iam")
    iam.get_role(RoleName="worker")
    assert refused(iam.get_role, RoleName="OrganizationAccountAccessRole") == "AccessDenied"
    assert refused(iam.list_role_policies, RoleName="worker") == "AccessDenied"
    assert refused(iam.list_roles) == "AccessDenied"


def test_a_denial_wins_and_is_said_to_be_one(session, refused):
    iam = session([ANY], [{"Effect": "Deny", "Action": "iam:DeleteRole", "Resource": "*"}])("iam")
    iam.list_roles()
    assert "explicit deny" in refused(iam.delete_role, text=True, RoleName="worker")


def test_a_role_that_takes_its_own_policy_away_can_do_no_more(session, refused, accounts):
    iam = session([ANY])("iam")
    assert refused(iam.delete_role, RoleName="worker") == "DeleteConflict"
    iam.delete_role_policy(RoleName="worker", PolicyName="policy-0")
    assert refused(iam.delete_role, RoleName="worker") == "AccessDenied"
    accounts(PLAIN, "iam").get_role(RoleName="worker")


def test_what_another_principal_attaches_counts_at_the_next_call(session, refused, accounts):
    iam = session()("iam")
    assert refused(iam.list_users) == "AccessDenied"
    arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    accounts(PLAIN, "iam").attach_role_policy(RoleName="worker", PolicyArn=arn)
    iam.list_users()
    assert refused(iam.create_user, UserName="never") == "AccessDenied"


def test_a_permissions_boundary_bounds(session, refused):
    bounded = session([ANY], PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")("iam")
    bounded.list_roles()
    assert refused(bounded.create_user, UserName="never") == "AccessDenied"


def test_older_sessions_can_be_revoked_by_a_policy(session, refused):
    later = {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": later}
    assert refused(session([ANY], [deny])("iam").list_roles) == "AccessDenied"


def test_leaving_and_contacts_need_their_actions_too(session, refused):
    bare = session([{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}])
    assert refused(bare("organizations").describe_organization) == "AccessDeniedException"
    assert refused(bare("account").list_regions) == "AccessDeniedException"


def test_an_allowance_on_any_resource_of_an_organization_counts(session):
    arn = "arn:aws:organizations::*:organization/o-*"
    one = session([{"Effect": "Allow", "Action": "organizations:DescribeOrganization", "Resource": arn}])
    assert one("organizations").describe_organization()["Organization"]["Id"] == "o-rackspace01"


def test_a_user_is_judged_by_its_own_policies_and_those_of_its_groups(accounts, emulator, policies, refused):
    iam = accounts(PLAIN, "iam")
    iam.create_user(UserName="person")
    key = iam.create_access_key(UserName="person")["AccessKey"]
    answer = {"Credentials": {**key, "SessionToken": ""}}
    own = policies.client_of(policies.session_of(answer), emulator, "iam", "us-east-1")
    assert refused(own.list_users) == "AccessDenied"
    iam.create_group(GroupName="people")
    iam.add_user_to_group(GroupName="people", UserName="person")
    iam.attach_group_policy(GroupName="people", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    own.list_users()
    assert "user person" in refused(own.delete_user, text=True, UserName="person")


def test_a_session_of_a_role_that_was_made_anew_is_refused(session, accounts, refused, policies):
    old = session()("sts")
    iam = accounts(PLAIN, "iam")
    iam.delete_role(RoleName="worker")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=policies.trust({"AWS": SHARED}))
    assert refused(old.get_caller_identity) == "InvalidClientTokenId"


def test_the_base_credentials_may_do_everything(accounts):
    policy = {"Version": "2012-10-17", "Statement": [ANY]}
    iam = accounts(MANAGEMENT, "iam")
    arn = iam.create_policy(PolicyName="any", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    iam.delete_policy(PolicyArn=arn)
