"""The organizations that the emulator starts with: one provider, and accounts that differ as real ones do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from moto.core.base_backend import BackendDict
from moto.iam.models import iam_backends
from moto.organizations import utils
from moto.organizations.models import (
    FakeAccount,
    FakeDelegatedAdministrator,
    FakeOrganization,
    FakePolicy,
    FakeRoot,
    FakeServiceAccess,
    OrganizationsBackend,
    organizations_backends,
)
from moto.s3.models import s3_backends

from emulator import leaving, managed_policies, members, units
from emulator.members import role
from emulator.world import Seed, World

ORGANIZATION_ID = "o-rackspace01"
ROOT_ID = "r-rs01"
MANAGEMENT_ACCOUNT = "100000000001"
# Management account -> its organization's id and root.
ORGANIZATIONS = {
    MANAGEMENT_ACCOUNT: (ORGANIZATION_ID, ROOT_ID),
    leaving.CUSTOMER_PAYER: (leaving.CUSTOMER_ORGANIZATION, "r-cu01"),
}
SHARED_ACCOUNT = "100000000002"
PROCESS_ENGINEER = "process-engineer"
# AWS's own example key: it opens nothing but this emulator.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"

PROVIDER = (
    Seed(MANAGEMENT_ACCOUNT, "provider-management", "a3bb189e-8bf9-4c4f-9f0b-1d2c3e4f5a6b", "", "management"),
    Seed(SHARED_ACCOUNT, "shared-management-services", "5c6a1e2d-7f3b-4d9e-8a41-2b6c9d0e1f7a", "", "shared"),
)
# Each member: its record and what makes it differ.
MEMBERS: tuple[tuple[Seed, Callable[[World, Seed], None]], ...] = (
    (
        Seed("111111111111", "app1-prod", "0f8fad5b-d9cb-469f-a165-70867728950e", "", "member", "plain"),
        members.plain,
    ),
    (
        Seed(
            "222222222222",
            "landing-zone",
            "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "",
            "member",
            "managed by Control Tower: role, multi-region trail, recorders in three regions",
        ),
        members.control_tower,
    ),
    (
        Seed(
            "333333333333",
            "own-trail",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "",
            "member",
            "has its own multi-region trail company-audit, home region eu-west-1",
        ),
        members.own_trail,
    ),
    (
        Seed(
            "444444444444",
            "own-recorder",
            "9b2f7a1c-6d3e-4b58-8f10-c4a5d6e7f809",
            "",
            "member",
            "has its own Config recorders in us-east-1 and eu-west-1",
        ),
        members.own_recorder,
    ),
    (
        Seed(
            "555555555555",
            "opt-in",
            "c56a4180-65aa-42ec-a945-5fd21dec0538",
            "",
            "member",
            "has af-south-1 enabled, and a logs bucket with its own lifecycle rule, statements and objects",
        ),
        members.opt_in,
    ),
    (
        Seed(
            "666666666666",
            "region-denied",
            "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            "",
            "member",
            "an SCP denies everything in sa-east-1",
        ),
        members.region_denied,
    ),
    (
        Seed(
            "777777777777",
            "look-alikes",
            "e4eaaaf2-d142-41b3-b3a4-8d5e2a1c7f36",
            "",
            "member",
            "has its own roles AWSConfig and CloudHealth-Role, a stricter password policy, a topic rackspace-support",
        ),
        members.look_alikes,
    ),
)
# A member that no inventory of accounts to work on names.
CLOSED = Seed("888888888888", "closed-shop", "2d7f5c1e-8a36-4b0f-9e4d-7c1b6a5f3e28", "", "member", "closed: suspended")


def environment(url: str, authority: str = "") -> dict[str, str]:
    """What a client needs, and what keeps a user's own configuration out."""
    variables = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
    }
    if authority:
        variables["AWS_CA_BUNDLE"] = authority
    return variables


# Services that integrate with Organizations (orgs_integrate_services_list.html) and that moto's lists lack.
for principals in (FakeServiceAccess.TRUSTED_SERVICES, FakeDelegatedAdministrator.SUPPORTED_SERVICES):
    principals += [name for name in ("account.amazonaws.com", "iam.amazonaws.com") if name not in principals]

# What `--organization` offers: accounts and what makes each differ.
CHOICES: dict[str, tuple[tuple[Seed, Callable[[World, Seed], None]], ...]] = {
    "demo": (*MEMBERS, (CLOSED, units.closed)),
    "offboard": leaving.ACCOUNTS,
    "empty": (),
}


