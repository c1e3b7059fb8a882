# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The four roles: whom they trust, what they may, what is ours, and that nobody is locked out (B1, B3, B9, B14)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard, is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.config_role import ConfigRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.dispatcher_role import DispatcherRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.roles import (
    CloudHealthRole,
    RackspaceRole,
    ServiceRole,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from tests.unit.core.places import ACCOUNT, EXTERNAL_ID, OUR_TAG, PROVIDER, STRANGER, UUID, Place, only, refusal

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
DISPATCHER_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/rackspace-dispatcher"
PERMISSIONS = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "a:*", "Resource": "*"}]}
TENANT = {"external_ids": ["tenant-secret-1"], "policy": json.dumps(PERMISSIONS)}
ROLES: list[tuple[ServiceRole, dict[str, Any]]] = [
    (RackspaceRole(), {}),
    (RackspaceRole(), {"role_policy": PERMISSIONS}),
    (CloudHealthRole(), {"cloudhealth": TENANT}),
    (ConfigRole(), {}),
    (DispatcherRole(), {}),
    (DispatcherRole(), {"dispatcher_trusted_principals": [f"arn:aws:iam::{PROVIDER}:role/responder"]}),
]


def trust_of(place: Place, name: str) -> list[dict[str, Any]]:
    """Return the statements of a role's trust policy as AWS has them."""
    return list(place.own("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"])


def trusting(principal: Any, condition: Mapping[str, Any] | None = None, effect: str = "Allow") -> str:
    """Return a trust policy."""
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition or {}}]})


def create(place: Place, name: str, trust: str, tagged: bool = False) -> None:
    """Create a role as somebody else would."""
    place.own("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=[OUR_TAG] if tagged else [])


# --- all of them


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_what_is_observed_after_a_put_is_what_was_desired(
    place: Place, default: ServiceRole, chosen: dict[str, Any]
) -> None:
    """G2."""
    place.put(default, **chosen)


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_a_second_run_writes_nothing(place: Place, default: ServiceRole, chosen: dict[str, Any]) -> None:
    """G2."""
    place.applied(default, **chosen)
    del place.aws.calls[:]

    place.applied(default, **chosen)

    assert place.aws.writes == []


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_a_role_is_made_with_our_tag(place: Place, default: ServiceRole, chosen: dict[str, Any]) -> None:
    """G4, G9: so that it is provably ours later."""
    place.put(default, **chosen)

    name = default.role_name(place.target(default, **chosen))
    assert place.own("iam").list_role_tags(RoleName=name)["Tags"] == [OUR_TAG]


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_a_look_alike_is_foreign_and_not_written(place: Place, default: ServiceRole, chosen: dict[str, Any]) -> None:
    """G9: its name alone does not make it ours."""
    name = default.role_name(place.target(default, **chosen))
    create(place, name, trusting({"AWS": STRANGER}))

    change = only(place.apply(default, **chosen))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert name in change.reason
    assert STRANGER in change.reason


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_a_look_alike_that_also_trusts_us_is_foreign(
    place: Place, default: ServiceRole, chosen: dict[str, Any]
) -> None:
    """G9: owned is what trusts only the expected principals."""
    target = place.target(default, **chosen)
    both = default.trust(target)
    both["Statement"].append({"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"})
    create(place, default.role_name(target), json.dumps(both))

    assert only(place.plan(default, **chosen)).state == "foreign"


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_an_adopted_look_alike_is_taken_over_and_tagged(
    aws: None, default: ServiceRole, chosen: dict[str, Any]
) -> None:
    """G9: adopted by name; the next run needs no adoption any more."""
    place = Place(adopt={default.name: "agreed"})
    name = default.role_name(place.target(default, **chosen))
    create(place, name, trusting({"AWS": STRANGER}))

    place.applied(default, **chosen)

    assert STRANGER not in json.dumps(trust_of(place, name))
    assert place.own("iam").list_role_tags(RoleName=name)["Tags"] == [OUR_TAG]
    place.account.adopt = {}
    assert only(place.plan(default, **chosen)).state == "compliant"


@pytest.mark.parametrize(("default", "chosen"), ROLES, ids=lambda value: getattr(value, "name", ""))
def test_a_tampered_trust_of_our_role_is_drift_and_repaired(
    place: Place, default: ServiceRole, chosen: dict[str, Any]
) -> None:
    """Design: trust policies of owned roles are owned whole."""
    place.put(default, **chosen)
    name = default.role_name(place.target(default, **chosen))
    expected = trust_of(place, name)
    place.own("iam").update_assume_role_policy(RoleName=name, PolicyDocument=trusting({"AWS": STRANGER}))

    drifted = only(place.plan(default, **chosen)).state
    place.applied(default, **chosen)

    assert (drifted, trust_of(place, name)) == ("drifted", expected)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_a_role_that_trusts_everybody_is_foreign(place: Place, principal: Any) -> None:
    """G9."""
    create(place, "Rackspace", trusting(principal))

    assert only(place.plan(RackspaceRole())).state == "foreign"


def test_a_role_that_trusts_nobody_is_foreign(place: Place) -> None:
    """G9: no identifying field agrees."""
    create(place, "Rackspace", trusting({"AWS": PROVIDER}, effect="Deny"))

    change = only(place.plan(RackspaceRole()))

    assert (change.state, "trusts nobody" in change.reason) == ("foreign", True)


def test_a_customers_own_restriction_of_the_trust_is_not_taken_away(place: Place) -> None:
    """G9: never weaken; a look-alike whose trust asks for more than ours is foreign."""
    condition = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    create(place, "Rackspace", trusting({"AWS": PROVIDER}, condition))

    change = only(place.apply(RackspaceRole()))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert "aws:multifactorauthpresent" in change.reason


def test_a_permissions_boundary_of_our_role_is_a_finding_and_stays(place: Place) -> None:
    """The role has its policies and yet may not do what they say."""
    place.put(RackspaceRole())
    iam = place.own("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(PERMISSIONS))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Rackspace", PermissionsBoundary=arn)

    change = only(place.applied(RackspaceRole()))

    assert change.state == "compliant"
    assert change.findings == (f"role Rackspace has the permissions boundary {arn}, which limits what it may do",)
    assert iam.get_role(RoleName="Rackspace")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


def test_policies_of_others_on_our_role_stay_and_are_findings(place: Place) -> None:
    """G9: of a role's permissions we own those that we name."""
    place.put(RackspaceRole())
    iam = place.own("iam")
    arn = iam.create_policy(PolicyName="theirs", PolicyDocument=json.dumps(PERMISSIONS))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="Rackspace", PolicyArn=arn)
    iam.put_role_policy(RoleName="Rackspace", PolicyName="inline", PolicyDocument=json.dumps(PERMISSIONS))
    iam.detach_role_policy(RoleName="Rackspace", PolicyArn=ADMINISTRATOR)

    plan = place.applied(RackspaceRole())

    attached = [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName="Rackspace")["AttachedPolicies"]]
    assert sorted(attached) == sorted([ADMINISTRATOR, arn])
    assert iam.list_role_policies(RoleName="Rackspace")["PolicyNames"] == ["inline"]
    assert only(plan).findings == (
        f"role Rackspace also has policy {arn}, which is not ours",
        "role Rackspace also has policy inline, which is not ours",
    )


