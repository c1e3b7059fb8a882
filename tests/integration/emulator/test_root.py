"""Sessions of a member's root user, and what they may do."""

from __future__ import annotations

import pytest

from tests.integration.embedded import seeded

MANAGEMENT, PAYER = "100000000001", "820000000000"
DEPARTING, KEEPS, STANDALONE, LOOK_ALIKES = "811111111111", "822222222222", "833333333333", "844444444444"
TASKS = "arn:aws:iam::aws:policy/root-task/"
DELETE = {"arn": f"{TASKS}IAMDeleteRootUserCredentials"}
MFA = f"arn:aws:iam::{DEPARTING}:mfa/root-account-mfa-device"


@pytest.fixture
def emulator(running_emulator):
    return seeded(running_emulator, "offboard")


@pytest.fixture
def accounts(emulator, accounts_of):
    return accounts_of(emulator)


@pytest.fixture
def root(accounts, emulator, policies):
    """Clients of a root session in an account for a task."""

    def session(task="IAMDeleteRootUserCredentials", account=DEPARTING):
        sts = accounts(MANAGEMENT, "sts")
        answer = sts.assume_root(TargetPrincipal=account, TaskPolicyArn={"arn": TASKS + task})
        one = policies.session_of(answer)
        return lambda service: policies.client_of(one, emulator, service, "us-east-1")

    return session


def test_a_session_is_the_root_user_for_a_quarter_of_an_hour_at_most(accounts, root, refused):
    identity = root()("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (DEPARTING, f"arn:aws:iam::{DEPARTING}:root")
    call = {"TargetPrincipal": f"arn:aws:iam::{DEPARTING}:root", "TaskPolicyArn": DELETE}
    accounts(MANAGEMENT, "sts").assume_root(**call, DurationSeconds=900)
    assert refused(accounts(MANAGEMENT, "sts").assume_root, **call, DurationSeconds=901) == "ValidationError"


@pytest.mark.parametrize(
    ("caller", "target"),
    [
        (MANAGEMENT, MANAGEMENT),
        (MANAGEMENT, KEEPS),
        (MANAGEMENT, STANDALONE),
        (LOOK_ALIKES, DEPARTING),
        (STANDALONE, STANDALONE),
        (PAYER, KEEPS),  # its organization has no centralized root access
    ],
)
def test_it_is_for_members_and_from_their_management_account_only(accounts, refused, caller, target):
    call = accounts(caller, "sts").assume_root
    assert refused(call, TargetPrincipal=target, TaskPolicyArn=DELETE) == "AccessDenied"


@pytest.mark.parametrize("policy", [f"{TASKS}Everything", "arn:aws:iam::aws:policy/AdministratorAccess"])
def test_the_task_policy_is_one_of_five(accounts, refused, policy):
    call = accounts(MANAGEMENT, "sts").assume_root
    assert refused(call, TargetPrincipal=DEPARTING, TaskPolicyArn={"arn": policy}) == "ValidationError"


def test_the_caller_needs_the_permission(accounts, emulator, policies, refused):
    iam = accounts(MANAGEMENT, "iam")
    role = iam.create_role(RoleName="limited", AssumeRolePolicyDocument=policies.trust({"AWS": MANAGEMENT}))["Role"]
    answer = accounts(MANAGEMENT, "sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
    sts = policies.client_of(policies.session_of(answer), emulator, "sts", "us-east-1")
    call = {"TargetPrincipal": DEPARTING, "TaskPolicyArn": DELETE}
    assert refused(sts.assume_root, **call) == "AccessDenied"
    allow = {"Effect": "Allow", "Action": "sts:AssumeRoot", "Resource": f"arn:aws:iam::{DEPARTING}:root"}
    iam.put_role_policy(RoleName="limited", PolicyName="root", PolicyDocument=policies.document(allow))
    sts.assume_root(**call)


def test_both_features_are_needed_and_iam_trusted_access(accounts, root, refused):
    iam, organizations = accounts(MANAGEMENT, "iam"), accounts(MANAGEMENT, "organizations")
    features = iam.list_organizations_features()
    assert features["OrganizationId"] == "o-rackspace01"
    assert features["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
    call = {"TargetPrincipal": DEPARTING, "TaskPolicyArn": DELETE}
    iam.disable_organizations_root_credentials_management()
    assert refused(accounts(MANAGEMENT, "sts").assume_root, **call) == "AccessDenied"
    root("SQSUnlockQueuePolicy")
    iam.enable_organizations_root_credentials_management()
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert refused(accounts(MANAGEMENT, "sts").assume_root, **call) == "AccessDenied"
    iam.enable_organizations_root_sessions()
    root()
    organizations.disable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert refused(iam.list_organizations_features) == "ServiceAccessNotEnabledException"


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (DEPARTING, "AccountNotManagementOrDelegatedAdministratorException"),
        (STANDALONE, "OrganizationNotFoundException"),
        (PAYER, "ServiceAccessNotEnabledException"),
    ],
)
def test_the_features_are_the_management_accounts_affair(accounts, refused, account, code):
    assert refused(accounts(account, "iam").list_organizations_features) == code


def test_the_root_users_mfa_is_deactivated_and_the_summary_follows(accounts, root, refused):
    own, iam = accounts(DEPARTING, "iam"), root()("iam")
    assert own.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    (assigned,) = own.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    (device,) = iam.list_mfa_devices()["MFADevices"]
    assert device["SerialNumber"] == assigned["SerialNumber"] == MFA
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=MFA) == "DeleteConflict"
    iam.deactivate_mfa_device(SerialNumber=MFA)
    assert iam.list_mfa_devices()["MFADevices"] == []
    assert refused(iam.deactivate_mfa_device, SerialNumber=MFA) == "NoSuchEntity"
    assert own.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0
    iam.delete_virtual_mfa_device(SerialNumber=MFA)
    assert own.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_session_may_do_only_its_task(root, refused, accounts):
    delete, audit = root(), root("IAMAuditRootUserCredentials")
    assert refused(delete("iam").list_roles) == "AccessDenied"
    assert refused(delete("iam").get_account_summary) == "AccessDenied"
    assert refused(delete("s3").list_buckets) == "AccessDenied"
    assert refused(delete("iam").list_access_keys, UserName="customer-admin") == "AccessDenied"
    assert audit("iam").get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    assert refused(audit("iam").deactivate_mfa_device, SerialNumber=MFA) == "AccessDenied"
    root("S3UnlockBucketPolicy")