def seed(world: World, name: str = "") -> None:
    """Empties everything and builds an organization anew; the base credentials stay the same.

    Args:
        name: which one, a key of CHOICES; "" is the one that the process was started with.
    """
    chosen = CHOICES[name or world.settings.organization]
    managed_policies.install()
    BackendDict.reset()
    s3_backends.bucket_accounts.clear()
    organizations_backends.master_accounts.clear()
    world.clear()
    for record in (*PROVIDER, *(record for record, _ in chosen)):
        account = Seed(**{**record.__dict__, "email": record.email or f"aws+{record.name}@example.com"})
        world.seeds.append(account)
        if account.manager == account.id:
            _organization(account)
        if account.manager:
            _join(organizations_backends[account.manager]["aws"], account)
        else:
            world.state(account.id).email = account.email
    _process_engineer()
    # as a provider does once a customer uses an opt-in region: only then can it subscribe its queue there
    world.opted_in[SHARED_ACCOUNT] = {"af-south-1"}
    for record, difference in chosen:
        difference(world, record)
    if chosen is CHOICES["demo"]:
        units.arrange(world, MANAGEMENT_ACCOUNT)


@contextmanager
def _account_id(number: str) -> Iterator[None]:
    """moto draws account ids at random; here they are fixed."""
    original = utils.make_random_account_id
    utils.make_random_account_id = lambda: number
    try:
        yield
    finally:
        utils.make_random_account_id = original


def _organization(management: Seed) -> None:
    backend = organizations_backends[management.id]["aws"]
    organization = FakeOrganization(management.id, region_name="us-east-1", feature_set="ALL")
    organization.id, organization.root_id = ORGANIZATIONS[management.id]
    organization.master_account_email = management.email
    backend.org = organization
    backend.ou.append(FakeRoot(organization))
    allow: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for name, kind, identifier in (
        ("FullAWSAccess", "SERVICE_CONTROL_POLICY", utils.DEFAULT_SCP_POLICY_ID),
        ("RCPFullAWSAccess", "RESOURCE_CONTROL_POLICY", utils.DEFAULT_RCP_POLICY_ID),
    ):
        statement = allow if kind == "SERVICE_CONTROL_POLICY" else {**allow, "Principal": "*"}
        content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        policy = FakePolicy(organization, Name=name, Description="", Type=kind, Content=content)
        policy.id, policy.aws_managed = identifier, True
        backend.policies.append(policy)
        backend.attach_policy(PolicyId=identifier, TargetId=organization.root_id)
    backend.enable_policy_type(RootId=organization.root_id, PolicyType="SERVICE_CONTROL_POLICY")
    backend.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")


def _join(backend: OrganizationsBackend, account: Seed) -> None:
    assert backend.org is not None
    with _account_id(account.id):
        member = FakeAccount(backend.org, AccountName=account.name, Email=account.email)
    member.create_time -= timedelta(days=account.joined_days_ago)
    backend.accounts.append(member)
    iam = iam_backends[account.id]["aws"]
    for role_id in [key for key, value in iam.roles.items() if value.name == ORGANIZATION_ROLE]:
        del iam.roles[role_id]  # made by moto without a policy, and even in the management account
    if account.id == account.manager:
        member.joined_method = "INVITED"
    else:
        organizations_backends.master_accounts[account.id] = (account.manager, "aws")
        trust = {"AWS": f"arn:aws:iam::{account.manager}:root"}
        role(account.id, ORGANIZATION_ROLE, trust, managed=["AdministratorAccess"])
    for policy in (utils.DEFAULT_SCP_POLICY_ID, utils.DEFAULT_RCP_POLICY_ID):
        backend.attach_policy(PolicyId=policy, TargetId=account.id)


def _process_engineer() -> None:
    iam = iam_backends[MANAGEMENT_ACCOUNT]["aws"]
    iam.create_user("us-east-1", PROCESS_ENGINEER)
    iam.attach_user_policy("arn:aws:iam::aws:policy/AdministratorAccess", PROCESS_ENGINEER)
    key = iam.create_access_key(PROCESS_ENGINEER)
    del iam.access_keys[key.access_key_id]
    key.access_key_id, key.secret_access_key = ACCESS_KEY_ID, SECRET_ACCESS_KEY
    iam.access_keys[ACCESS_KEY_ID] = key