def test_a_run_cut_off_after_create_role_is_finished(place: Place) -> None:
    """G6."""
    default = ConfigRole()
    create(place, "AWSConfig", json.dumps(default.trust(place.target(default))), tagged=True)

    place.applied(default)

    iam = place.own("iam")
    assert iam.list_role_policies(RoleName="AWSConfig")["PolicyNames"] == ["delivery"]
    assert len(iam.list_attached_role_policies(RoleName="AWSConfig")["AttachedPolicies"]) == 1


def test_a_new_role_that_iam_does_not_know_everywhere_yet_is_waited_for(place: Place) -> None:
    """AWS facts: IAM is eventually consistent."""
    place.aws.refuse("AttachRolePolicy", "NoSuchEntity", times=2)

    place.applied(RackspaceRole())

    assert place.aws.names.count("CreateRole") == 1


def test_a_role_that_was_made_and_then_refused_its_policy_counts_as_changed(place: Place) -> None:
    """G5: the account now has a role that trusts the provider; the result must not say that nothing changed."""
    place.aws.refuse("AttachRolePolicy", "LimitExceeded")

    plan = place.apply(RackspaceRole())

    assert (only(plan).state, plan.result()["changed"]) == ("failed", True)


def test_absence_is_data_and_any_other_refusal_is_unknown(place: Place) -> None:
    """G5."""
    place.aws.refuse("GetRole", "AccessDenied")

    assert only(place.plan(RackspaceRole())).state == "unknown"


# --- Rackspace


