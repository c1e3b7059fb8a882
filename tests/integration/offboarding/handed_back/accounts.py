# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the files of this directory look at: four accounts that were handed back once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3

from emulator.client import Emulator
from tests.integration.offboarding.desk import (
    ACCOUNTS,
    DEPARTING,
    Desk,
    Owners,
    Provider,
    possessions,
    request,
)
from tests.integration.onboarding.belongings import Belongings
from tests.integration.onboarding.controller import Ran

#: where the accounts were onboarded; the last one left the record before they were handed back
REGIONS = ["us-east-1", "us-west-2", "eu-west-1"]
RECORDED = REGIONS[:2]
#: where nobody ever onboarded anything
ELSEWHERE = "ap-south-1"
#: an account that disabled the last one since, and whose record still names it
DISABLED = "only-rackspace"
BILLING_CONTACT = {
    "name": "Bill Payer",
    "title": "Accounts payable",
    "email": "bills@keeps-organization.example",
    "phone": "+12105550177",
}
#: what goes over the demo's records
RECORDS: dict[str, dict[str, Any]] = {
    "keeps-organization": {
        "offboarding": request(
            "keeps-organization",
            {"consent_to_assignment": {
                "generated_by": "aws", "provider_signed_at": "2026-01-02", "customer_signed_at": "2026-01-03"}},
            alternate_contacts={"billing": BILLING_CONTACT},
        )
    },
    DISABLED: {"account_regions": REGIONS},
    # the customer holds the root user of this one
    "look-alikes-leaving": {"account_model": "ecam"},
}  # fmt: skip


def regions_of(host: str) -> list[str]:
    """Return the regions in which an account is handed back."""
    return RECORDED if host == DISABLED else REGIONS


@dataclass
class HandedBack:
    """What was done to the accounts, and what each had before and has after it."""

    emulator: Emulator
    desk: Desk
    provider: Provider
    owners: Owners
    #: sessions of the provider's in the accounts from before: by account, and by `Rackspace in` and account
    former: dict[str, boto3.Session]
    seeded: dict[str, Belongings] = field(default_factory=dict)
    onboarded: dict[str, Belongings] = field(default_factory=dict)
    after: dict[str, Belongings] = field(default_factory=dict)
    root_users: dict[str, Any] = field(default_factory=dict)
    check: Ran = field(default_factory=lambda: Ran(1, "", {}, []))
    first: Ran = field(default_factory=lambda: Ran(1, "", {}, []))
    second: Ran = field(default_factory=lambda: Ran(1, "", {}, []))

    def look(self) -> dict[str, Belongings]:
        """Return what each account has now, as its owner sees it."""
        return {host: possessions(self.owners, account, [*REGIONS, ELSEWHERE]) for host, account in ACCOUNTS.items()}

    def last_report(self, host: str) -> dict[str, Any]:
        """Return what the report says of the run that handed an account over."""
        ran = self.first if host in ("only-rackspace", "look-alikes-leaving") else self.second
        return ran.account(host)

    def offboard(self, *arguments: str, **variables: Any) -> Ran:
        """Hand back, by the records of these tests."""
        records = {host: {"account_regions": RECORDED, **RECORDS.get(host, {})} for host in ACCOUNTS}
        return self.desk.offboard(*arguments, **{"records": records, **variables})

    def enable(self, host: str, *regions: str) -> None:
        """Let an account have these regions; it is quicker with few of them than with AWS's 17."""
        self.emulator.change_account(ACCOUNTS[host], regions=list(regions))


def plant(owners: Owners) -> None:
    """Make what the customer calls nearly as the provider calls its own."""
    for region in (REGIONS[0], REGIONS[2], ELSEWHERE):
        sns, events = owners(DEPARTING, "sns", region), owners(DEPARTING, "events", region)
        topic = sns.create_topic(Name="rackspace-support-orders")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="orders@departing.example")
        events.put_rule(Name="rackspace-dispatcher-orders", EventPattern='{"source": ["orders"]}')
        events.put_targets(Rule="rackspace-dispatcher-orders", Targets=[{"Id": "1", "Arn": topic}])
    iam = owners(DEPARTING, "iam")
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    trust += '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
    for name in ("Rackspace-Reports", "rackspace"):
        iam.create_role(RoleName=name, Path="/reports/", AssumeRolePolicyDocument=trust)
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", '
    document += '"Resource": "*"}]}'
    own = iam.create_policy(PolicyName="rackspace-dispatcher-orders", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="Rackspace-Reports", PolicyArn=own)
    iam.create_instance_profile(InstanceProfileName="Rackspace-Reports")
    iam.add_role_to_instance_profile(InstanceProfileName="Rackspace-Reports", RoleName="Rackspace-Reports")
