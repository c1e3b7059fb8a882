# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which roles are provably the provider's, and what goes with them (G4, E6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.provider_role import ProviderRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import tag_list
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.role_removal import ADMITS_NOBODY
from tests.unit.core.places import ACCOUNT, OUR_TAG, PROVIDER, STRANGER, options
from tests.unit.removal.leaving import Leaving, iam_arn, row

CLOUDHEALTH = "454464851268"
PAYER = "888888888888"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/rackspace-dispatcher"
OTHERS_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
SERVICE = {"Service": "ec2.amazonaws.com"}
TOOLING = ProviderRole("tooling")


def is_kept(place: Leaving, name: str, default: Any, state: str = "foreign", **chosen: Any) -> str:
    """Check that a role is kept, and untouched; return why."""
    found = row(place.leave(default, **chosen), getattr(default, "name", default))
    assert (found["state"], found["action"], found["resources"], found["changed"]) == (state, "keep", [], False)
    assert place.aws.writes == []
    assert name in place.roles()
    return str(found["reason"])


def goes(place: Leaving, name: str, default: Any, **chosen: Any) -> None:
    """Check that a role goes."""
    found = row(place.leave(default, **chosen), getattr(default, "name", default))
    assert (found["state"], found["action"], found["changed"]) == ("compliant", "remove", True), found
    assert name not in place.roles()


# --- whom it trusts


@pytest.mark.parametrize("principal", [{"AWS": STRANGER}, {"AWS": "*"}, SERVICE, {"Federated": "accounts.google.com"}])
@pytest.mark.parametrize("default", ["cloudhealth_role", "config_role", "dispatcher_role", "provider_role tooling"])
def test_a_tagged_role_that_trusts_somebody_else_is_kept(place: Leaving, default: str, principal: Any) -> None:
    """G4: a customer may have taken it over, tag and all."""
    names = {
        "cloudhealth_role": "CloudHealth-Role",
        "config_role": "AWSConfig",
        "dispatcher_role": "rackspace-dispatcher",
    }
    name = names.get(default, "tooling")
    place.admits(name, principal)

    why = is_kept(place, name, TOOLING if name == "tooling" else default)

    assert f"role {name} trusts {next(iter(principal.values()))}" in why
    assert "its owner's decision" in why


def test_a_role_that_trusts_us_and_somebody_else_is_kept(place: Leaving) -> None:
    """G4."""
    place.admits("tooling", {"AWS": [PROVIDER, STRANGER]})

    assert STRANGER in is_kept(place, "tooling", TOOLING)


def test_a_role_that_trusts_all_but_somebody_is_kept(place: Leaving) -> None:
    """G4: NotPrincipal admits everybody else."""
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}
    place.trusting("tooling", {"Version": "2012-10-17", "Statement": [statement]})

    assert "trusts *" in is_kept(place, "tooling", TOOLING)


def test_a_role_whose_name_only_begins_like_ours_is_not_looked_at(place: Leaving) -> None:
    """G4: nothing is matched by a pattern."""
    for name in ("tooling-2", "Tooling", "CloudHealth-Role-2", "rackspace-dispatcher-2", "AWSConfig2"):
        place.admits(name, {"AWS": PROVIDER})

    place.leave(TOOLING, "cloudhealth_role", "dispatcher_role", "config_role")

    assert len(place.roles()) == 5


@pytest.mark.parametrize("principal", [PROVIDER, PAYER, f"arn:aws:iam::{PAYER}:role/Operator"])
def test_a_role_of_the_provider_goes_whichever_of_its_accounts_it_trusts(place: Leaving, principal: str) -> None:
    """E6: provider_account_ids."""
    place.admits("tooling", {"AWS": principal}, tagged=False)

    goes(place, "tooling", TOOLING, provider_account_ids=[PAYER])


def test_an_account_that_is_only_part_of_another_id_is_somebody_else(place: Leaving) -> None:
    """G4: ids are compared whole."""
    place.admits("tooling", {"AWS": f"arn:aws:iam::{STRANGER}:role/{PROVIDER}"}, tagged=False)

    is_kept(place, "tooling", TOOLING)