def test_rackspace_trusts_the_providers_account_with_the_external_id(place: Place) -> None:
    """B1."""
    place.put(RackspaceRole())

    (statement,) = trust_of(place, "Rackspace")
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{PROVIDER}:root"]}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")


def test_rackspace_without_an_external_id_has_no_condition(place: Place) -> None:
    """B1: the record says by name where there is none."""
    place.put(RackspaceRole(), external_id=None)

    (statement,) = trust_of(place, "Rackspace")
    assert "Condition" not in statement


def test_rackspace_trusts_the_named_principals_instead_of_the_account(place: Place) -> None:
    """Design: provider_trusted_principals; empty: provider_account_id."""
    named = f"arn:aws:iam::{PROVIDER}:role/operators"

    place.put(RackspaceRole(), provider_trusted_principals=[named])

    assert trust_of(place, "Rackspace")[0]["Principal"] == {"AWS": [named]}


def test_no_state_result_or_diff_shows_the_external_id(place: Place) -> None:
    """Design, "Runs": external ids in observed states are fingerprints."""
    create(place, "Rackspace", trusting({"AWS": PROVIDER}, {"StringEquals": {"sts:ExternalId": "former-secret"}}))

    plan = place.apply(RackspaceRole(), rotate_external_id=True)

    told = json.dumps([plan.result(), plan.diff()])
    assert only(plan).changed
    assert EXTERNAL_ID not in told
    assert "former-secret" not in told
    assert policies.fingerprint(EXTERNAL_ID) in told


def test_a_changed_external_id_is_drift_where_it_is_to_be_rotated(place: Place) -> None:
    """B1: though neither is shown."""
    place.put(RackspaceRole())

    change = only(place.plan(RackspaceRole(), external_id="another-external-id", rotate_external_id=True))
    assert change.state == "drifted"


@pytest.mark.parametrize("given", ["a-mistyped-external-id", None])
def test_a_role_is_not_rekeyed_unasked(place: Place, given: str | None) -> None:
    """G3: a mistyped external id would come in by another role and lock every other run out."""
    place.put(RackspaceRole())
    before = place.aws.writes

    change = only(place.apply(RackspaceRole(), external_id=given))

    assert (change.state, place.aws.writes) == ("unknown", before)
    assert "provider_external_id_rotate" in str(change.error)
    assert "mistyped" not in str(change.error)


def test_rackspace_has_the_permissions_of_the_variables(place: Place) -> None:
    """B1: permissions by variable."""
    place.put(RackspaceRole(), role_managed_policies=[], role_policy=PERMISSIONS)

    iam = place.own("iam")
    assert iam.list_attached_role_policies(RoleName="Rackspace")["AttachedPolicies"] == []
    assert iam.get_role_policy(RoleName="Rackspace", PolicyName="Rackspace")["PolicyDocument"] == PERMISSIONS


def test_aws_managed_policies_are_of_the_accounts_partition(place: Place) -> None:
    """Design: GovCloud and China are partitions of their own."""
    place.account.partition = "aws-us-gov"

    names = RackspaceRole().managed_policies(place.target(RackspaceRole()))

    assert names == ["arn:aws-us-gov:iam::aws:policy/AdministratorAccess"]


# --- the role that we came in by


def drifted_way_in(place: Place) -> list[dict[str, Any]]:
    """Make a role Rackspace whose trust is to be changed, by which the session came in; return its trust."""
    create(place, "Rackspace", trusting({"AWS": PROVIDER}), tagged=True)
    place.role = "Rackspace"
    return trust_of(place, "Rackspace")


