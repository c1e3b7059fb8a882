# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS Organizations as inventory (A4): ansible-inventory on the embedded AWS, compared with boto3's own answers."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.client import Emulator
from tests.integration.onboarding.controller import BIN, DEMO, MANAGEMENT, PLAIN, ROOT, SHARED, Aws, Controller

SOURCE = ROOT / "inventories" / "organization" / "organization.yml"
PLUGIN = "rackspace.aws_accounts.organization_accounts"
CLOSED = "888888888888"
PAYER = "820000000000"


class Inventory:
    """Runs ansible-inventory and counts its calls."""

    def __init__(self, controller: Controller, emulator: Emulator) -> None:
        self.controller, self.emulator = controller, emulator
        self.calls: Counter[str] = Counter()
        self.errors = ""
        self._numbers = iter(range(1000))

    def source(self, **options: Any) -> Path:
        """Write a source of its own folder."""
        folder = self.controller.folder / f"source{next(self._numbers)}"
        folder.mkdir()
        path = folder / "organization.yml"
        path.write_text(json.dumps({"plugin": PLUGIN, "provider_account_ids": [SHARED], **options}))
        return path

    def run(
        self,
        *arguments: str,
        status: int = 0,
        program: str = "ansible-inventory",
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run a program and return what it printed."""
        self.emulator.reset_ledger()
        done = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=self.controller.folder,
            env={**self.controller.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        ledger = self.emulator.ledger()
        self.calls = Counter(call["operation"] for call in ledger)
        self.errors = " ".join(done.stderr.split())
        assert done.returncode == status or (status and done.returncode), done.stdout + done.stderr
        assert not [call for call in ledger if call["kind"] == "write"]
        return done.stdout

    def hosts(self, *sources: Path, **environment: str) -> dict[str, dict[str, Any]]:
        """Return the variables of all hosts of the group accounts."""
        data = self.list(*sources, **environment)
        return {name: data["_meta"]["hostvars"][name] for name in members(data, "accounts")}

    def list(self, *sources: Path, **environment: str) -> dict[str, Any]:
        """Return what ansible-inventory lists."""
        named = [part for source in sources for part in ("-i", str(source))]
        listed = self.run("--list", *named, environment=environment)
        return dict(json.loads(listed, object_hook=plain))

    def refused(self, source: Path, **environment: str) -> str:
        """Return what is said of a source that cannot be read, without line breaks."""
        self.run("--list", "-i", str(source), status=1, environment=environment)
        return self.errors


def plain(mapping: dict[str, Any]) -> Any:
    """Return what ansible-inventory marks as no template, without the mark."""
    return mapping.get("__ansible_unsafe", mapping)


def members(data: dict[str, Any], group: str) -> set[str]:
    """Return the hosts of a group and of those below it."""
    here = data.get(group, {})
    return set(here.get("hosts", [])).union(*(members(data, child) for child in here.get("children", [])))


@pytest.fixture(scope="module")
def inventory(controller: Controller, emulator: Emulator) -> Inventory:
    return Inventory(controller, emulator)


@pytest.fixture
def faults(emulator: Emulator) -> Iterator[Any]:
    yield emulator.faults
    emulator.faults([])


@pytest.fixture(scope="module")
def demo(inventory: Inventory) -> tuple[dict[str, Any], Counter[str]]:
    """The example as it is, and its calls."""
    return inventory.list(SOURCE), inventory.calls


def test_the_accounts_are_the_active_members_that_aws_lists_and_no_others(demo: Any, aws: Aws) -> None:
    """The provider's own account and the management account are never among them by accident."""
    pages = aws(MANAGEMENT, "organizations").get_paginator("list_accounts").paginate()
    listed = {entry["Id"]: entry for page in pages for entry in page["Accounts"]}
    expected = {number for number, entry in listed.items() if entry["State"] == "ACTIVE"} - {MANAGEMENT, SHARED}
    data, _ = demo
    variables = data["_meta"]["hostvars"]
    assert {variables[host]["account_id"] for host in members(data, "accounts")} == expected
    for host in members(data, "accounts"):
        entry = listed[variables[host]["account_id"]]
        assert (host, variables[host]["account_email"]) == (entry["Name"], entry["Email"])
    assert set(variables) == {listed[number]["Name"] for number in expected | {CLOSED}}


def test_suspended_accounts_are_apart_and_in_no_other_group(demo: Any) -> None:
    data, _ = demo
    assert data["suspended"]["hosts"] == ["closed-shop"]
    groups = [name for name, group in data.items() if "closed-shop" in group.get("hosts", [])]
    assert groups == ["suspended"]


def test_the_record_is_that_of_the_inventory_written_by_hand(demo: Any, inventory: Inventory) -> None:
    """Organization, tags and file together say what inventories/demo says of each account."""
    data, _ = demo
    written = inventory.list(DEMO)["_meta"]["hostvars"]
    for host in members(data, "accounts"):
        told = data["_meta"]["hostvars"][host]
        assert {name: told.get(name) for name in written[host]} == written[host], host


def test_few_calls_are_made(demo: Any) -> None:
    """One for each page of accounts and for each organizational unit; for tags one for each host."""
    _, calls = demo
    assert calls == {
        "DescribeOrganization": 1,
        "ListAccounts": 1,
        "ListRoots": 1,
        "ListOrganizationalUnitsForParent": 1 + 5,
        "ListTagsForResource": 7 + 1,
    }


def test_the_graph_shows_the_organization_as_a_tree(inventory: Inventory) -> None:
    graph = inventory.run("-i", str(SOURCE), "--graph")
    assert "  |  |--@ou_Customers:\n  |  |  |--@ou_Customers_Navigator:\n  |  |  |  |--app1-prod\n" in graph
    assert "  |  |  |--@ou_Customers_Platform_Essentials:\n  |  |  |  |--own-recorder\n" in graph
    assert "  |--@suspended:\n  |  |--closed-shop\n" in graph
    assert inventory.errors == ""


def test_without_tree_and_tags_neither_is_asked_for(inventory: Inventory) -> None:
    hosts = inventory.hosts(inventory.source(ou_groups=False, hostname="id"))
    assert PLAIN in hosts
    assert inventory.calls == {"DescribeOrganization": 1, "ListAccounts": 1}


def test_the_management_account_is_a_payer_and_only_there_by_option(inventory: Inventory) -> None:
    hosts = inventory.hosts(inventory.source(include_management_account=True, other_states="leave_out"))
    kinds = {entry["account_id"]: entry["account_kind"] for entry in hosts.values()}
    assert {number for number, kind in kinds.items() if kind == "payer"} == {MANAGEMENT}
    both = inventory.source(include_management_account=True, provider_account_ids=[MANAGEMENT, SHARED])
    assert MANAGEMENT not in {entry["account_id"] for entry in inventory.hosts(both).values()}


def test_states_left_out_are_no_hosts_and_their_tags_not_read(inventory: Inventory) -> None:
    data = inventory.list(inventory.source(other_states="leave_out", tag_groups=["rackspace:ddi"]))
    assert "closed-shop" not in data["_meta"]["hostvars"]
    assert data["tag_rackspace_ddi_1234567"]["hosts"] == ["app1-prod", "landing-zone", "own-trail"]
    assert inventory.calls["ListTagsForResource"] == 7


def test_constructed_options_group_active_accounts_and_never_others(inventory: Inventory) -> None:
    """A user's own group, even of a child of accounts, does not bring a suspended account in."""
    source = inventory.source(
        strict=True,
        compose={"account_payer": "'shared' if organization_tags['rackspace:ddi'] is defined else 'dedicated'"},
        groups={"mine": "true", "shared_payer": "account_payer == 'shared'"},
        keyed_groups=[{"key": "organization_tags['rackspace:ddi']", "prefix": "ddi", "parent_group": "accounts"}],
        organizational_units=["Customers/Platform Essentials", "ou-rs01-closedown"],
    )
    data = inventory.list(source)
    for group in ("mine", "shared_payer", "ddi_7654321"):
        assert data[group]["hosts"] == ["own-recorder"]
    assert members(data, "accounts") == {"own-recorder"}
    assert data["suspended"]["hosts"] == ["closed-shop"]
    assert inventory.calls["ListTagsForResource"] == 2


def test_strict_makes_a_failing_expression_an_error(inventory: Inventory) -> None:
    groups = {"broken": "no_such_variable == 1"}
    assert inventory.hosts(inventory.source(groups=groups))
    assert "no_such_variable" in inventory.refused(inventory.source(groups=groups, strict=True))


def test_the_file_of_records_goes_over_all_and_may_hold_templates(inventory: Inventory) -> None:
    source = inventory.source(
        records_file="records.yml",
        tag_variables={"rackspace:ddi": "account_ddi", "rackspace:service-level": "account_service_level"},
        compose={"account_ddi": "'1111111'", "of_the_file": "account_service_level"},
    )
    said = '{account_ddi: "2222222", account_service_level: own, about: "{{ account_name }} here"}'
    source.with_name("records.yml").write_text(f"app1-prod: {said}\nnobody: {{}}\n")
    hosts = inventory.hosts(source)
    assert "no account of the organization has the id or name nobody" in inventory.errors
    told = hosts["app1-prod"]
    assert (told["account_ddi"], told["account_service_level"], told["of_the_file"]) == ("2222222", "own", "own")
    assert (hosts["own-trail"]["account_ddi"], hosts["own-trail"]["account_service_level"]) == ("1111111", "navigator")
    said = inventory.run("app1-prod", "-i", str(source), "-m", "debug", "-a", "msg={{ about }}", program="ansible")
    assert "app1-prod here" in said


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"records_file": "absent.yml"}, ["records_file", "absent.yml does not exist"]),
        ({"tag_variables": {"x": "account_id"}}, ["tag_variables: x: account_id is never taken from a tag"]),
        ({"provider_account_ids": ["12345"]}, ["provider_account_ids", "5 digits"]),
        ({"provider_account_ids": None}, ["provider_account_ids"]),
        (
            {"organizational_unit": ["Customers/Navigator"]},
            ["organizational_unit is no option", "is organizational_units meant?"],
        ),
    ],
)
def test_a_source_that_cannot_be_meant_is_an_error_that_names_the_option(
    inventory: Inventory, options: dict[str, Any], parts: list[str]
) -> None:
    said = inventory.refused(inventory.source(**options))
    assert [part for part in parts if part not in said] == []
    assert inventory.calls == {}


