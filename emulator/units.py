"""The demo organization's tree and tags: OUs by customer, what a tag says of an account, and one that is closed."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import FakeOrganizationalUnit, OrganizationsBackend, organizations_backends

from emulator.world import Seed, World

# Each OU: its id's end, its name and its parent's id's end; "" is the root. Parents come first.
UNITS = (
    ("customers", "Customers", ""),
    ("navigator", "Navigator", "customers"),
    ("essential", "Platform Essentials", "customers"),
    ("closedown", "Closed", ""),
    ("providers", "Provider", ""),
)
# Account -> its OU, customer account and service level.
PLACES = {
    "100000000002": ("providers", "", ""),
    "111111111111": ("navigator", "1234567", "navigator"),
    "222222222222": ("navigator", "1234567", "navigator"),
    "333333333333": ("navigator", "1234567", "navigator"),
    "444444444444": ("essential", "7654321", "platform_essentials"),
    "555555555555": ("navigator", "7654321", "navigator"),
    "666666666666": ("navigator", "7654321", "navigator"),
    "777777777777": ("navigator", "7654321", "navigator"),
    "888888888888": ("closedown", "7654321", "navigator"),
}


def arrange(world: World, management: str) -> None:
    """Builds the OUs, and moves and tags the accounts, as their owner would have done long ago."""
    backend = organizations_backends[management]["aws"]
    assert backend.org is not None
    identifiers = {"": backend.org.root_id}
    for end, name, parent in UNITS:
        made = FakeOrganizationalUnit(backend.org, Name=name, ParentId=identifiers[parent])
        made.id = identifiers[end] = f"ou-{backend.org.root_id.partition('-')[2]}-{end}"
        backend.ou.append(made)
    seeds = {seed.id: seed for seed in world.seeds}
    for number, (unit, ddi, level) in PLACES.items():
        account = backend.get_account_by_id(number)
        account.parent_id = identifiers[unit]
        if ddi:
            account.tags |= {
                "rackspace:uuid": seeds[number].uuid,
                "rackspace:ddi": ddi,
                "rackspace:service-level": level,
            }


def closed(world: World, seed: Seed) -> None:
    """An account that was closed weeks ago: suspended, and not gone yet."""
    account = organizations_backends[seed.manager]["aws"].get_account_by_id(seed.id)
    account.status = account.state = "SUSPENDED"


def path_of(backend: OrganizationsBackend, account: Any) -> str:
    """The account's path of ids, as API_Account.html has it in Paths."""
    assert backend.org is not None
    parents = {unit.id: unit.parent_id for unit in backend.ou if getattr(unit, "parent_id", None)}
    ids, at = [account.id], account.parent_id
    while at:
        ids.insert(0, at)
        at = parents.get(at)
    return "/".join([backend.org.id, *ids]) + "/"