def test_a_changed_trust_of_our_way_in_is_proven(place: Place) -> None:
    """Design, "Credentials": by a fresh AssumeRole at once."""
    drifted_way_in(place)
    seen: list[Any] = []
    place.way_in = lambda: seen.append(trust_of(place, "Rackspace")[0].get("Condition"))

    place.applied(RackspaceRole())

    assert seen == [{"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}]


def test_a_changed_trust_that_locks_us_out_is_taken_back(place: Place) -> None:
    """Design, "Credentials": taken back in the same session if that fails; the message says what to check."""
    former = drifted_way_in(place)

    def locked_out() -> None:
        raise refusal("AccessDenied", "AssumeRole")

    place.way_in = locked_out

    change = only(place.apply(RackspaceRole()))

    assert (change.state, trust_of(place, "Rackspace")) == ("failed", former)
    assert "the former one was put back" in str(change.error)
    assert "account_external_id" in str(change.error)
    assert EXTERNAL_ID not in str(change.error)


def test_a_trust_that_would_not_admit_us_is_never_written(place: Place) -> None:
    """Design, "Credentials": IAM refuses only after a while, so it is judged before it is written."""
    former = drifted_way_in(place)
    judged: list[Any] = []

    def refuse(trust: Any) -> None:
        judged.append(trust)
        raise AccessError("it admits others")

    place.checked_trust = refuse

    change = only(place.apply(RackspaceRole()))

    assert (change.state, trust_of(place, "Rackspace")) == ("failed", former)
    assert "UpdateAssumeRolePolicy" not in place.aws.writes
    assert judged == [RackspaceRole().trust(place.target(RackspaceRole()))]


def test_the_trust_of_another_role_needs_no_proof(place: Place) -> None:
    """Design, "Credentials": of the role that we came in by."""
    drifted_way_in(place)
    place.role = "OrganizationAccountAccessRole"

    def unexpected(*_: Any) -> None:
        raise AssertionError("was proven")

    place.way_in = place.checked_trust = unexpected

    place.applied(RackspaceRole())


def test_a_trust_that_locks_us_out_is_taken_back_also_after_the_task_was_given_up(place: Place) -> None:
    """The proof takes up to 20 s; a task's timeout in it must not leave the customer's account locked."""
    former = drifted_way_in(place)
    stop = StopFlag()
    guard = Guard(False, stop)
    place.aws.guard = lambda model, **_: None if is_read(model.name) else guard._refuse(model.name, {"verified": True})

    def given_up() -> None:
        stop.set()
        raise refusal("AccessDenied", "AssumeRole")

    place.way_in = given_up
    place.apply(RackspaceRole())

    assert trust_of(place, "Rackspace") == former


# --- CloudHealth-Role


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "external_ids and no policy"),
        ({"policy": "{}"}, "external_ids"),
        ({"external_ids": ["tenant-secret-1"]}, "policy"),
    ],
)
def test_cloudhealth_is_skipped_where_the_tenants_data_is_missing(
    place: Place, settings: dict[str, Any], missing: str
) -> None:
    """B3: per tenant, never guessed; the skip says what is missing."""
    change = only(place.apply(CloudHealthRole(), cloudhealth=settings))

    assert (change.state, place.aws.writes) == ("skipped", [])
    assert f"no {missing};" in change.reason
    assert "tenant-secret-1" not in change.reason


def test_cloudhealth_trusts_its_account_with_the_tenants_external_ids(place: Place) -> None:
    """B3."""
    place.put(CloudHealthRole(), cloudhealth={**TENANT, "external_ids": ["tenant-1", "tenant-2"]})

    (statement,) = trust_of(place, "CloudHealth-Role")
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::454464851268:root"]}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": ["tenant-1", "tenant-2"]}}


def test_cloudhealths_removal_is_drift(place: Place) -> None:
    """B3: its tampering or removal can cause overbilling, so drift in it is reported as such."""
    place.put(CloudHealthRole(), cloudhealth=TENANT)
    iam = place.own("iam")
    iam.delete_role_policy(RoleName="CloudHealth-Role", PolicyName="CloudHealth-Role")

    tampered = only(place.plan(CloudHealthRole(), cloudhealth=TENANT))
    iam.delete_role(RoleName="CloudHealth-Role")
    removed = only(place.plan(CloudHealthRole(), cloudhealth=TENANT))

    assert (tampered.state, removed.state) == ("drifted", "drifted")
    assert "overbilling" in tampered.reason
    assert "overbilling" in removed.reason


def test_a_role_of_cloudhealths_name_that_trusts_somebody_else_says_what_can_follow_too(place: Place) -> None:
    """B3, G9: whoever made it, CloudHealth cannot read the account by it."""
    trust = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}
    place.own("iam").create_role(
        RoleName="CloudHealth-Role",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )

    change = only(place.plan(CloudHealthRole(), cloudhealth=TENANT))

    assert change.state == "foreign"
    assert STRANGER in change.reason
    assert "overbilling" in change.reason


# --- AWSConfig


