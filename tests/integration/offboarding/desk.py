# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A controller that hands back the accounts of inventories/offboard, and the sessions of who comes into them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import yaml

from tests.integration.onboarding.belongings import Belongings, belongings
from tests.integration.onboarding.controller import MANAGEMENT, ORGANIZATION_ROLE, ROOT, SHARED, Aws, Controller, Ran
from tests.noon import TIME_ZONE, TODAY

OFFBOARD = ROOT / "inventories" / "offboard"
RECORDS: dict[str, dict[str, Any]] = yaml.safe_load((OFFBOARD / "accounts.yml").read_text())["accounts"]["hosts"]
#: name in the inventory -> account id
ACCOUNTS: dict[str, str] = {host: record["account_id"] for host, record in RECORDS.items()}
DEPARTING, KEEPS, ONLY, LOOK_ALIKES = (
    ACCOUNTS[host] for host in ("departing", "keeps-organization", "only-rackspace", "look-alikes-leaving")
)
CUSTOMER_PAYER = "820000000000"
EXTERNAL_ID = "demo-f3b0c2a49d17"
PLAN, SHOWN = "Remove the account defaults", "Show what is ready, what goes and what stays"
#: how long the proof tries, in seconds: long enough for all its rounds
PROOF = 1
#: from where, by which role and with what an account is reached
WAYS_IN: dict[str, tuple[str, str, dict[str, str]]] = {
    SHARED: (MANAGEMENT, ORGANIZATION_ROLE, {}),
    CUSTOMER_PAYER: (MANAGEMENT, "ProviderBilling", {}),
    DEPARTING: (MANAGEMENT, ORGANIZATION_ROLE, {}),
    KEEPS: (CUSTOMER_PAYER, ORGANIZATION_ROLE, {}),
    ONLY: (SHARED, "Rackspace", {"ExternalId": EXTERNAL_ID}),
    LOOK_ALIKES: (MANAGEMENT, ORGANIZATION_ROLE, {}),
}


class Desk(Controller):
    """Where the playbooks run."""

    def onboard_all(self, hosts: Iterable[str], regions: Iterable[str], **variables: Any) -> Ran:
        """Make the provider's side, and onboard the accounts, which must work."""
        here = {"account_regions": list(regions), "shared_services_regions": list(regions), **variables}
        extra = ("-e", json.dumps(here))
        self.shared_services(*extra, inventories=[OFFBOARD])
        ran = self.onboard(*extra, "--limit", ",".join(hosts), inventories=[OFFBOARD])
        assert ran.status == 0, ran.output
        return ran

    def offboard(
        self,
        *arguments: str,
        hosts: Iterable[str] = ACCOUNTS,
        records: Mapping[str, Mapping[str, Any]] | None = None,
        **variables: Any,
    ) -> Ran:
        """Hand the accounts back.

        Args:
            hosts: which; their ids are the confirmation, unless ``confirm`` is among the variables.
            records: host -> host variables that go over the demo's.
            variables: extra variables.
        """
        hosts = list(hosts)
        known = {
            "confirm": ",".join(ACCOUNTS[host] for host in hosts if host in ACCOUNTS),
            "reverse_assumption_proof_seconds": PROOF,
        }
        inventories = [OFFBOARD]
        if "reverse_assumption_now" not in variables:
            inventories.append(self.noon())
        if records:
            inventories.append(self.file({"accounts": {"hosts": dict(records)}}))
        extra = {name: value for name, value in {**known, **variables}.items() if value is not None}
        report = self.folder / "reports" / "offboard.json"
        report.unlink(missing_ok=True)
        limit = ("--limit", ",".join(hosts)) if hosts else ()
        ran = self.play(
            ROOT / "playbooks" / "offboard.yml", "-e", json.dumps(extra), *limit, *arguments, inventories=inventories
        )
        ran.report = json.loads(report.read_text()) if report.exists() else {}
        return ran

    def noon(self) -> Path:
        """Return an inventory by which the provider works where no day ends before the tests do."""
        return self.file(
            {"accounts": {"vars": {"demo_today": TODAY, "reverse_assumption_calendar": {"time_zone": TIME_ZONE}}}}
        )

    def codes(self) -> dict[str, str]:
        """Return the newest one-time code that AWS sent to the new owner of each account."""
        assert self.emulator
        hosts = {number: host for host, number in ACCOUNTS.items()}
        return {hosts[mail["account"]]: mail["code"] for mail in self.emulator.mail()}

    def journal(self, host: str) -> list[dict[str, Any]]:
        """Return the entries of an account's journal."""
        return [json.loads(line) for line in self._journal(host).read_text().splitlines()]

    def journal_exists(self, host: str) -> bool:
        """Tell whether anything was written down of an account."""
        return self._journal(host).exists()

    def _journal(self, host: str) -> Any:
        return self.folder / "journal" / f"{ACCOUNTS[host]}.jsonl"

    def handed_over(self, host: str, name: str) -> str:
        """Return a document of the hand-over."""
        return (self.folder / "handover" / host / name).read_text()


