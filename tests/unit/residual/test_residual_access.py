# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module as a whole: states, what could not be read, what is accepted, and how many calls it takes (E9, G5)."""

from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import residual_access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Region
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scans import NOT_SCANNED, SCANS
from tests.unit.core.places import ACCOUNT, EXTERNAL_ID, PROVIDER
from tests.unit.residual.searching import (
    CUSTOMER,
    MANAGEMENT,
    ORGANIZATION,
    THIRD_PARTY,
    Ground,
    allows,
    document,
    root,
    trust,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role"
DENIED_BY_SCP = "User is not authorized to perform this with an explicit deny in a service control policy"
# The regions that every account has, AWS General Reference.
SEVENTEEN = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
CALLS = 429

Scan = Callable[..., dict[str, Any]]


@pytest.fixture
def scan(place: Ground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scan]:
    """Run the module's operation in the account, as if it had been reached."""

    def reached(params: Mapping[str, Any], guard: Any, loader: Any) -> tuple[Any, Ground]:
        assert guard.check_mode, "a module that only reads never lets a write through"
        return place.account, place

    monkeypatch.setattr(residual_access, "reach", reached)

    def run(**options: Any) -> dict[str, Any]:
        given = {
            "account_id": ACCOUNT,
            "account_name": "app1-prod",
            "provider_account_id": PROVIDER,
            "organization": {"id": ORGANIZATION, "management_account_id": MANAGEMENT},
            "external_id": EXTERNAL_ID,
        }
        checked = ArgumentSpecValidator(residual_access.SPEC).validate({**given, **options})
        assert not checked.error_messages, checked.error_messages
        return residual_access.operation(checked.validated_parameters, Run())

    yield run
    assert [name for name in place.aws.names if not is_read(name)] == []


def role(place: Ground, name: str, document: str = "", path: str = "/") -> str:
    made = place.own("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=document or trust(root(PROVIDER)), Path=path
    )
    return str(made["Role"]["Arn"])


def topic(place: Ground, name: str, region: str = "us-east-1") -> str:
    policy = document(allows(root(PROVIDER)))
    return str(place.own("sns", region).create_topic(Name=name, Attributes={"Policy": policy})["TopicArn"])


def states(result: Mapping[str, Any]) -> dict[str, str]:
    return {row["resource"]: row["state"] for row in result["residual"]}


# --- states


def test_an_empty_account_is_safe(scan: Scan) -> None:
    result = scan()
    assert (result["residual"], result["safe"], result["changed"]) == ([], True, False)
    assert result["summary"] == {"to_decide": 0, "unknown": 0, "accepted": 0, "leaving": 0}
    assert result["scanned"] == [one.name for one in SCANS]
    assert result["not_scanned"] == list(NOT_SCANNED)


def test_what_names_the_provider_is_to_be_decided_and_never_safe(place: Ground, scan: Scan) -> None:
    arn = role(place, "deploy")
    result = scan()
    assert result["residual"] == [
        {
            "resource": arn,
            "kind": "trust policy",
            "region": "global",
            "names": [PROVIDER],
            "state": "to_decide",
            "reason": f"statement 1 allows sts:AssumeRole to {PROVIDER}",
        }
    ]
    assert not result["safe"]
    assert not result.get("failed")


def test_what_is_found_in_every_region_is_told_with_its_region(place: Ground, scan: Scan) -> None:
    found = {topic(place, "work", region): region for region in ("us-east-1", "eu-west-1")}
    assert {row["resource"]: row["region"] for row in scan()["residual"]} == found


def test_several_statements_of_one_policy_are_one_row(place: Ground, scan: Scan) -> None:
    role(place, "deploy", document(*(json.loads(trust(root(who)))["Statement"][0] for who in (PROVIDER, MANAGEMENT))))
    (row,) = scan()["residual"]
    assert row["names"] == [MANAGEMENT, PROVIDER]
    assert row["reason"].count("statement") == 2


def test_what_the_run_removes_is_leaving(place: Ground, scan: Scan) -> None:
    arn, other = topic(place, "rackspace-support"), topic(place, "rackspace-support-own")
    result = scan(leaving=[arn])
    assert states(result) == {arn: "leaving", other: "to_decide"}
    assert result["residual"][1]["reason"].startswith("the run removes it: statement 1 allows")


def test_the_roles_of_the_run_itself_are_proven_last(place: Ground, scan: Scan) -> None:
    own, path = role(place, "Rackspace"), role(place, "OrganizationAccountAccessRole", path="/org/")
    other = role(place, "Rackspace-2")
    result = scan(own_roles=["Rackspace", "OrganizationAccountAccessRole"])
    assert states(result) == {own: "leaving", path: "leaving", other: "to_decide"}
    assert [row["reason"][:12] for row in result["residual"] if row["state"] == "leaving"] == ["proven last:"] * 2


def test_a_topic_that_is_called_like_a_role_of_the_run_is_none(place: Ground, scan: Scan) -> None:
    arn = topic(place, "Rackspace")
    assert states(scan(own_roles=["Rackspace"])) == {arn: "to_decide"}


def test_what_was_accepted_by_name_is_safe_with_its_reason(place: Ground, scan: Scan) -> None:
    arn = role(place, "deploy")
    result = scan(accept={arn: "ticket 7"})
    assert (states(result), result["safe"]) == ({arn: "accepted"}, True)
    assert result["residual"][0]["reason"].startswith("accepted (ticket 7): statement 1 allows")


def test_what_was_accepted_and_is_not_there_is_named(place: Ground, scan: Scan) -> None:
    arn = role(place, "deploy")
    assert scan(accept={arn: "x", f"{arn}s": "mistyped"})["unused_accept"] == [f"{arn}s"]


def test_rows_come_in_the_order_of_what_is_to_be_done(place: Ground, scan: Scan) -> None:
    leaving, accepted, deciding = topic(place, "a"), topic(place, "b"), topic(place, "c")
    place.aws.refuse("ListQueues", "AccessDenied", times=2)
    result = scan(leaving=[leaving], accept={accepted: "x"})
    assert [row["state"] for row in result["residual"]] == ["to_decide", "unknown", "unknown", "accepted", "leaving"]
    assert result["residual"][0]["resource"] == deciding
    assert result["summary"] == {"to_decide": 1, "unknown": 2, "accepted": 1, "leaving": 1}


# --- what goes through something else


def through(place: Ground) -> tuple[str, str, str]:
    """Make a SAML provider of the provider's, a role that trusts it and one that trusts the provider's account too."""
    iam = place.own("iam")
    metadata = '<x entityID="https://idp.provider.example">'.ljust(1000)
    provider = iam.create_saml_provider(Name="sign-in", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    federated = trust({"Federated": provider})
    both = json.loads(federated)
    both["Statement"] += json.loads(trust(root(PROVIDER)))["Statement"]
    return provider, role(place, "federated", federated), role(place, "both", json.dumps(both))


@pytest.mark.parametrize("how", ["leaving", "accepted"])
def test_a_role_goes_with_the_identity_provider_that_alone_leads_to_it(place: Ground, scan: Scan, how: str) -> None:
    provider, federated, both = through(place)
    options: dict[str, Any] = {"leaving": [provider]} if how == "leaving" else {"accept": {provider: "theirs now"}}
    found = states(scan(provider_identity_providers=["idp.provider.example"], **options))
    assert found == {provider: how, federated: how, both: "to_decide"}


def test_an_accepted_role_does_not_accept_its_identity_provider(place: Ground, scan: Scan) -> None:
    provider, federated, both = through(place)
    found = states(scan(provider_identity_providers=["idp.provider.example"], accept={federated: "x"}))
    assert found == {provider: "to_decide", federated: "accepted", both: "to_decide"}


# --- what could not be read


def test_a_scan_that_cannot_list_hides_no_other(place: Ground, scan: Scan) -> None:
    """G5."""
    arn = role(place, "deploy")
    place.aws.refuse_if("ListTopics", lambda body: True, "AccessDenied")
    result = scan()
    assert states(result) == {arn: "to_decide", "unknown:sns": "unknown"}
    unread = [row for row in result["residual"] if row["state"] == "unknown"]
    assert [(row["region"], row["kind"], row["error"]["code"]) for row in unread] == [
        ("eu-west-1", "scan", "AccessDenied"),
        ("us-east-1", "scan", "AccessDenied"),
    ]
    assert unread[0]["reason"].startswith("the policies of SNS topics could not be listed: ListTopics AccessDenied:")
    assert "docs/permissions.md" in unread[0]["reason"]


def test_a_defect_of_one_scan_is_unknown_too(place: Ground, scan: Scan) -> None:
    """G5: whatever goes wrong, and not only a denial."""
    place.aws.edit("ListVaults", lambda parsed: parsed.clear())
    place.aws.edit("ListTopics", lambda parsed: parsed.update(Topics=[{"Unexpected": "x"}]))
    result = scan()
    assert states(result) == {"unknown:sns": "unknown"}
    assert result["residual"][0]["error"]["code"] == "KeyError"


def test_a_scan_that_cannot_list_is_accepted_by_its_name_in_every_region(place: Ground, scan: Scan) -> None:
    place.aws.refuse_if("ListTopics", lambda body: True, "AccessDenied")
    result = scan(accept={"unknown:sns": "nobody may"})
    assert [row["state"] for row in result["residual"]] == ["accepted", "accepted"]
    assert (result["safe"], result["unused_accept"]) == (True, [])


@pytest.mark.parametrize("key", ["{arn}", "unknown:sns"])
def test_a_resource_that_cannot_be_read_is_accepted_by_its_name_or_its_scans(
    place: Ground, scan: Scan, key: str
) -> None:
    arn = topic(place, "work")
    place.aws.refuse_if("GetTopicAttributes", lambda body: True, "AuthorizationError")
    before = scan()
    assert states(before) == {arn: "unknown"}
    assert before["residual"][0]["reason"].startswith("its topic policy could not be read: GetTopicAttributes")
    assert states(scan(accept={key.format(arn=arn): "x"})) == {arn: "accepted"}


def test_a_resource_that_goes_need_not_be_read(place: Ground, scan: Scan) -> None:
    arn = topic(place, "work")
    place.aws.refuse_if("GetTopicAttributes", lambda body: True, "AuthorizationError")
    assert states(scan(leaving=[arn])) == {arn: "leaving"}


def refuse_region(place: Ground, region: str, code: str, spared: tuple[str, ...] = ()) -> None:
    """Refuse everything in a region, but for some operations."""

    def guard(model: Any, context: Any, **_: Any) -> Any:
        if context["client_region"] == region and model.name not in spared:
            import types

            answer = {"Error": {"Code": code, "Message": DENIED_BY_SCP}, "ResponseMetadata": {}}
            return types.SimpleNamespace(status_code=400, headers={}, content=b"", text="", raw=None), answer
        return None

    place.aws.guard = guard


@pytest.mark.parametrize("code", ["AccessDenied", "UnrecognizedClientException"])
def test_a_region_that_refuses_everything_is_one_row(place: Ground, scan: Scan, code: str) -> None:
    """A service control policy, or a region that was disabled."""
    refuse_region(place, "eu-west-1", code)
    result = scan()
    (row,) = result["residual"]
    assert (row["resource"], row["kind"], row["region"], row["state"]) == (
        "unknown:eu-west-1", "region", "eu-west-1", "unknown"
    )  # fmt: skip
    assert row["reason"].startswith("the region refuses every scan: ")
    assert not result["safe"]
    assert scan(accept={"unknown:eu-west-1": "denied by SCP"})["safe"]


def test_a_region_that_refuses_most_names_the_scans(place: Ground, scan: Scan) -> None:
    """Services that a policy exempts answer all the same."""
    refuse_region(place, "eu-west-1", "AccessDenied", ("ListKeys", "DescribeAggregationAuthorizations"))
    (row,) = scan()["residual"]
    assert "the region refuses 23 of 25 scans (sns, sqs, events," in row["reason"]
    assert "kms" not in row["reason"]


def test_a_few_scans_that_a_policy_denies_are_told_one_by_one(place: Ground, scan: Scan) -> None:
    for operation in ("ListTopics", "ListQueues"):
        place.aws.refuse(operation, "AccessDenied", times=2, message=DENIED_BY_SCP)
    assert states(scan()) == {"unknown:sns": "unknown", "unknown:sqs": "unknown"}


def test_a_denial_everywhere_that_is_no_service_control_policy_is_told_scan_by_scan(place: Ground, scan: Scan) -> None:
    refuse_region(place, "eu-west-1", "SomethingElse")
    assert len(scan()["residual"]) == 25


# --- regions


def test_an_enabled_region_that_is_left_out_is_unknown(place: Ground, scan: Scan) -> None:
    place.account.enabled = (*place.account.regions, Region("sa-east-1"))
    result = scan()
    assert states(result) == {"unknown:sa-east-1": "unknown"}
    assert "option regions leaves it out" in result["residual"][0]["reason"]


def test_regions_that_nobody_may_list_leave_everything_open(place: Ground, scan: Scan) -> None:
    place.account.enabled = ()
    assert states(scan()) == {"unknown:regions": "unknown"}


# --- whom it searches for


def test_the_organization_and_its_management_account_are_searched_for_unless_it_is_kept(
    place: Ground, scan: Scan
) -> None:
    by_account = role(place, "OrganizationAccountAccessRole", trust(root(MANAGEMENT)))
    condition = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}
    by_organization = role(place, "members", trust("*", **condition))
    assert states(scan()) == {by_account: "to_decide", by_organization: "to_decide"}
    assert scan(keep_organization=True)["residual"] == []
    assert states(scan(keep_organization=True, provider_account_ids=[MANAGEMENT])) == {by_account: "to_decide"}


def test_an_organization_without_id_is_asked_for_it(place: Ground, scan: Scan) -> None:
    made = place.providers("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    arn = role(place, "members", trust("*", Condition={"StringEquals": {"aws:PrincipalOrgID": made}}))
    result = scan(organization={"management_account_id": MANAGEMENT})
    assert {row["resource"]: row["names"] for row in result["residual"]} == {arn: [made]}


@pytest.mark.parametrize(("manager", "known"), [(MANAGEMENT, True), (CUSTOMER, False)])
def test_where_the_management_account_is_out_of_reach_its_member_tells(
    place: Ground, scan: Scan, manager: str, known: bool
) -> None:
    place.provider_aws.refuse("DescribeOrganization", "AccessDenied")
    place.aws.answer("DescribeOrganization", {"Organization": {"Id": "o-told000000", "MasterAccountId": manager}})
    result = scan(organization={"management_account_id": MANAGEMENT})
    assert result["safe"] is known
    if not known:
        assert states(result) == {"unknown:organization": "unknown"}
        assert "name it in account_organization" in result["residual"][0]["reason"]


def test_an_organization_that_nobody_can_name_is_unknown_and_may_be_accepted(place: Ground, scan: Scan) -> None:
    for aws in (place.aws, place.provider_aws):
        aws.refuse("DescribeOrganization", "AccessDenied", times=2)
    organization = {"management_account_id": MANAGEMENT}
    assert states(scan(organization=organization)) == {"unknown:organization": "unknown"}
    assert scan(organization=organization, accept={"unknown:organization": "x"})["safe"]


def test_an_account_without_organization_asks_for_none(place: Ground, scan: Scan) -> None:
    assert scan(organization=None)["safe"]
    assert "DescribeOrganization" not in [*place.aws.names, *place.provider_aws.names]


def test_third_parties_are_searched_for_by_default_cloudhealth(place: Ground, scan: Scan) -> None:
    arn = role(place, "CloudHealth-Role", trust(root(THIRD_PARTY)))
    assert states(scan()) == {arn: "to_decide"}
    assert scan(third_party_account_ids=[])["residual"] == []
    assert scan(third_party_account_ids=[CUSTOMER])["residual"] == []


def test_no_external_id_is_in_the_result(place: Ground, scan: Scan) -> None:
    role(place, "Rackspace", trust(root(PROVIDER), Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}))
    result = scan()
    assert states(result) == {f"{ROLE}/Rackspace": "to_decide"}
    assert EXTERNAL_ID not in json.dumps(result)


# --- options


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"accept": {f"{ROLE}/deploy": ""}}, "has no reason"),
        ({"accept": {f"{ROLE}/deploy": " "}}, "has no reason"),
        ({"accept": {f"{ROLE}/deploy": {"no": "text"}}}, "has no reason"),
        ({"accept": {f"{ROLE}/*": "x"}}, "is a pattern"),
        ({"accept": {"deploy": "x"}}, "neither an ARN nor unknown:"),
        ({"provider_account_ids": ["12"]}, "provider_account_ids: entry 1"),
        ({"third_party_account_ids": ["CloudHealth"]}, "third_party_account_ids: entry 1"),
        ({"own_roles": [f"{ROLE}/Rackspace"]}, "own_roles: entry 1"),
        ({"provider_identity_providers": [""]}, "holds an empty text"),
        ({"organization": {"id": "example", "management_account_id": MANAGEMENT}}, "organization"),
        ({"regions": ["mars"]}, "regions: entry 1"),
    ],
)
def test_bad_options_are_named_before_anything_is_called(
    place: Ground, scan: Scan, options: dict[str, Any], fault: str
) -> None:
    with pytest.raises(RecordError, match=re.escape(fault)) as raised:
        scan(**options)
    assert str(raised.value).startswith("account app1-prod: ")
    assert place.aws.calls == []