def test_config_is_trusted_for_this_account_only(place: Place) -> None:
    """B9: no confused deputy."""
    place.put(ConfigRole())

    (statement,) = trust_of(place, "AWSConfig")
    assert statement["Principal"] == {"Service": ["config.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_config_may_deliver_to_the_logs_bucket_and_publish_to_its_topics_only(place: Place) -> None:
    """B9, AWS facts: what the managed policy leaves out."""
    place.put(ConfigRole())

    iam = place.own("iam")
    document = iam.get_role_policy(RoleName="AWSConfig", PolicyName="delivery")["PolicyDocument"]
    bucket = f"arn:aws:s3:::{UUID}-logs"
    assert {json.dumps(s["Action"]): s["Resource"] for s in document["Statement"]} == {
        '["s3:GetBucketAcl", "s3:ListBucket"]': bucket,
        '"s3:PutObject"': f"{bucket}/AWSLogs/{ACCOUNT}/*",
        '"sns:Publish"': f"arn:aws:sns:*:{ACCOUNT}:rackspace-awsconfig",
    }
    (attached,) = iam.list_attached_role_policies(RoleName="AWSConfig")["AttachedPolicies"]
    assert attached["PolicyArn"] == "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


# --- rackspace-dispatcher


def dispatcher_policy(place: Place) -> Any:
    """Return the document of the dispatcher's managed policy in force."""
    iam = place.own("iam")
    version = iam.get_policy(PolicyArn=DISPATCHER_POLICY)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=DISPATCHER_POLICY, VersionId=version)["PolicyVersion"]["Document"]


def create_policy(place: Place, document: Mapping[str, Any], tagged: bool = True) -> None:
    """Create a policy of the dispatcher's name."""
    place.own("iam").create_policy(
        PolicyName="rackspace-dispatcher", PolicyDocument=json.dumps(document), Tags=[OUR_TAG] if tagged else []
    )


FORMER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}


def test_the_dispatcher_trusts_eventbridge_for_its_one_rule_of_this_account(place: Place) -> None:
    """B14: whom else it trusts is by variable, nothing by default."""
    place.put(DispatcherRole())

    (statement,) = trust_of(place, "rackspace-dispatcher")
    assert statement["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rackspace-dispatcher"},
    }


def test_the_dispatcher_may_deliver_to_its_target_and_nothing_else(place: Place) -> None:
    """B14."""
    place.put(DispatcherRole())

    (statement,) = dispatcher_policy(place)["Statement"]
    arn = f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-dispatcher"
    assert statement == {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}


def test_the_dispatcher_delivers_to_an_event_bus_where_the_target_is_one(place: Place) -> None:
    """B14, B17."""
    bus = f"arn:aws:events:us-east-1:{PROVIDER}:event-bus/risk"

    place.put(DispatcherRole(), dispatcher_target_arn=bus)

    assert dispatcher_policy(place)["Statement"] == [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}]


def test_what_else_the_dispatcher_may_do_is_added_by_variable(place: Place) -> None:
    """B14."""
    more = {"Sid": "More", "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "*"}

    place.put(DispatcherRole(), dispatcher_policy={"Statement": more})

    assert dispatcher_policy(place)["Statement"][1:] == [more]


def test_a_drifted_dispatcher_policy_gets_a_new_default_version(place: Place) -> None:
    """B14: one that carries our tag is ours."""
    create_policy(place, FORMER)

    place.applied(DispatcherRole())

    assert "sqs:SendMessage" in json.dumps(dispatcher_policy(place))


def test_the_oldest_version_of_five_makes_room_but_never_the_one_in_force(place: Place) -> None:
    """AWS facts: a managed policy has five versions at most."""
    create_policy(place, FORMER)
    iam = place.own("iam")
    for _ in range(4):
        iam.create_policy_version(PolicyArn=DISPATCHER_POLICY, PolicyDocument=json.dumps(FORMER))

    place.applied(DispatcherRole())

    found = iam.list_policy_versions(PolicyArn=DISPATCHER_POLICY)["Versions"]
    assert sorted(version["VersionId"] for version in found) == ["v1", "v3", "v4", "v5", "v6"]
    assert [version["VersionId"] for version in found if version["IsDefaultVersion"]] == ["v6"]


def test_a_policy_of_that_name_that_differs_and_lacks_our_tag_is_foreign(place: Place) -> None:
    """G9: neither it nor the role is written."""
    create_policy(place, FORMER, tagged=False)

    change = only(place.apply(DispatcherRole()))

    assert (change.state, place.aws.writes, dispatcher_policy(place)) == ("foreign", [], FORMER)
    assert "policy rackspace-dispatcher exists" in change.reason


def test_a_run_cut_off_between_policy_and_role_is_finished(place: Place) -> None:
    """G6."""
    default = DispatcherRole()
    create_policy(place, default.policy(place.target(default)))

    place.applied(default)

    assert "CreatePolicy" not in place.aws.writes
    assert "CreatePolicyVersion" not in place.aws.writes