def plan_of(ran: Ran, host: str) -> dict[str, Any]:
    """Return the plan that a run made of an account before anything else."""
    return ran.results[host, PLAN][0]


def shown(ran: Ran, host: str) -> str:
    """Return what a run showed of an account: gates, plan, residual access, manual steps."""
    return str(ran.of(host, SHOWN)["msg"])


def moment(**ago: float) -> str:
    """Return a moment, now unless said otherwise, as a confirmation holds it."""
    return (datetime.now(UTC) - timedelta(**ago)).isoformat(timespec="seconds")


def confirmed(by: str = "owner@customer.example", **more: Any) -> dict[str, Any]:
    """Return a confirmation of just now."""
    return {"by": by, "at": moment(), "evidence": "seen, ticket note 9", **more}


def request(host: str, confirmations: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the demo's request of an account, changed; confirmations that are None are taken out."""
    principal = f"arn:aws:iam::{ACCOUNTS[host]}:user/customer-admin"
    known = {
        "balance_current": confirmed("billing@provider.example"),
        "billing_access": confirmed(),
        "payment_method": confirmed(),
        "customer_way_in": confirmed(principal=principal),
        **(confirmations or {}),
    }
    whole = {**copy.deepcopy(RECORDS[host]["offboarding"]), **changes}
    whole["confirmations"] = {name: what for name, what in known.items() if what is not None}
    return {name: what for name, what in whole.items() if what is not None}


def same_address(host: str) -> dict[str, Any]:
    """Return what spares a request the one-time code: the address that the root user has already."""
    return {"new_root_email": RECORDS[host]["account_email"]}


class Provider(Aws):
    """The provider's sessions: in its own accounts, and by its ways into the customers'."""

    def session(self, account: str) -> boto3.Session:
        """Return a session, by the way that leads into the account."""
        if account in WAYS_IN and account not in self._sessions:
            source, role, more = WAYS_IN[account]
            self._sessions[account] = self.assume(self.session(source), f"arn:aws:iam::{account}:role/{role}", **more)
        return super().session(account)


class Owners(Aws):
    """The customers' own sessions: those of the user customer-admin, whose key outlives whatever the provider does."""

    def __init__(self, provider: Provider, accounts: Iterable[str]) -> None:
        super().__init__(provider.url, {})
        for account in accounts:
            key = provider(account, "iam").create_access_key(UserName="customer-admin")["AccessKey"]
            self._sessions[account] = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])


def possessions(owners: Owners, account: str, regions: Iterable[str]) -> Belongings:
    """Return what an account has of the kinds that onboarding and offboarding write, and some beside them."""
    regions = list(regions)
    found = belongings(owners, account, regions)
    iam = owners(account, "iam")
    for user in iam.list_users()["Users"]:
        name = user["UserName"]
        attached = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        found["user", name] = sorted(policy["PolicyArn"] for policy in attached)
        found["user", name, "keys"] = sorted(
            key["AccessKeyId"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        )
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        found["instance profile", profile["Arn"]] = sorted(role["RoleName"] for role in profile["Roles"])
    for region in regions:
        cloudwatch, ec2 = owners(account, "cloudwatch", region), owners(account, "ec2", region)
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
            found[region, "alarm", alarm["AlarmArn"]] = alarm
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                found[region, "instance", instance["InstanceId"]] = instance
    return {at: json.loads(json.dumps(what, default=str)) for at, what in found.items()}