def test_a_role_that_trusts_nobody_is_kept_without_our_tag(place: Leaving) -> None:
    """G4: it proves nothing."""
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    place.trusting("tooling", {"Version": "2012-10-17", "Statement": [deny]}, tagged=False)

    assert "trusts nobody" in is_kept(place, "tooling", TOOLING)


def test_a_role_that_a_former_run_released_goes(place: Leaving) -> None:
    """G6: it is known again by its trust, whatever its tags."""
    place.trusting("tooling", ADMITS_NOBODY, tagged=False)

    goes(place, "tooling", TOOLING)


def test_a_role_released_and_then_opened_by_its_owner_is_kept(place: Leaving) -> None:
    """G4: the statement that admits nobody beside one that admits somebody."""
    admits = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}
    place.trusting("tooling", {**ADMITS_NOBODY, "Statement": [*ADMITS_NOBODY["Statement"], admits]}, tagged=False)

    is_kept(place, "tooling", TOOLING)


@pytest.mark.parametrize("path", ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
def test_service_linked_and_sso_roles_are_never_removed(place: Leaving, path: str) -> None:
    """E6: even if they trusted only the provider and carried our tag."""
    place.admits("tooling", {"AWS": PROVIDER}, path=path)

    assert "AWS's own" in is_kept(place, "tooling", TOOLING)


def test_instances_default_role_is_kept_by_whom_it_trusts_too(place: Leaving) -> None:
    """E6: named by mistake, with our tag."""
    place.admits("RackspaceDefaultEC2Role", SERVICE)

    is_kept(place, "RackspaceDefaultEC2Role", ProviderRole("RackspaceDefaultEC2Role"))


def test_the_role_that_the_run_works_through_stays(place: Leaving) -> None:
    """Section 6 of the request: it goes last."""
    place.onboard("rackspace_role")

    assert "goes last" in is_kept(place, "Rackspace", "rackspace_role", "skipped")


def test_a_role_called_as_ours_that_trusts_somebody_else_is_listed_for_a_decision(place: Leaving) -> None:
    """G4: the plan says so, and does not announce that it goes last."""
    place.admits("Rackspace", {"AWS": STRANGER})

    is_kept(place, "Rackspace", "rackspace_role", "foreign")


def test_an_adopted_role_is_kept(place: Leaving) -> None:
    """G4: it was there before, whatever we made of it."""
    place.onboard("cloudhealth_role")

    why = is_kept(place, "CloudHealth-Role", "cloudhealth_role", adopt={"cloudhealth_role": "ticket 7"})

    assert "account_adopt: ticket 7" in why


# --- CloudHealth


def cloudhealth(place: Leaving, external_ids: Any, tagged: bool = False) -> None:
    """Create a role that CloudHealth may assume."""
    condition = {"StringEquals": {"sts:ExternalId": external_ids}} if external_ids else {}
    place.admits("CloudHealth-Role", {"AWS": f"arn:aws:iam::{CLOUDHEALTH}:root"}, tagged, Condition=condition)


@pytest.mark.parametrize("external_ids", ["customers-own-tenant", ["tenant-secret-1", "customers-own-tenant"], None])
def test_the_cloudhealth_role_of_another_tenant_is_kept(place: Leaving, external_ids: Any) -> None:
    """G4, B3: CloudHealth has other customers."""
    cloudhealth(place, external_ids)

    assert "cloudhealth.external_ids" in is_kept(place, "CloudHealth-Role", "cloudhealth_role")


def test_the_cloudhealth_role_of_our_tenant_goes_without_our_tag(place: Leaving) -> None:
    """E6: an account that was onboarded by hand."""
    cloudhealth(place, "tenant-secret-1")

    goes(place, "CloudHealth-Role", "cloudhealth_role")


def test_without_the_tenants_external_ids_an_untagged_cloudhealth_role_is_kept(place: Leaving) -> None:
    """G4: nothing proves whose it is."""
    cloudhealth(place, "tenant-secret-1")

    is_kept(place, "CloudHealth-Role", "cloudhealth_role", cloudhealth={})


def test_no_external_id_is_in_the_rows(place: Leaving) -> None:
    """D3 in spirit: no secret in output."""
    cloudhealth(place, "tenant-secret-1")

    told = json.dumps(row(place.removal("cloudhealth_role"), "cloudhealth_role")) + str(
        place.removal("cloudhealth_role").diff()
    )

    assert "tenant-secret-1" not in told


# --- AWSConfig

CONFIG = {"Service": "config.amazonaws.com"}
OURS = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def records_with(place: Leaving, role: str, region: str = "us-east-1") -> None:
    """Have a recorder use a role."""
    group = {"allSupported": True, "includeGlobalResourceTypes": False}
    place.own("config", region).put_configuration_recorder(
        ConfigurationRecorder={"name": "theirs", "roleARN": role, "recordingGroup": group}
    )


def test_a_customers_role_for_config_is_kept(place: Leaving) -> None:
    """G4: AWS Config is everybody's; without our tag only our whole trust proves anything."""
    place.admits("AWSConfig", CONFIG, tagged=False)

    assert "does not trust AWS Config as ours would" in is_kept(place, "AWSConfig", "config_role")


def test_the_config_role_goes_where_no_recorder_uses_it(place: Leaving) -> None:
    """E6."""
    place.onboard("config_role")

    goes(place, "AWSConfig", "config_role")


def test_the_config_role_stays_while_a_recorder_of_one_region_uses_it(two: Leaving) -> None:
    """E5: whichever region that is."""
    two.onboard("config_role")
    records_with(two, iam_arn("role", "AWSConfig"), "eu-west-1")

    found = row(two.leave("config_role", "recorder"), "config_role")

    assert (found["state"], found["action"]) == ("skipped", "keep")
    assert "recorder in eu-west-1" in found["reason"]


def test_the_config_role_stays_where_a_recorder_cannot_be_read(two: Leaving) -> None:
    """G5: it may use it."""
    two.onboard("config_role")
    two.aws.refuse_if("DescribeConfigurationRecorders", lambda _: two.aws.regions[-1][1] == "eu-west-1")

    found = row(two.leave("config_role", "recorder"), "config_role")

    assert (found["state"], "AWSConfig" in two.roles()) == ("skipped", True)


def test_the_config_role_stays_where_a_service_control_policy_hides_the_recorder(two: Leaving) -> None:
    """G4, G5: a recorder from before the policy goes on recording with it."""
    two.onboard("config_role", "logs_bucket", "awsconfig_topic", "recorder")
    message = "User is not authorized with an explicit deny in a service control policy"
    for operation in ("DescribeConfigurationRecorders", "ListTopics", "DescribeTrails"):
        before = two.aws.before

        def deny(before: Any = before, operation: str = operation, **event: Any) -> Any:
            if event["model"].name == operation and event["context"]["client_region"] == "eu-west-1":
                two.aws.refuse(operation, "AccessDeniedException", message=message)
            return before(**event)

        two.aws.before = deny  # type: ignore[method-assign,assignment]
    client = two.own("config")
    client.stop_configuration_recorder(ConfigurationRecorderName="default")
    client.delete_delivery_channel(DeliveryChannelName="default")
    client.delete_configuration_recorder(ConfigurationRecorderName="default")

    plan = two.removal("config_role", "awsconfig_topic", "recorder")

    assert row(plan, "recorder", "eu-west-1")["state"] == "skipped"
    assert row(plan, "config_role")["action"] == "keep"


def test_a_customers_role_of_that_name_below_a_path_is_not_taken_from_its_recorder(place: Leaving) -> None:
    """G4, E5: with the trust policy that AWS recommends, which is ours too."""
    place.admits("AWSConfig", CONFIG, tagged=False, path="/service-role/", Condition=OURS)
    records_with(place, iam_arn("role", "service-role/AWSConfig"))

    place.leave("config_role", "recorder")

    assert "AWSConfig" in place.roles()


# --- the dispatcher


def test_the_dispatcher_goes_with_all_versions_of_its_policy(place: Leaving) -> None:
    """E6: a policy with versions cannot be deleted."""
    place.onboard("dispatcher_role")
    iam = place.own("iam")
    iam.create_policy_version(PolicyArn=POLICY, PolicyDocument=json.dumps(OTHERS_POLICY))

    goes(place, "rackspace-dispatcher", "dispatcher_role")

    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_a_customers_role_for_eventbridge_is_kept(place: Leaving) -> None:
    """G4: EventBridge is everybody's."""
    place.admits("rackspace-dispatcher", {"Service": "events.amazonaws.com"}, tagged=False)

    assert "trusts more than the rule" in is_kept(place, "rackspace-dispatcher", "dispatcher_role")


def test_a_customers_policy_of_that_name_keeps_itself_and_our_role(place: Leaving) -> None:
    """G4: it differs, and lacks our tag."""
    place.admits("rackspace-dispatcher", {"Service": "events.amazonaws.com"})
    place.own("iam").create_policy(PolicyName="rackspace-dispatcher", PolicyDocument=json.dumps(OTHERS_POLICY))

    assert "exists and differs" in is_kept(place, "rackspace-dispatcher", "dispatcher_role")


def test_our_policy_that_somebody_elses_role_has_too_is_kept(place: Leaving) -> None:
    """G4, E5: that role would lose its rights."""
    place.onboard("dispatcher_role")
    place.admits("theirs", SERVICE, tagged=False)
    place.own("iam").attach_role_policy(RoleName="theirs", PolicyArn=POLICY)

    assert "attached to something else too" in is_kept(place, "rackspace-dispatcher", "dispatcher_role")


def test_our_policy_that_only_somebody_elses_role_has_is_kept(place: Leaving) -> None:
    """G4: our own role is gone already."""
    place.onboard("dispatcher_role")
    place.own("iam").detach_role_policy(RoleName="rackspace-dispatcher", PolicyArn=POLICY)
    place.own("iam").delete_role(RoleName="rackspace-dispatcher")
    place.admits("theirs", SERVICE, tagged=False)
    place.own("iam").attach_role_policy(RoleName="theirs", PolicyArn=POLICY)

    found = row(place.leave("dispatcher_role"), "dispatcher_role")

    assert (found["state"], found["action"], place.aws.writes) == ("foreign", "keep", [])


def test_our_policy_goes_where_it_is_all_that_is_left(place: Leaving) -> None:
    """G6."""
    place.onboard("dispatcher_role")
    place.own("iam").detach_role_policy(RoleName="rackspace-dispatcher", PolicyArn=POLICY)
    place.own("iam").delete_role(RoleName="rackspace-dispatcher")

    found = row(place.leave("dispatcher_role"), "dispatcher_role")

    assert (found["action"], found["state"], found["resources"]) == ("remove", "compliant", [POLICY])
    assert place.own("iam").list_policies(Scope="Local")["Policies"] == []


def test_no_role_is_deleted_where_only_our_policy_was_listed(place: Leaving) -> None:
    """G4: a role of that name made meanwhile is nobody's of ours."""
    place.onboard("dispatcher_role")
    place.own("iam").detach_role_policy(RoleName="rackspace-dispatcher", PolicyArn=POLICY)
    place.own("iam").delete_role(RoleName="rackspace-dispatcher")
    plan = place.removal("dispatcher_role")
    place.admits("rackspace-dispatcher", {"AWS": STRANGER}, tagged=False)

    plan.apply(30)

    assert "rackspace-dispatcher" in place.roles()


def test_our_policy_that_bounds_somebody_elses_role_is_kept(place: Leaving) -> None:
    """G4: what bounds another role is somebody else's use of it."""
    place.onboard("dispatcher_role")
    place.aws.edit("GetPolicy", lambda answer: answer["Policy"].update(PermissionsBoundaryUsageCount=1))

    is_kept(place, "rackspace-dispatcher", "dispatcher_role")


# --- what goes with a role


def with_profile(place: Leaving, name: str, role: str, tagged: bool = False) -> None:
    """Create an instance profile with a role in it."""
    iam = place.own("iam")
    iam.create_instance_profile(InstanceProfileName=name, Tags=[OUR_TAG] if tagged else [])
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


def profiles(place: Leaving) -> set[str]:
    """Return the names of all instance profiles."""
    return {p["InstanceProfileName"] for p in place.own("iam").list_instance_profiles()["InstanceProfiles"]}


def test_a_role_goes_with_policies_of_every_kind(place: Leaving) -> None:
    """E6: those of others are only detached."""
    place.admits("tooling", {"AWS": PROVIDER})
    iam = place.own("iam")
    theirs = iam.create_policy(PolicyName="theirs", PolicyDocument=json.dumps(OTHERS_POLICY))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="tooling", PolicyArn=theirs)
    iam.put_role_policy(RoleName="tooling", PolicyName="inline", PolicyDocument=json.dumps(OTHERS_POLICY))

    goes(place, "tooling", TOOLING)

    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [theirs]


