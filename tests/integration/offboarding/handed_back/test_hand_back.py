# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts are handed back: what goes is what was planned, what is the customer's stays, and the documents say so."""

from __future__ import annotations

import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.offboarding.desk import (
    ACCOUNTS,
    CUSTOMER_PAYER,
    DEPARTING,
    EXTERNAL_ID,
    KEEPS,
    LOOK_ALIKES,
    ONLY,
    PLAN,
    RECORDS,
    plan_of,
    shown,
)
from tests.integration.offboarding.handed_back.accounts import (
    BILLING_CONTACT,
    DISABLED,
    ELSEWHERE,
    REGIONS,
    HandedBack,
    regions_of,
)
from tests.integration.onboarding.belongings import Belongings, lost_or_changed
from tests.integration.onboarding.controller import (
    MANAGEMENT,
    ORGANIZATION_ROLE,
    SHARED,
    TOPICS,
    Call,
    statements,
)

#: the role that goes last, where the provider cannot delete it -> it admits nobody any more
NEUTRALISED = {
    "departing": ORGANIZATION_ROLE,
    "only-rackspace": "Rackspace",
    "look-alikes-leaving": ORGANIZATION_ROLE,
}
#: roles that another principal deletes, after everything else
DELETED_LAST = {"departing": {"Rackspace"}, "keeps-organization": {"Rackspace"}, "look-alikes-leaving": {"Rackspace"}}
#: what of a trail and of a delivery channel names a topic
TOPIC_FIELDS = {"SnsTopicARN", "SnsTopicName", "snsTopicARN"}
#: calls that take something away for good
DELETES = ("Delete", "Unsubscribe")
#: what takes the parts of something away that goes as a whole, or renews what stays
PARTS = {"DeleteDeliveryChannel", "DeleteRolePolicy", "RemoveTargets"}
#: what is done to an account as a whole, once, in their order
WHOLE = {
    "departing": [
        "StartPrimaryEmailUpdate",
        "AcceptPrimaryEmailUpdate",
        "DeactivateMFADevice",
        "RemoveAccountFromOrganization",
    ],
    "keeps-organization": [
        "StartPrimaryEmailUpdate",
        "AcceptPrimaryEmailUpdate",
    ],
    "only-rackspace": [],
    "look-alikes-leaving": ["RemoveAccountFromOrganization"],
}
#: once each, in threads of their own beside the address
CONTACTS = {
    "departing": ["PutContactInformation"],
    "keeps-organization": ["PutAlternateContact", "PutContactInformation"],
    "only-rackspace": ["PutContactInformation"],
    "look-alikes-leaving": [],
}
PHASES_TOLD = [
    "gates_answered",
    "cleanup_begun",
    "cleanup_done",
    "account_done",
    "way_in_confirmed",
    "organization_left",
    "last_role_begun",
    "last_role_done",
    "handed_over",
]
HOSTS = list(ACCOUNTS)


def writes(here: HandedBack, host: str) -> list[Call]:
    """Return what both runs wrote in an account, or about it from another one."""
    number = ACCOUNTS[host]
    return [
        call
        for ran in (here.first, here.second)
        for call in ran.writes()
        if not call["error"] and (call["account"] == number or number in call["resource"])
    ]


def topics_of(number: str, regions: list[str]) -> set[str]:
    """Return the ARNs of the provider's topics."""
    return {f"arn:aws:sns:{region}:{number}:{name}" for region in regions for name in TOPICS}


# -- check mode


def test_check_mode_writes_in_no_account(handed_back: HandedBack) -> None:
    """G1: not in the provider's accounts either."""
    assert handed_back.check.status == 0, handed_back.check.output
    assert handed_back.check.writes() == []
    assert {call["account"] for call in handed_back.check.ledger} >= {*ACCOUNTS.values(), MANAGEMENT, SHARED}


def test_check_mode_shows_every_account_as_ready(handed_back: HandedBack) -> None:
    report = handed_back.check.report
    assert report["check_mode"] is True
    assert {account["host"]: account["outcome"] for account in report["accounts"]} == dict.fromkeys(HOSTS, "ready")


