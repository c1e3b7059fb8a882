"""The accounts that are to be offboarded: an ordinary one, and those in which offboarding goes otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.sns.models import Subscription, sns_backends

from emulator.documents import CONTACT
from emulator.identity import organization_of
from emulator.members import role
from emulator.world import Seed, World

PROVIDER_MANAGEMENT, PROVIDER_SHARED = "100000000001", "100000000002"
CUSTOMER_PAYER, CUSTOMER_ORGANIZATION = "820000000000", "o-customer01"
# The external id of inventories/offboard.
EXTERNAL_ID = "demo-f3b0c2a49d17"
STRANGER = "999999999999"
# The provider's own, which an account has while it is managed.
CONTACT_INFORMATION = {
    "FullName": "Provider Operations",
    "CompanyName": "Provider Inc.",
    "AddressLine1": "2 Provider Road",
    "City": "San Antonio",
    "StateOrRegion": "TX",
    "PostalCode": "78218",
    "CountryCode": "US",
    "PhoneNumber": "+12105550100",
}


def administrator(account: str, name: str) -> None:
    """A user of the customer's who signs in with a password and may do everything."""
    iam = iam_backends[account]["aws"]
    iam.create_user("us-east-1", name)
    iam.create_login_profile(name, "not-used-by-anybody-1")
    iam.attach_user_policy("arn:aws:iam::aws:policy/AdministratorAccess", name)


def customers(world: World, seed: Seed) -> None:
    """What every customer has: an administrator, a role of its own people, and what an account signs up with."""
    administrator(seed.id, "customer-admin")
    role(seed.id, "Finance", {"AWS": f"arn:aws:iam::{seed.id}:root"}, managed=["AWSBillingReadOnlyAccess"])
    world.documents[CONTACT, seed.id] = CONTACT_INFORMATION
    world.set_root_mfa(seed.id, True)
    world.state(seed.id).support_plan = "enterprise"


def departing(world: World, seed: Seed) -> None:
    """An ordinary account; its organization manages the root users of members."""
    customers(world, seed)
    backend = organizations_backends[PROVIDER_MANAGEMENT]["aws"]
    backend.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    world.root_features[PROVIDER_MANAGEMENT] = {"RootCredentialsManagement", "RootSessions"}


def keeps_organization(world: World, seed: Seed) -> None:
    customers(world, seed)
    world.state(seed.id).support_plan = "basic"


def customer_payer(world: World, seed: Seed) -> None:
    customers(world, seed)
    provider = {"AWS": f"arn:aws:iam::{PROVIDER_MANAGEMENT}:root"}
    role(seed.id, "ProviderBilling", provider, managed=["AdministratorAccess"])


def only_rackspace(world: World, seed: Seed) -> None:
    customers(world, seed)
    provider = {"AWS": f"arn:aws:iam::{PROVIDER_SHARED}:root"}
    asked = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    role(seed.id, "Rackspace", provider, managed=["AdministratorAccess"], condition=asked)


def look_alikes(world: World, seed: Seed) -> None:
    customers(world, seed)
    administrator(seed.id, "owner-admin")
    role(seed.id, "order-service", {"Service": "lambda.amazonaws.com"}, managed=["ReadOnlyAccess"], path="/orders/")
    role(seed.id, "CloudHealth-Role", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, managed=["SecurityAudit"])
    _topic(seed.id)
    _alarm(seed.id)
    _instance(seed.id)


def _topic(account: str) -> None:
    """A topic named like the provider's, to which the customer's own people subscribed."""
    sns = sns_backends[account]["us-east-1"]
    topic = sns.create_topic("rackspace-support")
    people = Subscription(account, topic, "operations@look-alikes.example", "email")
    people.attributes = {"PendingConfirmation": False, "RawMessageDelivery": False}
    sns.subscriptions[people.arn] = people


