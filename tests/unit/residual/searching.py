# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account in moto to search, and what the provider is called there."""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Memory
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import Names
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search, Wanted
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scans import SCANS
from tests.unit.core.places import ACCOUNT, OUR_TAG, PROVIDER, Place

MANAGEMENT = "888888888888"
THIRD_PARTY = "454464851268"
ORGANIZATION = "o-provider0001"
DOMAIN = "provider.example"
CUSTOMER = "555555555555"
BY_NAME = {scan.name: scan for scan in SCANS}


class Ground(Place):
    """An account that is searched, with the management account of its organization."""

    @property
    def management(self) -> Any:
        """The session in the management account."""
        return types.SimpleNamespace(client=self.provider_client)

    def search(self, name: str, region: str = "us-east-1", memory: Memory | None = None) -> list[Found]:
        """Return everything that a scan says of the account, what names nobody too."""
        scan = BY_NAME[name]
        where = region if scan.regional else GLOBAL
        return list(scan.find(searching(self, scan, where, memory)))

    def named(self, name: str, region: str = "us-east-1") -> dict[str, list[str]]:
        """Return resource -> names, of what a scan finds to name somebody; fails where it could not read."""
        found = self.search(name, region)
        assert [(entry.resource, entry.error) for entry in found if entry.error] == []
        return {
            entry.resource: sorted({name for match in entry.matches for name in match.names})
            for entry in found
            if entry.matches
        }

    def told(self, name: str, region: str = "us-east-1") -> str:
        """Return in words everything that a scan finds."""
        return "; ".join(match.detail for entry in self.search(name, region) for match in entry.matches)


def searching(place: Ground, scan: Scan, region: str = "us-east-1", memory: Memory | None = None) -> Search:
    """Return where a scan searches."""
    wanted = Wanted(
        names(),
        frozenset({PROVIDER, MANAGEMENT}),
        {OUR_TAG["Key"]: OUR_TAG["Value"]},
        "Rackspace",
        PROVIDER,
        MANAGEMENT,
    )
    return Search(place.account, region, scan.service, place, wanted, memory or Memory())


def names(**changed: Any) -> Names:
    """Return whom the tests search for."""
    given: dict[str, Any] = {
        "own": ACCOUNT,
        "accounts": {PROVIDER, MANAGEMENT, THIRD_PARTY, ACCOUNT},
        "organization": ORGANIZATION,
        "identity_providers": [DOMAIN],
    }
    return Names(**{**given, **changed})


def allows(principal: Any, action: str = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Return a statement of a resource policy."""
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document as AWS takes it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> str:
    """Return a trust policy."""
    statement = allows(principal, "sts:AssumeRole", **more)
    del statement["Resource"]
    return document(statement)


def root(account: str) -> dict[str, str]:
    """Return an account as a principal."""
    return {"AWS": f"arn:aws:iam::{account}:root"}


#: policies of the same resource that name the provider, and those that do not
PROVIDERS = (
    (document(allows(root(PROVIDER))), [PROVIDER]),
    (document(allows({"AWS": f"arn:aws:iam::{MANAGEMENT}:role/deploy"})), [MANAGEMENT]),
    (document(allows("*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})), [ORGANIZATION]),
    (document(allows("*")), ["*"]),
)
OTHERS = (
    document(allows(root(CUSTOMER))),
    document(allows(root(ACCOUNT))),
    document(allows(root(PROVIDER), effect="Deny"), allows(root(ACCOUNT))),
    document(allows("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-customer0001"}})),
)


def listed(found: Iterable[Found]) -> list[tuple[str, str]]:
    """Return resource and kind of everything that was looked at."""
    return sorted((entry.resource, entry.kind) for entry in found)