@pytest.mark.parametrize(
    ("operation", "options", "parts"),
    [
        ("ListAccounts", {}, ["grant the action", "assume_role_arn", "docs/permissions.md"]),
        ("ListOrganizationalUnitsForParent", {}, ["grant the action"]),
        ("ListTagsForResource", {"read_tags": True}, ["grant the action", "read no tags"]),
    ],
)
def test_a_denied_action_is_an_error_that_names_the_action_and_the_fix(
    inventory: Inventory, faults: Any, operation: str, options: dict[str, Any], parts: list[str]
) -> None:
    """G5: never an inventory with less in it."""
    faults([{"service": "organizations", "operation": operation, "code": "AccessDeniedException", "message": "no"}])
    said = inventory.refused(inventory.source(**options))
    assert f"organizations:{operation} was refused (AccessDeniedException): no;" in said
    assert [part for part in parts if part not in said] == []


def test_a_member_account_is_told_whose_credentials_are_needed(inventory: Inventory, aws: Aws) -> None:
    keys = aws.session(PLAIN).get_credentials()
    said = inventory.refused(
        inventory.source(),
        AWS_ACCESS_KEY_ID=keys.access_key,
        AWS_SECRET_ACCESS_KEY=keys.secret_key,
        AWS_SESSION_TOKEN=str(keys.token),
    )
    assert "organizations:ListAccounts was refused" in said
    assert "only the organization's management account and its delegated administrators may ask" in said