def _alarm(account: str) -> None:
    """An alarm that names the provider's topic by its ARN."""
    cloudwatch_backends[account]["us-east-1"].put_metric_alarm(
        name="orders-latency",
        namespace="AWS/ApplicationELB",
        metric_name="TargetResponseTime",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=3,
        period=60,
        threshold=2.0,
        statistic="Average",
        description="Orders take long",
        dimensions=[],
        alarm_actions=[f"arn:aws:sns:us-east-1:{account}:rackspace-support-urgent"],
    )


def _instance(account: str) -> None:
    """An instance that works by the provider's instance profile."""
    name = "RackspaceDefaultEC2Role"
    role(account, name, {"Service": "ec2.amazonaws.com"}, managed=["ReadOnlyAccess"])
    iam_backends[account]["aws"].create_instance_profile(name, "/", [name])
    ec2: Any = ec2_backends[account]["us-east-1"]
    kind = {
        "instance_type": "t3.micro",
        "is_instance_type_default": False,
        "region_name": "us-east-1",
        "placement": None,
    }
    reservation = ec2.run_instances("ami-03cf127a", 1, None, [], **kind)
    ec2.associate_iam_instance_profile(instance_id=reservation.instances[0].id, iam_instance_profile_name=name)


def change_account(
    world: World,
    account: str,
    *,
    contact: bool | dict[str, str] | None = None,
    joined_days_ago: float | None = None,
    joined_method: str | None = None,
    root_mfa: bool | None = None,
    **state: Any,
) -> None:
    """Settles what a customer or AWS settles outside of any API.

    Args:
        contact: the primary contact; true is the provider's, false none.
        state: fields of AccountState.
    """
    held = world.state(account)
    unknown = set(state) - set(vars(held))
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    for name, value in state.items():
        setattr(held, name, type(getattr(held, name))(value))
    if contact is False:
        world.documents.pop((CONTACT, account), None)
    elif contact is not None:
        world.documents[CONTACT, account] = CONTACT_INFORMATION if contact is True else contact
    if root_mfa is not None:
        world.set_root_mfa(account, root_mfa)
    if joined_days_ago is None and joined_method is None:
        return
    backend = organization_of(account)
    if backend is None:
        raise ValueError(f"{account} is in no organization")
    member = next(one for one in backend.accounts if one.id == account)
    if joined_days_ago is not None:
        member.create_time = utcnow() - timedelta(days=joined_days_ago)
    member.joined_method = joined_method or member.joined_method


# Each account: its record and what makes it differ.
ACCOUNTS: tuple[tuple[Seed, Callable[[World, Seed], None]], ...] = (
    (
        Seed(
            CUSTOMER_PAYER,
            "customer-payer",
            "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d20",
            "aws@customer.example",
            "customer",
            "the customer's own payer; the provider's management account may assume its role ProviderBilling",
            manager=CUSTOMER_PAYER,
            joined_days_ago=1000,
        ),
        customer_payer,
    ),
    (
        Seed(
            "811111111111",
            "departing",
            "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d11",
            "",
            "member",
            "ordinary; its organization manages the root users of members",
            joined_days_ago=400,
        ),
        departing,
    ),
    (
        Seed(
            "822222222222",
            "keeps-organization",
            "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d22",
            "",
            "member",
            "a member of the customer's organization, which it keeps",
            manager=CUSTOMER_PAYER,
            joined_days_ago=400,
        ),
        keeps_organization,
    ),
    (
        Seed(
            "833333333333",
            "only-rackspace",
            "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d33",
            "",
            "standalone",
            "in no organization; the only way in is the role Rackspace, which the customer made",
            manager="",
        ),
        only_rackspace,
    ),
    (
        Seed(
            "844444444444",
            "look-alikes-leaving",
            "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d44",
            "",
            "member",
            "has its own role CloudHealth-Role and topic rackspace-support, an alarm on a topic of the provider's, an "
            "instance that works as RackspaceDefaultEC2Role",
            joined_days_ago=400,
        ),
        look_alikes,
    ),
)