# --- calls


def test_an_empty_account_takes_one_call_for_each_scan_in_each_region(
    place: Ground, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number that the documentation names."""
    place.account.regions = place.account.enabled = tuple(Region(name) for name in SEVENTEEN)
    assert scan()["safe"]
    regional, everywhere = [one for one in SCANS if one.regional], [one for one in SCANS if not one.regional]
    # roles and users are one and the same call
    assert len(place.aws.calls) == len(regional) * 17 + len(everywhere) - 1 == CALLS
    assert set(Counter(place.aws.names).values()) == {1, 17}
    assert f"takes {CALLS} calls" in (residual_access.__doc__ or "")
    assert any(f"makes {CALLS} calls" in note for note in documentation()["notes"])


# --- documentation and permissions


def documentation() -> dict[str, Any]:
    module = importlib.import_module("ansible_collections.rackspace.aws_accounts.plugins.modules.residual_access")
    return dict(yaml.safe_load(module.DOCUMENTATION))


def test_the_documentation_says_what_is_scanned_and_what_is_not() -> None:
    notes = documentation()["notes"]
    for one in SCANS:
        assert [note for note in notes if note.startswith(f"C({one.name}) - {one.about}.")], one.name
    assert [note for note in notes if note.startswith("C(")].__len__() == len(SCANS)
    told = [note.removesuffix(".") for note in notes if note.startswith("Not scanned are ")]
    assert told == [f"Not scanned are {what}" for what in NOT_SCANNED]


def test_the_names_of_scans_are_unique_and_none_is_a_regions() -> None:
    names = [one.name for one in SCANS]
    assert len(set(names)) == len(names)
    assert not {*names, "organization", "regions"} & set(SEVENTEEN)


#: actions that are not called like the operation
SPECIAL = {
    "ListBuckets": "s3:ListAllMyBuckets",
    "GetRestApis": "apigateway:GET",
}
PREFIXES = {"opensearch": "es", "efs": "elasticfilesystem", "s3control": "s3"}


def test_every_call_is_permitted_by_what_the_scan_declares(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """G8: of an empty account; what is read one by one is declared beside it."""
    for one in SCANS:
        place.aws.calls.clear()
        place.search(one.name)
        prefix = PREFIXES.get(one.service, one.service)
        called = {SPECIAL.get(name, f"{prefix}:{name}") for name in place.aws.names}
        declared = {action for other in SCANS for action in other.permissions if other.service == one.service}
        assert called <= declared, one.name
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in one.permissions)