@pytest.mark.parametrize("host", HOSTS)
def test_check_mode_shows_gates_plan_residual_access_and_manual_steps(handed_back: HandedBack, host: str) -> None:
    """E2, E7, E9: all at once."""
    text = shown(handed_back.check, host)
    for part in ("GATES", "balance_current", "PLAN", "RESIDUAL ACCESS", "MANUAL STEPS", "Password" if host in (
        "departing", "keeps-organization", "only-rackspace") else "Support plan"):  # fmt: skip
        assert part in text
    plan = plan_of(handed_back.check, host)
    assert plan["digest"] in text
    assert f"{len(plan['removes'])} resources go" in text
    assert f"{2 * len(regions_of(host))} are detached" in text


@pytest.mark.parametrize("host", HOSTS)
def test_check_mode_leaves_a_plan_that_only_its_owner_reads(handed_back: HandedBack, host: str) -> None:
    file = handed_back.desk.folder / "handover" / host / "plan.json"
    plan = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert plan["account_id"] == ACCOUNTS[host]
    assert plan["digest"] == plan_of(handed_back.check, host)["digest"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_plan_names_the_provider_s_and_nothing_else(handed_back: HandedBack, host: str) -> None:
    """E6, G4: by exact ARNs; also of a region that left the record."""
    number = ACCOUNTS[host]
    expected = topics_of(number, regions_of(host))
    expected |= {
        f"arn:aws:events:us-east-1:{number}:rule/rackspace-dispatcher",
        f"arn:aws:iam::{number}:role/rackspace-dispatcher",
        f"arn:aws:iam::{number}:policy/rackspace-dispatcher",
    }
    if host == "departing":
        expected.add(f"arn:aws:iam::{number}:role/CloudHealth-Role")
    if host == "look-alikes-leaving":
        expected.remove(f"arn:aws:sns:us-east-1:{number}:rackspace-support")
    removes = plan_of(handed_back.check, host)["removes"]
    subscriptions = {arn for arn in removes if arn.rpartition(":")[0] in expected}
    assert set(removes) - subscriptions == expected
    assert len(subscriptions) == sum(":sns:" in arn for arn in expected)
    assert len(set(removes)) == len(removes)


def test_the_look_alikes_are_to_be_decided_and_say_why(handed_back: HandedBack) -> None:
    """G4."""
    rows = {
        (row["default"], row["region"]): row for row in plan_of(handed_back.check, "look-alikes-leaving")["targets"]
    }
    foreign = {at: row for at, row in rows.items() if row["state"] == "foreign"}
    assert set(foreign) == {("cloudhealth_role", "global"), ("support_topic", "us-east-1")}
    assert all((row["action"], row["changed"], row["resources"]) == ("keep", False, []) for row in foreign.values())
    assert "999999999999" in foreign["cloudhealth_role", "global"]["reason"]
    assert "operations@look-alikes.example" in foreign["support_topic", "us-east-1"]["reason"]


# -- what was written


def test_both_runs_succeed(handed_back: HandedBack) -> None:
    assert handed_back.first.status == 0, handed_back.first.output
    assert handed_back.second.status == 0, handed_back.second.output


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_deleted_is_the_plan_s_list_and_the_last_roles(handed_back: HandedBack, host: str) -> None:
    """G1, G4: each exactly once, and nothing beside it."""
    number = ACCOUNTS[host]
    deleted = Counter(
        arn_of(call, number)
        for call in writes(handed_back, host)
        if call["operation"].startswith(DELETES) and call["operation"] not in PARTS
    )
    last = {f"arn:aws:iam::{number}:role/{name}" for name in DELETED_LAST.get(host, ())}
    assert set(deleted) == {*plan_of(handed_back.check, host)["removes"], *last}
    assert set(deleted.values()) == {1}


def arn_of(call: Call, number: str) -> str:
    """Return the ARN of what a call deleted."""
    kinds = {
        "DeleteRole": f"arn:aws:iam::{number}:role/",
        "DeleteRule": f"arn:aws:events:{call['region']}:{number}:rule/",
    }
    return kinds.get(call["operation"], "") + str(call["resource"])


@pytest.mark.parametrize("host", HOSTS)
def test_everything_else_that_is_written_is_a_part_of_what_goes_or_is_detached(
    handed_back: HandedBack, host: str
) -> None:
    """G9, E5: call by call."""
    number, planned, regions = ACCOUNTS[host], plan_of(handed_back.check, host), regions_of(host)
    detached = {(row["default"], row["region"]) for row in planned["targets"] if row["action"] == "detach"}
    assert detached == {(default, region) for default in ("trail", "recorder") for region in regions}
    roles = {arn.rpartition("/")[2] for arn in planned["removes"] if ":role/" in arn}
    last = {*DELETED_LAST.get(host, ()), NEUTRALISED.get(host, "Rackspace")}
    roles |= last
    renewed = {"StopConfigurationRecorder", "StartConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel"}
    odd = []
    for call in writes(handed_back, host):
        operation, region, resource = call["operation"], call["region"], call["resource"]
        good = (
            (operation.startswith(DELETES) and operation not in PARTS)
            or (operation == "RemoveTargets" and (region, resource) == ("us-east-1", "rackspace-dispatcher"))
            or (operation == "DeleteRolePolicy" and resource in roles)
            or (operation == "DetachRolePolicy" and is_attached(handed_back.onboarded[host], resource, roles))
            or (operation == "UpdateAssumeRolePolicy" and resource in last)
            or (operation == "UpdateTrail" and resource == trail_arn(number, region) and region in regions)
            or (operation in renewed and resource == "default" and region in regions)
            or (operation in {"TagResource", "UntagResource"} and is_recorder(resource, number) and region in regions)
            or operation in {*WHOLE[host], *CONTACTS[host]}
        )
        odd += [] if good else [(operation, region, resource)]
    assert odd == []


def is_attached(belongings: Belongings, policy: str, roles: set[str]) -> bool:
    return any(("role", role, "attached", policy) in belongings for role in roles)


def is_recorder(resource: str, number: str) -> bool:
    return bool(re.fullmatch(rf"arn:aws:config:[\w-]+:{number}:configuration-recorder/default/\w+", resource))


def trail_arn(number: str, region: str) -> str:
    return f"arn:aws:cloudtrail:{region}:{number}:trail/rackspace-cloudtrail"


@pytest.mark.parametrize("host", HOSTS)
def test_the_account_itself_is_changed_once_in_order_and_before_the_last_role(
    handed_back: HandedBack, host: str
) -> None:
    """E6: what needs the management account comes before the account leaves."""
    known = {operation for operations in WHOLE.values() for operation in operations}
    contacts = {operation for operations in CONTACTS.values() for operation in operations}
    done = [call["operation"] for call in writes(handed_back, host)]
    assert [operation for operation in done if operation in known] == WHOLE[host]
    assert sorted(operation for operation in done if operation in contacts) == CONTACTS[host]
    deletes_of_roles = [n for n, operation in enumerate(done) if operation in {"DeleteRole", "UpdateAssumeRolePolicy"}]
    assert deletes_of_roles[-1] > max(n for n, operation in enumerate(done) if operation in known | contacts)


def test_nothing_is_written_in_the_provider_s_accounts_but_the_queues_side(handed_back: HandedBack) -> None:
    """The queue's side unsubscribes first; what is done from the management accounts is told above."""
    written = [*handed_back.first.writes(SHARED), *handed_back.second.writes(SHARED)]
    assert {call["operation"] for call in written} == {"Unsubscribe"}
    from_management = handed_back.first.writes(MANAGEMENT) + handed_back.second.writes(MANAGEMENT)
    assert {call["resource"] for call in from_management} == {DEPARTING, LOOK_ALIKES}
    payer = handed_back.first.writes(CUSTOMER_PAYER) + handed_back.second.writes(CUSTOMER_PAYER)
    assert {call["resource"] for call in payer} == {KEEPS}


@pytest.mark.parametrize("host", HOSTS)
def test_a_topic_goes_after_its_subscription_and_after_what_notifies_it(handed_back: HandedBack, host: str) -> None:
    """E5: no moment in which a trail or a recorder notifies a topic that is gone."""
    at: dict[tuple[str, str], int] = {}
    for number, call in enumerate(writes(handed_back, host)):
        at.setdefault((call["operation"], call["resource"].rpartition(":")[0]), number)
        at[call["operation"], f"{call['resource']} {call['region']}"] = number
    for topic in topics_of(ACCOUNTS[host], regions_of(host)) & set(plan_of(handed_back.check, host)["removes"]):
        region, name = topic.split(":")[3], topic.split(":")[5]
        gone = at["DeleteTopic", f"{topic} {region}"]
        assert at["Unsubscribe", topic] < gone
        if name == "rackspace-cloudtrail":
            assert at["UpdateTrail", f"{trail_arn(ACCOUNTS[host], region)} {region}"] < gone
        if name == "rackspace-awsconfig":
            assert at["PutDeliveryChannel", f"default {region}"] < gone


# -- what is there afterwards


@pytest.mark.parametrize("host", HOSTS)
def test_what_the_customer_had_reads_the_same_as_before_the_provider_came(handed_back: HandedBack, host: str) -> None:
    """E5, G9: users, roles and policies, topics and subscriptions, rules, alarms, instances and their profiles."""
    changed = lost_or_changed(handed_back.seeded[host], handed_back.after[host])
    ours = NEUTRALISED.get(host)
    assert {at for at in changed if at[:2] != ("role", ours)} == set()


def test_the_look_alikes_are_among_what_was_compared(handed_back: HandedBack) -> None:
    """Or the test above would prove nothing."""
    seeded, number = handed_back.seeded["look-alikes-leaving"], LOOK_ALIKES
    topic = f"arn:aws:sns:us-east-1:{number}:rackspace-support"
    for at in (
        ("role", "CloudHealth-Role"),
        ("role", "RackspaceDefaultEC2Role"),
        ("role", "order-service"),
        ("instance profile", f"arn:aws:iam::{number}:instance-profile/RackspaceDefaultEC2Role"),
        ("us-east-1", "topic", topic),
        ("us-east-1", "topic", topic, "subscription", "operations@look-alikes.example"),
        ("us-east-1", "alarm", f"arn:aws:cloudwatch:us-east-1:{number}:alarm:orders-latency"),
    ):
        assert at in seeded
    assert [at for at in seeded if at[1] == "instance"]
    for region in ("us-east-1", "eu-west-1", ELSEWHERE):
        assert (region, "rule", "rackspace-dispatcher-orders") in handed_back.seeded["departing"]
    assert ("role", "rackspace") in handed_back.seeded["departing"]


@pytest.mark.parametrize("host", HOSTS)
def test_what_stays_of_onboarding_reads_the_same_but_for_its_topics(handed_back: HandedBack, host: str) -> None:
    """E6: buckets, trails, recorders and password policy stay."""
    before, after = handed_back.onboarded[host], handed_back.after[host]
    gone = set(plan_of(handed_back.check, host)["removes"])
    out_of_reach = set(plan_of(handed_back.check, host)["out_of_reach"])
    expected = {
        at: what if at[0] in out_of_reach else _without_topics(at, what)
        for at, what in before.items()
        if not _goes(host, at, gone)
    }
    assert {at: (what, after.get(at)) for at, what in expected.items() if after.get(at) != what} == {}
    assert [at for at in after if at not in before] == []
    kept = {"bucket", "password policy", "trail", "recorder", "delivery channel"}
    assert kept <= {part for at in expected for part in at[:2]}


def _goes(host: str, at: tuple[str, ...], gone: set[str]) -> bool:
    """Tell whether something goes with what the plan removes, or is a last role's."""
    if at[0] == "role":
        names = {arn.rpartition("/")[2] for arn in gone if ":role/" in arn} | DELETED_LAST.get(host, set())
        return at[1] in {*names, NEUTRALISED.get(host)}
    if at[1] == "rule":
        return at[2] == "rackspace-dispatcher"
    return bool(gone & set(at))


def _without_topics(at: tuple[str, ...], what: Any) -> Any:
    if at[1] in {"trail", "delivery channel"} and isinstance(what, dict):
        return {name: value for name, value in what.items() if name not in TOPIC_FIELDS}
    return what


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_of_what_was_planned_is_left(handed_back: HandedBack, host: str) -> None:
    gone = set(plan_of(handed_back.check, host)["removes"])
    assert gone
    assert [at for at in handed_back.after[host] if gone & set(at)] == []
    assert (REGIONS[0], "rule", "rackspace-dispatcher") not in handed_back.after[host]
    for name in DELETED_LAST.get(host, ()):
        assert ("role", name) not in handed_back.after[host]


@pytest.mark.parametrize("host", HOSTS)
def test_trails_log_and_recorders_record_for_the_customer(handed_back: HandedBack, host: str) -> None:
    """E6: without topics, and without errors; also in the region that left the record."""
    for region in regions_of(host):
        cloudtrail, config = (handed_back.owners(ACCOUNTS[host], name, region) for name in ("cloudtrail", "config"))
        (trail,) = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
        status = cloudtrail.get_trail_status(Name=trail["TrailARN"])
        assert status["IsLogging"]
        assert not TOPIC_FIELDS & set(trail)
        assert not {"LatestNotificationError", "LatestDeliveryError"} & set(status)
        (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
        (recording,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        assert recording["recording"]
        assert recorder["roleARN"].endswith(":role/AWSConfig")
        (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
        assert not TOPIC_FIELDS & set(channel)
        assert channel["s3BucketName"] == f"{RECORDS[host]['account_uuid']}-logs"


def test_a_region_that_was_disabled_since_is_told_as_out_of_reach(handed_back: HandedBack) -> None:
    """What is there stays, and nobody is told that it went."""
    region, number = REGIONS[-1], ACCOUNTS[DISABLED]
    assert plan_of(handed_back.check, DISABLED)["out_of_reach"] == [region]
    assert [call for call in handed_back.first.calls(number) if call["region"] == region] == []
    left = {at[2] for at in handed_back.after[DISABLED] if at[:2] == (region, "topic")}
    assert left == topics_of(number, [region])
    text = _section(handed_back.desk.handed_over(DISABLED, "handover.md"), "What was kept")
    assert f"Region {region} is no longer enabled" in text


@pytest.mark.parametrize("host", sorted(NEUTRALISED))
def test_a_role_that_nobody_else_can_delete_admits_nobody_and_may_nothing(handed_back: HandedBack, host: str) -> None:
    """The last role."""
    name, after = NEUTRALISED[host], handed_back.after[host]
    (trust,) = statements(after["role", name]["AssumeRolePolicyDocument"])
    assert (trust["Effect"], trust["Principal"]) == ("Deny", {"AWS": ["*"]})
    assert [at for at in after if at[:2] == ("role", name)] == [("role", name)]


def test_the_organization_is_left_or_kept_as_the_record_says(handed_back: HandedBack) -> None:
    """E6."""
    now = {host: handed_back.emulator.accounts()[number]["organization"] for host, number in ACCOUNTS.items()}
    kept = {"keeps-organization": "o-customer01"}
    assert now == {**dict.fromkeys(HOSTS, ""), **kept}
    trust = handed_back.after["keeps-organization"]["role", ORGANIZATION_ROLE]["AssumeRolePolicyDocument"]
    assert statements(trust)[0]["Principal"] == {"AWS": [f"arn:aws:iam::{CUSTOMER_PAYER}:root"]}


# -- the account's own data


@pytest.mark.parametrize("host", ["departing", "keeps-organization", "only-rackspace"])
def test_contact_information_is_the_customer_s(handed_back: HandedBack, host: str) -> None:
    """E6."""
    found = handed_back.owners(ACCOUNTS[host], "account").get_contact_information()["ContactInformation"]
    assert found == {
        "FullName": "Olivia Owner",
        "CompanyName": "Customer Example Inc.",
        "AddressLine1": "1 Main Street",
        "City": "San Antonio",
        "StateOrRegion": "TX",
        "PostalCode": "78218",
        "CountryCode": "US",
        "PhoneNumber": "+12105550123",
    }


def test_alternate_contacts_are_those_of_the_request(handed_back: HandedBack) -> None:
    """E6."""
    account = handed_back.owners(KEEPS, "account")
    found = account.get_alternate_contact(AlternateContactType="BILLING")["AlternateContact"]
    assert found == {
        "AlternateContactType": "BILLING",
        "EmailAddress": BILLING_CONTACT["email"],
        "Name": BILLING_CONTACT["name"],
        "PhoneNumber": BILLING_CONTACT["phone"],
        "Title": BILLING_CONTACT["title"],
    }


def test_the_root_user_s_address_is_the_new_one_once_the_code_was_told(handed_back: HandedBack) -> None:
    """E6: AWS sent one code for each account, and the first run waited for it."""
    assert Counter(mail["account"] for mail in handed_back.emulator.mail()) == {DEPARTING: 1, KEEPS: 1}
    for host in ("departing", "keeps-organization"):
        waiting = handed_back.first.account(host)
        assert (waiting["outcome"], waiting["phase"]) == ("open manual steps", "account")
        assert "email_code" in waiting["message"]
    assert handed_back.emulator.accounts()[DEPARTING]["email"] == "aws-root@departing.example"
    payer = handed_back.owners.client(handed_back.former[CUSTOMER_PAYER], "account", "us-east-1")
    assert payer.get_primary_email(AccountId=KEEPS)["PrimaryEmail"] == "aws-root@keeps-organization.example"


def test_the_provider_s_device_is_taken_from_the_root_user_where_an_api_can(handed_back: HandedBack) -> None:
    """E6: by AssumeRoot, in an organization that manages the root users of its members."""
    before, after = handed_back.root_users, handed_back.emulator.accounts()
    assert before[DEPARTING]["root_mfa"]
    assert after[DEPARTING]["root_mfa"] == []
    for number in (KEEPS, ONLY, LOOK_ALIKES):
        assert after[number]["root_mfa"] == before[number]["root_mfa"] != []


def test_nothing_is_done_to_a_root_user_that_the_customer_holds(handed_back: HandedBack) -> None:
    """D1: neither its address, its device, nor the contacts."""
    email = RECORDS["look-alikes-leaving"]["account_email"]
    assert handed_back.emulator.accounts()[LOOK_ALIKES]["email"] == email
    contact = handed_back.owners(LOOK_ALIKES, "account").get_contact_information()["ContactInformation"]
    assert contact["FullName"] == "Provider Operations"
    about = [call for ran in (handed_back.first, handed_back.second) for call in ran.ledger]
    operations = {call["operation"] for call in about if LOOK_ALIKES in (call["account"], call["resource"])}
    assert not {"AssumeRoot", "StartPrimaryEmailUpdate", "PutContactInformation", "PutAlternateContact"} & operations


# -- what people read


@pytest.mark.parametrize("host", HOSTS)
def test_the_hand_over_names_what_was_removed_and_what_was_kept(handed_back: HandedBack, host: str) -> None:
    """E8: in Markdown and in HTML."""
    names = {arn.split(":")[5].rpartition("/")[2] for arn in plan_of(handed_back.check, host)["removes"]}
    assert len(names) >= 7
    for document in ("handover.md", "handover.html"):
        text = handed_back.desk.handed_over(host, document)
        removed, kept = _section(text, "What was removed"), _section(text, "What was kept")
        for name in names | DELETED_LAST.get(host, set()):
            assert re.search(rf"[`>]{re.escape(name)}[`<]", removed), name
        for what in ("bucket", "CloudTrail", "AWS Config", "password policy", "charges"):
            assert what in kept
        assert ACCOUNTS[host] in text
        assert RECORDS[host]["offboarding"]["ticket"] in text


def _section(text: str, title: str) -> str:
    found = text.partition(title)[2]
    assert found, title
    return re.split(r"\n## |<h2", found)[0]


@pytest.mark.parametrize("host", sorted(NEUTRALISED))
def test_the_hand_over_has_the_line_that_deletes_what_only_the_customer_can(handed_back: HandedBack, host: str) -> None:
    line = f"aws iam delete-role --role-name {NEUTRALISED[host]}"
    for document in ("handover.md", "handover.html"):
        assert line in handed_back.desk.handed_over(host, document)
    done = next(
        ran.account(host)
        for ran in (handed_back.first, handed_back.second)
        if ran.account(host)["phase"] == "" and ran.account(host)["customer_lines"]
    )
    assert done["customer_lines"] == [line]


def test_the_hand_over_tells_the_customer_how_to_get_in(handed_back: HandedBack) -> None:
    """E8."""
    ways = {
        "departing": ["aws-root@departing.example", "Forgot password"],
        "keeps-organization": [f"arn:aws:iam::{KEEPS}:user/customer-admin", CUSTOMER_PAYER, "o-customer01"],
        "only-rackspace": [f"arn:aws:iam::{ONLY}:user/customer-admin", "aws-root@only-rackspace.example"],
        "look-alikes-leaving": [f"arn:aws:iam::{LOOK_ALIKES}:user/owner-admin", "you hold its credentials"],
    }
    for host, parts in ways.items():
        section = _section(handed_back.desk.handed_over(host, "handover.md"), "How you get in")
        for part in parts:
            assert part in section


@pytest.mark.parametrize("host", HOSTS)
def test_the_hand_over_says_who_bills_what_and_what_ends(handed_back: HandedBack, host: str) -> None:
    """E8."""
    text = handed_back.desk.handed_over(host, "handover.md")
    day = json.loads(handed_back.desk.handed_over(host, "record.json"))["transfer_date"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    billing = _section(text, "Who bills what")
    assert f"Up to {day} the provider bills" in billing
    assert f"From {day} AWS bills" in billing
    assert "final bill" in billing
    ends = _section(text, "What ends")
    for what in ("Logbook", "CloudHealth", "Support"):
        assert what in ends


def test_what_is_kept_for_its_owner_s_decision_is_listed(handed_back: HandedBack) -> None:
    """G4, E8."""
    text = handed_back.desk.handed_over("look-alikes-leaving", "handover.md")
    section = _section(text, "What was kept")
    for part in ("CloudHealth-Role", "999999999999", "rackspace-support", "operations@look-alikes.example"):
        assert part in section


@pytest.mark.parametrize("host", HOSTS)
def test_the_case_to_aws_names_account_assignee_and_reference(handed_back: HandedBack, host: str) -> None:
    """E8."""
    text, offboarding = handed_back.desk.handed_over(host, "aws_case.txt"), RECORDS[host]["offboarding"]
    for part in (ACCOUNTS[host], "Customer Example Inc.", offboarding["ticket"], "Olivia Owner"):
        assert part in text
    assert ("signed by us 2026-01-02, by the customer 2026-01-03" in text) == (host == "keeps-organization")


@pytest.mark.parametrize("host", HOSTS)
def test_manual_steps_are_never_told_as_done_without_a_confirmation(handed_back: HandedBack, host: str) -> None:
    """E7: and each open one has instructions made for this account."""
    record = json.loads(handed_back.desk.handed_over(host, "record.json"))
    steps = {step["step"]: step for step in record["manual_steps"]}
    confirmed = {name for name, step in steps.items() if step["state"] == "confirmed"}
    assert confirmed <= {"payment_method"}
    opened = {name for name, step in steps.items() if step["state"] == "open"}
    assert record["state"] == "open manual steps"
    expected = {
        "departing": {"support_plan", "root_password", "neutralised_role"},
        "keeps-organization": {"root_mfa", "root_password", "organization_role"},
        "only-rackspace": {"support_plan", "root_mfa", "root_email", "root_password", "neutralised_role"},
        "look-alikes-leaving": {"contact_information", "support_plan", "neutralised_role"},
    }
    assert opened == expected[host]
    for name in opened:
        text = " ".join(steps[name]["instructions"])
        assert ACCOUNTS[host] in text or host in text
    assert handed_back.last_report(host)["open_steps"] == [
        step["title"] for step in record["manual_steps"] if step["state"] == "open"
    ]


@pytest.mark.parametrize("host", HOSTS)
def test_the_end_state_of_an_account_with_open_steps_is_not_complete(handed_back: HandedBack, host: str) -> None:
    """E7."""
    account = handed_back.last_report(host)
    assert (account["outcome"], account["proven"]) == ("open manual steps", True)
    assert account["documents"].endswith(f"handover/{host}")


@pytest.mark.parametrize("host", HOSTS)
def test_the_journal_holds_every_phase_of_both_runs(handed_back: HandedBack, host: str) -> None:
    """G6: evidence, in order, each with its run and ticket."""
    entries = handed_back.desk.journal(host)
    events = [entry["event"] for entry in entries]
    waits = host in ("departing", "keeps-organization")
    last = ["organization_kept" if event == "organization_left" and host == "keeps-organization" else event
            for event in PHASES_TOLD]  # fmt: skip
    before = ["gates_answered", "cleanup_begun", "cleanup_done", "email_code_sent", "stopped"] if waits else []
    assert events == [*before, *last]
    assert {entry["ticket"] for entry in entries} == {RECORDS[host]["offboarding"]["ticket"]}
    assert len({entry["run"] for entry in entries}) == (2 if waits else 1)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["at"]) for entry in entries)
    begun = next(entry for entry in entries if entry["event"] == "cleanup_begun")
    done = next(entry for entry in entries if entry["event"] == "cleanup_done")
    assert begun["data"]["digest"] == plan_of(handed_back.check, host)["digest"]
    assert begun["data"]["approved_plan"].endswith(f"{host}/plan.json")
    assert (
        set(done["data"]["removed"])
        == set(begun["data"]["removes"])
        == set(plan_of(handed_back.check, host)["removes"])
    )


def test_no_lock_is_left(handed_back: HandedBack) -> None:
    assert [file.name for file in (handed_back.desk.folder / "journal" / "locks").glob("*.lock")] == []


def _texts(here: HandedBack) -> Iterator[tuple[str, str]]:
    """Return everything that people or other programs read: outputs, results, files."""
    for name, ran in (("check", here.check), ("first", here.first), ("second", here.second)):
        yield f"output of {name}", ran.output
        yield f"results of {name}", json.dumps([*ran.results.values()], default=str)
    for folder in ("journal", "handover", "reports"):
        for file in (here.desk.folder / folder).rglob("*"):
            if file.is_file():
                yield str(file), file.read_text()


def test_no_secret_is_in_any_file_or_output(handed_back: HandedBack) -> None:
    """Neither external ids nor one-time codes nor keys."""
    secrets = {"the external id": EXTERNAL_ID, "CloudHealth's external id": "demo-cloudhealth-5e21"}
    secrets |= {f"the code of {mail['account']}": mail["code"] for mail in handed_back.emulator.mail()}
    secrets["the secret key"] = handed_back.emulator.environment["AWS_SECRET_ACCESS_KEY"]
    texts = list(_texts(handed_back))
    assert len(texts) > 6 + 4 * 5
    assert [(what, where) for where, text in texts for what, secret in secrets.items() if secret in text] == []


def test_no_file_of_a_run_can_be_read_by_others(handed_back: HandedBack) -> None:
    """Journals and documents hold names, addresses and evidence."""
    files = [
        file
        for folder in ("journal", "handover")
        for file in (handed_back.desk.folder / folder).iterdir()
        if file.name != "locks"
    ]
    assert len(files) == 8
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []


def test_the_results_of_both_runs_say_what_changed(handed_back: HandedBack) -> None:
    """G1: check mode predicted exactly what the run then did."""
    for host in HOSTS:
        predicted, (_, done) = plan_of(handed_back.check, host), handed_back.first.results[host, PLAN]
        assert predicted["changed"] is done["changed"] is True
        told = [(row["default"], row["region"], row["action"], row["resources"]) for row in predicted["targets"]]
        assert told == [(row["default"], row["region"], row["action"], row["resources"]) for row in done["targets"]]