def test_throttling_is_waited_for(inventory: Inventory, faults: Any) -> None:
    faults([{"service": "organizations", "code": "throttling", "times": 2}])
    assert len(inventory.hosts(inventory.source())) == 7
    assert sum(inventory.calls.values()) == 1 + 1 + 1 + 6 + 2


def test_one_account_is_onboarded_with_this_inventory_in_check_mode(controller: Controller) -> None:
    """A1, G1: the record is good, and leads to the account."""
    ran = controller.onboard("--check", "--limit", "app1-prod", "--tags", "iam", inventories=[SOURCE])
    assert ran.status == 0, ran.output
    assert ran.report["totals"]["accounts"] == 1
    assert ran.writes() == []
    assert ran.calls(PLAIN)


# From here on the organization is another one: more accounts, units and names than a page holds.
NAMES = ("twin", "twin", "Team A: web & co.", "{{ lookup('pipe', 'touch evaluated') }}")


@pytest.fixture(scope="module")
def large(aws: Aws, inventory: Inventory) -> list[dict[str, Any]]:
    """The organization's accounts, after 20 more accounts and 21 more units were made."""
    organizations = aws(MANAGEMENT, "organizations")
    for number in range(20):
        name = NAMES[number] if number < len(NAMES) else f"more-{number}"
        organizations.create_account(AccountName=name, Email=f"aws+more{number}@example.com")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = [
        organizations.create_organizational_unit(ParentId=root, Name=f"Unit {number:02}")["OrganizationalUnit"]["Id"]
        for number in range(21)
    ]
    pages = organizations.get_paginator("list_accounts").paginate()
    accounts = [entry for page in pages for entry in page["Accounts"]]
    for unit, account in zip(units, (entry for entry in accounts if entry["Name"].startswith("more-")), strict=False):
        organizations.move_account(AccountId=account["Id"], SourceParentId=root, DestinationParentId=unit)
    return accounts


def test_every_page_of_accounts_and_units_is_read(inventory: Inventory, large: list[dict[str, Any]]) -> None:
    hosts = inventory.hosts(inventory.source())
    assert {entry["account_id"] for entry in hosts.values()} == {a["Id"] for a in large} - {MANAGEMENT, SHARED, CLOSED}
    assert inventory.calls["ListAccounts"] == 2
    assert inventory.calls["ListOrganizationalUnitsForParent"] == 1 + 5 + 21 + 1
    assert {hosts["more-4"]["organization_ou"], hosts["more-19"]["organization_ou"]} == {"Unit 00", "Unit 15"}