def test_password_and_keys_of_the_root_user(root, emulator, refused):
    emulator.change_account(DEPARTING, root_access_keys=["AKIAROOTAAAAAAAAAAAA"])
    iam = root()("iam")
    (key,) = iam.list_access_keys()["AccessKeyMetadata"]
    iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    assert iam.list_access_keys()["AccessKeyMetadata"] == []
    assert iam.list_signing_certificates()["Certificates"] == []
    iam.get_login_profile()
    iam.delete_login_profile()
    assert refused(iam.get_login_profile) == "NoSuchEntity"
    root("IAMCreateRootUserPassword")("iam").create_login_profile()
    assert emulator.accounts()[DEPARTING]["root_password"] is True


def test_a_role_has_no_mfa_devices_of_its_own_to_list(accounts, refused):
    iam = accounts(DEPARTING, "iam")
    assert refused(iam.list_mfa_devices) == "ValidationError"
    assert iam.list_mfa_devices(UserName="customer-admin")["MFADevices"] == []


def test_a_service_control_policy_binds_the_root_user_too(accounts, root, refused):
    management = accounts(MANAGEMENT, "organizations")
    content = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}'
    made = management.create_policy(Name="deny", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)
    management.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=DEPARTING)
    assert refused(root()("iam").list_mfa_devices) == "AccessDenied"


def test_support_levels_tell_the_plan_and_the_basic_plan_has_no_api(accounts, emulator, refused):
    support = accounts(DEPARTING, "support")
    codes = [level["code"] for level in support.describe_severity_levels()["severityLevels"]]
    assert codes == ["low", "normal", "high", "urgent", "critical"]
    emulator.change_account(DEPARTING, support_plan="business")
    assert len(support.describe_severity_levels()["severityLevels"]) == 4
    emulator.change_account(DEPARTING, support_plan="basic")
    assert refused(support.describe_severity_levels) == "SubscriptionRequiredException"
    assert refused(support.describe_trusted_advisor_checks, language="en") == "SubscriptionRequiredException"
