"""STS and IAM: who may assume which role, and which documents are accepted."""

from __future__ import annotations

import time

import boto3
import pytest

from emulator import identity
from emulator.policy import Principal
from emulator.protocol import AwsError
from emulator.world import World

MANAGEMENT, SHARED, PLAIN = "100000000001", "100000000002", "111111111111"
MISSING = f"arn:aws:iam::{SHARED}:role/missing"


@pytest.fixture
def role(accounts, policies):
    """Makes a role in the plain account with a trust policy; returns its ARN."""
    made: list[str] = []

    def make(principal, **condition):
        name = f"role-{len(made)}"
        accounts(PLAIN, "iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=policies.trust(principal, **condition)
        )
        made.append(name)
        return f"arn:aws:iam::{PLAIN}:role/{name}"

    yield make
    for name in made:
        accounts(PLAIN, "iam").delete_role(RoleName=name)


def assume(accounts, account, arn, **options):
    return accounts(account, "sts").assume_role(RoleArn=arn, RoleSessionName="test", **options)


def test_a_role_that_does_not_exist_is_refused_in_the_words_of_aws(accounts, refused):
    arn = f"arn:aws:iam::{PLAIN}:role/missing"
    text = refused(accounts(MANAGEMENT, "sts").assume_role, text=True, RoleArn=arn, RoleSessionName="test")
    assert text == (
        f"AccessDenied: User: arn:aws:iam::{MANAGEMENT}:user/process-engineer is not authorized to perform: "
        f"sts:AssumeRole on resource: {arn}"
    )


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{SHARED}:root", SHARED, "*"])
def test_a_trusted_account_may_assume(accounts, role, principal):
    answer = assume(accounts, SHARED, role({"AWS": principal}))
    assert answer["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{PLAIN}:assumed-role/")


def test_an_account_that_the_trust_policy_does_not_name_may_not_assume(accounts, role, refused):
    arn = role({"AWS": f"arn:aws:iam::{SHARED}:root"})
    assert refused(assume, accounts=accounts, account=MANAGEMENT, arn=arn) == "AccessDenied"


def test_a_session_assumes_by_the_arn_of_its_role(accounts, role):
    assume(accounts, SHARED, role({"AWS": f"arn:aws:iam::{SHARED}:role/OrganizationAccountAccessRole"}))


def test_a_service_principal_lets_no_account_in(accounts, role, refused):
    arn = role({"Service": "config.amazonaws.com"})
    assert refused(assume, accounts=accounts, account=SHARED, arn=arn) == "AccessDenied"


def test_the_external_id_must_be_the_one_of_the_condition(accounts, role, refused):
    arn = role({"AWS": SHARED}, StringEquals={"sts:ExternalId": "right"})
    assume(accounts, SHARED, arn, ExternalId="right")
    assert refused(assume, accounts=accounts, account=SHARED, arn=arn, ExternalId="wrong") == "AccessDenied"
    assert refused(assume, accounts=accounts, account=SHARED, arn=arn) == "AccessDenied"