def test_an_instance_profile_of_the_roles_name_goes_and_is_listed(place: Leaving) -> None:
    """E6: with their instance profiles."""
    place.admits("tooling", {"AWS": PROVIDER})
    with_profile(place, "tooling", "tooling")

    listed = row(place.leave(TOOLING), TOOLING.name)["resources"]

    assert listed == [iam_arn("role", "tooling"), iam_arn("instance-profile", "tooling")]
    assert sorted(place.deleted()) == sorted(listed)
    assert profiles(place) == set()


def test_somebody_elses_instance_profile_only_loses_the_role(place: Leaving) -> None:
    """G4."""
    place.admits("tooling", {"AWS": PROVIDER})
    with_profile(place, "theirs", "tooling")

    listed = row(place.leave(TOOLING), TOOLING.name)["resources"]

    assert (listed, profiles(place)) == ([iam_arn("role", "tooling")], {"theirs"})


def test_an_instance_profile_that_carries_our_tag_goes(place: Leaving) -> None:
    """E6."""
    place.admits("tooling", {"AWS": PROVIDER})
    with_profile(place, "other-name", "tooling")
    tagged = {"InstanceProfileName": "other-name", "Arn": iam_arn("instance-profile", "other-name")}
    place.aws.edit(
        "ListInstanceProfilesForRole",
        lambda answer: [p.update({**tagged, "Tags": tag_list(options())}) for p in answer["InstanceProfiles"]],
    )

    goes(place, "tooling", TOOLING)

    assert profiles(place) == set()