def test_accounts_of_one_name_or_an_odd_one_are_hosts_of_their_own(
    inventory: Inventory, large: list[dict[str, Any]]
) -> None:
    hosts = inventory.hosts(inventory.source())
    twins = {f"twin-{entry['Id']}" for entry in large if entry["Name"] == "twin"}
    assert len(twins) == 2
    assert {*twins, "Team-A-web-co"} < set(hosts)
    assert hosts["Team-A-web-co"]["account_name"] == "Team A: web & co."


def test_a_name_that_looks_like_a_template_is_never_evaluated(
    inventory: Inventory, large: list[dict[str, Any]]
) -> None:
    """Whoever may name an account does not run programs on the controller."""
    source = inventory.source(compose={"composed": "account_name"})
    assert inventory.hosts(source)["lookup-pipe-touch-evaluated"]["composed"] == NAMES[3]
    show = ("-i", str(source), "-m", "debug", "-a", "msg={{ account_name }}")
    said = inventory.run("lookup-pipe-touch-evaluated", *show, program="ansible")
    assert "{{ lookup(" in said
    assert not (inventory.controller.folder / "evaluated").exists()


def test_a_second_run_asks_nobody_where_what_was_read_is_cached(inventory: Inventory, aws: Aws) -> None:
    """Not even STS for the role in the management account."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
    aws(MANAGEMENT, "iam").create_role(
        RoleName="Inventory", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    aws(MANAGEMENT, "iam").attach_role_policy(
        RoleName="Inventory", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    options = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(inventory.controller.folder / "cache"),
        "assume_role_arn": f"arn:aws:iam::{MANAGEMENT}:role/Inventory",
        "records_file": "records.yml",
    }
    source = inventory.source(**options)
    source.with_name("records.yml").write_text("app1-prod: {account_service_level: first}\n")
    first = inventory.hosts(source)
    assert inventory.calls["AssumeRole"] == 1
    assert first["app1-prod"]["account_organization"]["management_role"] == "Inventory"
    source.with_name("records.yml").write_text("app1-prod: {account_service_level: second}\n")
    again = inventory.hosts(source)
    assert inventory.calls == {}
    assert again["app1-prod"].pop("account_service_level") == "second"
    assert first["app1-prod"].pop("account_service_level") == "first"
    assert again == first

    source.write_text(json.dumps({"plugin": PLUGIN, "provider_account_ids": [SHARED], **options, "read_tags": True}))
    assert inventory.hosts(source)["app1-prod"]["organization_tags"]["rackspace:ddi"] == "1234567"
    assert inventory.calls["ListTagsForResource"] > 7, "other options ask for more than what is cached"
    inventory.run("--list", "--flush-cache", "-i", str(source))
    assert inventory.calls["ListAccounts"] == 2


def test_several_organizations_are_several_sources(inventory: Inventory, emulator: Emulator) -> None:
    """A host of a static inventory that is the same account stays one host."""
    emulator.reset("offboard")
    theirs = inventory.source(
        provider_account_ids=[],
        assume_role_arn=f"arn:aws:iam::{PAYER}:role/ProviderBilling",
        ou_group_prefix="theirs",
        include_management_account=True,
    )
    static = inventory.controller.file({"accounts": {"hosts": {"by-hand": {"account_id": "811111111111"}}}})
    hosts = inventory.hosts(static, inventory.source(), theirs)
    managed = {name: entry["account_organization"]["management_account_id"] for name, entry in hosts.items()}
    assert managed["by-hand"] == MANAGEMENT
    assert "departing" not in managed
    assert managed["keeps-organization"] == PAYER
    assert hosts["keeps-organization"]["account_organization"]["management_role"] == "ProviderBilling"
    assert {entry["account_kind"] for entry in hosts.values() if entry["account_id"] == PAYER} == {"payer"}


def test_the_example_needs_no_more_than_the_documentation_says() -> None:
    """Every option of the example is documented, and the source ends as verify_file asks."""
    documented = json.loads(
        subprocess.run(
            [str(BIN / "ansible-doc"), "-t", "inventory", "--json", PLUGIN],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        ).stdout
    )  # fmt: skip
    options = set(documented[PLUGIN]["doc"]["options"])
    assert set(yaml.safe_load(SOURCE.read_text())) <= options
    examples = list(yaml.safe_load_all(documented[PLUGIN]["examples"]))
    assert len(examples) >= 3
    assert [key for example in examples for key in example if key not in options] == []