def test_conditions_on_the_principal_and_its_organization_are_evaluated(accounts, role, refused):
    inside = role({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-rackspace01"})
    assume(accounts, SHARED, inside)
    other = role({"AWS": "*"}, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/Somebody*"})
    assert refused(assume, accounts=accounts, account=SHARED, arn=other) == "AccessDenied"


def test_a_deny_wins(accounts, policies, refused):
    allow = {"Effect": "Allow", "Principal": {"AWS": SHARED}, "Action": "sts:AssumeRole"}
    iam = accounts(PLAIN, "iam")
    iam.create_role(RoleName="denied", AssumeRolePolicyDocument=policies.document(allow, {**allow, "Effect": "Deny"}))
    arn = f"arn:aws:iam::{PLAIN}:role/denied"
    assert refused(assume, accounts=accounts, account=SHARED, arn=arn) == "AccessDenied"


def test_a_session_may_last_as_long_as_its_role_allows_but_a_chained_one_an_hour(accounts, role, refused):
    arn = role({"AWS": [SHARED, MANAGEMENT]})
    call = {"accounts": accounts, "arn": arn, "DurationSeconds": 7200}
    assert refused(assume, account=SHARED, **call) == "ValidationError"
    assert refused(assume, account=MANAGEMENT, **call) == "ValidationError"
    accounts(PLAIN, "iam").update_role(RoleName=arn.rsplit("/", 1)[-1], MaxSessionDuration=7200)
    assume(accounts, MANAGEMENT, arn, DurationSeconds=7200)


def test_a_suspended_account_cannot_be_entered(accounts, refused):
    organizations = accounts(MANAGEMENT, "organizations")
    status = organizations.create_account(Email="closed@example.com", AccountName="closed")["CreateAccountStatus"]
    arn = f"arn:aws:iam::{status['AccountId']}:role/OrganizationAccountAccessRole"
    assume(accounts, MANAGEMENT, arn)
    organizations.close_account(AccountId=status["AccountId"])
    assert refused(assume, accounts=accounts, account=MANAGEMENT, arn=arn) == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "function", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("cloudtrail", "describe_trails", "UnrecognizedClientException"),
        ("ec2", "describe_regions", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_an_unknown_access_key_is_refused(emulator, policies, refused, service, function, code):
    session = boto3.Session(aws_access_key_id="AKIAAAAAAAAAAAAAAAAA", aws_secret_access_key="x")
    client = policies.client_of(session, emulator, service, "us-east-1")
    assert refused(getattr(client, function)) == code


def test_a_session_ends_when_its_role_is_deleted(accounts, emulator, policies, refused, role):
    accounts(PLAIN, "iam").create_role(RoleName="brief", AssumeRolePolicyDocument=policies.trust({"AWS": SHARED}))
    session = policies.session_of(assume(accounts, SHARED, f"arn:aws:iam::{PLAIN}:role/brief"))
    client = policies.client_of(session, emulator, "sts", "us-east-1")
    assert client.get_caller_identity()["Arn"].endswith("assumed-role/brief/test")
    accounts(PLAIN, "iam").delete_role(RoleName="brief")
    assert refused(client.get_caller_identity) == "InvalidClientTokenId"


def test_an_expired_session_is_refused():
    world = World()
    arn = f"arn:aws:iam::{PLAIN}:role/any"
    world.sessions["ASIAEXPIRED"] = (Principal(PLAIN, arn, arn), "token", time.time() - 1)
    with pytest.raises(AwsError, match="expired"):
        identity.principal_of(world, "sts", "ASIAEXPIRED", "token")


@pytest.mark.parametrize(
    "trust",
    [
        "{",
        '{"Version": "2012-10-17", "Statement": []}',
        '{"Version": "2010", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}',
        '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}',
        '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "sts:AssumeRole"}}',
        f'{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{MISSING}"}}, "Action": "sts:AssumeRole"}}}}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"Is": {}}}}',
    ],
)
def test_a_malformed_trust_policy_is_refused(accounts, refused, trust):
    create = accounts(PLAIN, "iam").create_role
    assert refused(create, RoleName="never", AssumeRolePolicyDocument=trust) == "MalformedPolicyDocument"


def test_the_managed_policies_that_matter_are_there_and_others_are_not(accounts, refused):
    iam, name = accounts("333333333333", "iam"), "OrganizationAccountAccessRole"
    for policy in ("ReadOnlyAccess", "SecurityAudit", "job-function/Billing", "service-role/AWS_ConfigRole"):
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    missing = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    assert refused(iam.attach_role_policy, RoleName=name, PolicyArn=missing) == "NoSuchEntity"


def test_an_account_without_a_password_policy_says_so(accounts, refused):
    assert refused(accounts(PLAIN, "iam").get_account_password_policy) == "NoSuchEntity"
    iam = accounts("444444444444", "iam")
    iam.update_account_password_policy(MinimumPasswordLength=14)
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 14