@pytest.mark.parametrize(("state", "kept"), [("associated", True), ("associating", True), ("disassociated", False)])
def test_a_role_with_which_an_instance_runs_in_any_region_is_kept(two: Leaving, state: str, kept: bool) -> None:
    """E5: no downtime."""
    two.admits("tooling", {"AWS": PROVIDER})
    with_profile(two, "theirs", "tooling")
    association = {
        "InstanceId": "i-1",
        "State": state,
        "IamInstanceProfile": {"Arn": iam_arn("instance-profile", "theirs"), "Id": "AIPA"},
    }

    def only_far(answer: Any) -> None:
        if two.aws.regions[-1][1] == "eu-west-1":
            answer["IamInstanceProfileAssociations"] = [association]

    two.aws.edit("DescribeIamInstanceProfileAssociations", only_far)

    if kept:
        assert "instances run with it: i-1" in is_kept(two, "tooling", TOOLING, "skipped")
    else:
        goes(two, "tooling", TOOLING)


def test_a_role_without_instance_profiles_asks_no_region(two: Leaving) -> None:
    """Speed, and no needless permission."""
    two.admits("tooling", {"AWS": PROVIDER})

    two.removal(TOOLING)

    assert "DescribeIamInstanceProfileAssociations" not in two.aws.names


def test_a_role_that_somebody_else_deletes_meanwhile_is_no_error(place: Leaving) -> None:
    """G6."""
    place.admits("tooling", {"AWS": PROVIDER})
    plan = place.removal(TOOLING)
    place.own("iam").delete_role(RoleName="tooling")

    plan.apply(30)

    assert row(plan, TOOLING.name)["state"] == "compliant"


def test_a_failed_removal_says_that_something_was_changed(place: Leaving) -> None:
    """G5: its instance profile went, itself not."""
    place.admits("tooling", {"AWS": PROVIDER})
    with_profile(place, "tooling", "tooling")
    place.aws.refuse("DeleteRole", "AccessDenied")

    found = row(place.leave(TOOLING), TOOLING.name)

    assert (found["state"], found["changed"], found["error"]["code"]) == ("failed", True, "AccessDenied")
