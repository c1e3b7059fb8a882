# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account in moto that is onboarded and then handed back, and runs that are cut off in between."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import approval
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS, named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Memory,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.removal import REMOVE, RemovalPlan
from tests.unit.core.places import ACCOUNT, OUR_TAG, Fake, Place, failures, options

Row = dict[str, Any]
TENANT = {
    "external_ids": ["tenant-secret-1"],
    "policy": json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "a:*", "Resource": "*"}]}
    ),
}
#: each default as it is chosen when the account is onboarded; moto knows no subscription of another account
CHOSEN: dict[str, Any] = {"subscription_owner": "account", "cloudhealth": TENANT}
#: operations that delete -> what names the resource
DELETES = {
    "DeleteTopic": lambda a: a["TopicArn"],
    "Unsubscribe": lambda a: a["SubscriptionArn"],
    "DeleteRole": lambda a: iam_arn("role", a["RoleName"]),
    "DeletePolicy": lambda a: a["PolicyArn"],
    "DeleteInstanceProfile": lambda a: iam_arn("instance-profile", a["InstanceProfileName"]),
    "DeleteRule": lambda a: f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{a['Name']}",
}


class Killed(BaseException):
    """The run ended here, whatever was still to be done."""


class Leaving(Place):
    """An account that is onboarded and handed back."""

    def onboard(self, *names: str, **chosen: Any) -> None:
        """Apply the account defaults, all unless named."""
        plan = self.apply(*(named(*names) if names else ACCOUNT_DEFAULTS), **{**CHOSEN, **chosen})
        assert failures(plan) == [], failures(plan)
        self.begin()

    def begin(self) -> None:
        """Begin another run: what a former one saw and called is forgotten."""
        self.account.uses.clear()
        self.account.kept.clear()
        self.account.control_tower_signs.clear()
        self.account.memory = Memory()
        del self.aws.calls[:], self.provider_aws.calls[:], self.aws.regions[:]

    def removal(self, *defaults: AccountDefault | str, **chosen: Any) -> RemovalPlan:
        """Return the plan of removal of the defaults, all unless named."""
        further = {
            "recorder_role": chosen.pop("recorder_role", "keep"),
            "provider_account_ids": chosen.pop("provider_account_ids", []),
        }
        values = {**options(**{**CHOSEN, **chosen}), **further}
        self.account.adopt = values["adopt"]
        self.begin()
        given = [named(default)[0] if isinstance(default, str) else default for default in defaults]

        def target_in(region: str) -> Target:
            return Target(self.account, region, self, values, values["events_region"])

        regions = [region.name for region in self.account.regions]
        plan = RemovalPlan.make(given or ACCOUNT_DEFAULTS, target_in, regions, {}, values, StopFlag())
        assert isinstance(plan, RemovalPlan)
        return plan

    def leave(self, *defaults: AccountDefault | str, **chosen: Any) -> RemovalPlan:
        """Return the plan of removal after it was applied."""
        plan = self.removal(*defaults, **chosen)
        plan.apply(30)
        return plan

    def deleted(self) -> list[str]:
        """Return the ARNs of everything that was deleted since the last plan, in order."""
        return [
            DELETES[name](arguments)
            for name, arguments in [*self.aws.calls, *self.provider_aws.calls]
            if name in DELETES
        ]

    def admits(self, name: str, principal: Any, tagged: bool = True, path: str = "/", **condition: Any) -> None:
        """Create a role as somebody would."""
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}
        self.trusting(name, trust, tagged, path)

    def trusting(self, name: str, trust: Mapping[str, Any], tagged: bool = True, path: str = "/") -> None:
        """Create a role with a trust policy."""
        self.own("iam").create_role(
            RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust), Tags=[OUR_TAG] if tagged else []
        )

    def roles(self) -> set[str]:
        """Return the names of all roles."""
        return {role["RoleName"] for role in self.own("iam").list_roles()["Roles"]}

    def topics(self, region: str = "us-east-1") -> set[str]:
        """Return the names of all topics of a region."""
        return {topic["TopicArn"].split(":")[-1] for topic in self.own("sns", region).list_topics()["Topics"]}


def iam_arn(kind: str, name: str) -> str:
    """Return the ARN of an IAM resource of the account."""
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def rows(plan: RemovalPlan) -> list[Row]:
    """Return the rows of a plan."""
    found: list[Row] = plan.result()["targets"]
    return found


def row(plan: RemovalPlan, default: str, region: str = "") -> Row:
    """Return the one row of a default."""
    (found,) = [r for r in rows(plan) if r["default"] == default and region in {"", r["region"]}]
    return found


def removes(plan: RemovalPlan) -> list[str]:
    """Return the ARNs that a plan removes."""
    return [arn for found in rows(plan) if found["action"] == REMOVE for arn in found["resources"]]


def predicted(plan: RemovalPlan) -> list[Row]:
    """Return of each row what check mode must tell as a real run does."""
    keys = ("default", "section", "region", "changed", "before", "after", "action", "resources")
    return [{key: found.get(key) for key in keys} for found in rows(plan)]


def departures(before: RemovalPlan, now: RemovalPlan) -> list[str]:
    """Return how a plan departs from one that was approved."""
    return approval.departures(approval.approval(ACCOUNT, rows(before)), rows(now))


@contextmanager
def killed_after(fake: Fake, writes: int) -> Iterator[list[str]]:
    """End the run after so many writes; yields the one it ended after, nothing where it had fewer."""
    at: list[str] = []
    left, before, after = [writes], fake.before, fake.after

    def stop_before(**event: Any) -> Any:
        if at:
            raise Killed
        return before(**event)

    def stop_after(**event: Any) -> None:
        after(**event)
        if not is_read(event["model"].name):
            left[0] -= 1
            if left[0] == 0:
                at.append(event["model"].name)
                raise Killed

    fake.before, fake.after = stop_before, stop_after  # type: ignore[method-assign,assignment]
    try:
        yield at
    except Killed:
        pass
    finally:
        fake.before, fake.after = before, after  # type: ignore[method-assign]
