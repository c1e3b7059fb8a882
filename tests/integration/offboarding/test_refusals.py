# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is refused: each with account, field and fix, and before any write in any account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.desk import (
    ACCOUNTS,
    DEPARTING,
    KEEPS,
    LOOK_ALIKES,
    ONLY,
    RECORDS,
    Desk,
    Provider,
    confirmed,
    moment,
    request,
    same_address,
    shown,
)
from tests.integration.onboarding.controller import MANAGEMENT, SHARED, Ran, new_account
from tests.noon import TIME_ZONE, TODAY

REGIONS = ["us-east-1", "us-west-2"]
#: moments to rehearse: the 15th of a month, a Tuesday, and a Saturday, at eleven o'clock in Chicago
FIFTEENTH, SATURDAY = "2031-04-15T11:00:00-05:00", "2031-04-19T11:00:00-05:00"
BUCKET = "departing-reports"
STANDARD = f"arn:aws:sns:us-east-1:{DEPARTING}:rackspace-support-standard"
SAML = '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="portal">{}</EntityDescriptor>'
RUN = "20261121T100000Z-1"
#: a process that is a run of Ansible by its command line, and says who it is as a lock does
HOLDER = """
import json, sys, time
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_lock import describe_owner
print(json.dumps(describe_owner(sys.argv[2])), flush=True)
time.sleep(900)
"""


@pytest.fixture(scope="module")
def onboarded(desk: Desk, offboarding: Emulator) -> Desk:
    """The demo's accounts, onboarded in few regions."""
    for number in ACCOUNTS.values():
        offboarding.change_account(number, regions=REGIONS)
    desk.onboard_all(ACCOUNTS, REGIONS)
    return desk


def refused(ran: Ran, host: str, phase: str) -> str:
    """Return why an account was refused; the message is also the error of the play."""
    account = ran.account(host)
    assert (account["outcome"], account["phase"]) == ("refused", phase), account["message"]
    assert account["removed"] == 0
    assert account["message"]
    return str(account["message"])


# -- before anything is called

MALFORMED = {
    "ticket": "",
    "termination_date": "15.12.2026",
    "transfer_date": "2026-13-01",
    "new_root_email": "owner at example",
    "authorized_signatory": {"name": "Olivia Owner"},
    "contact": {**RECORDS["only-rackspace"]["offboarding"]["authorized_signatory"]},
    "billing_principals": [f"arn:aws:iam::{DEPARTING}:role/Finance"],
    "confirmations": {
        "balance_current": {"by": "billing", "at": "2026-01-01T09:00:00", "evidence": "seen"},
        "ballance": confirmed(),
    },
    "overrides": {"balance_current": "the customer is in a hurry", "business_hours": ""},
    "accept_residual": ["everything"],
    "keep_organisation": True,
}
FAULTS = [
    "ticket", "termination_date is '15.12.2026'", "transfer_date is '2026-13-01'", "new_root_email",
    "authorized_signatory has no email", "contact has no full_name", "contact has no phone_number",
    f"billing_principals entry 1 is 'arn:aws:iam::{DEPARTING}:role/Finance'", "no offset from UTC", "ballance",
    "overrides.balance_current cannot be overridden", "overrides.business_hours has no reason", "accept_residual",
    "keep_organisation", "is keep_organization meant?",
]  # fmt: skip


@pytest.fixture(scope="module")
def records(onboarded: Desk) -> Ran:
    """A run over accounts that may not be touched, whatever they hold."""
    provider_s_own = {
        **RECORDS["departing"],
        "account_id": SHARED,
        "account_uuid": "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d02",
        "account_name": "shared",
        "offboarding": {
            **request("departing", {"customer_way_in": confirmed()}, new_root_email="aws-root@shared.example"),
            "billing_principals": [],
        },
    }
    hosts: dict[str, dict[str, Any]] = {
        "departing": {"account_protected": True},
        "keeps-organization": {"offboarding": None},
        "only-rackspace": {"offboarding": MALFORMED},
        "shared": provider_s_own,
    }
    confirm = ",".join([*ACCOUNTS.values(), SHARED])
    return onboarded.offboard(hosts=hosts, records=hosts, confirm=confirm)


def test_nothing_is_called_in_an_account_that_may_not_be_touched(records: Ran) -> None:
    assert records.status != 0
    assert records.ledger == []
    assert records.report["totals"]["refused"] == 4


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("departing", ["account_protected is true", "take that out of its record"]),
        ("keeps-organization", ["no request", "`offboarding`", "leave the account out with --limit"]),
        ("shared", ["provider_account_ids", "never a target", "account_kind: payer"]),
    ],
)
def test_an_account_that_may_not_be_touched_is_refused(records: Ran, host: str, parts: list[str]) -> None:
    """Bad input."""
    message = refused(records, host, "request")
    for part in parts:
        assert part in message
    failed = records.of(host, "Fail where the account was not handed back")["msg"]
    assert failed.startswith(f"account {host} (")
    assert message in failed


def test_every_fault_of_a_request_is_named_at_once(records: Ran) -> None:
    """E1."""
    account = records.account("only-rackspace")
    assert account["outcome"] == "refused"
    assert [part for part in FAULTS if part not in account["message"]] == []
    assert "only-rackspace" in records.of("only-rackspace", "Refuse an account whose record has faults")["msg"]


@pytest.mark.parametrize("option", ["--tags", "--skip-tags"])
def test_a_misspelt_tag_is_an_error_that_names_the_phases(onboarded: Desk, option: str) -> None:
    """A run that selects nothing must not look like success."""
    ran = onboarded.offboard(option, "cleenup")
    assert ran.status != 0
    for part in ("cleenup", "gates", "cleanup", "last_role", "handover", "schedule", "call_off"):
        assert part in ran.text
    assert ran.ledger == []


def test_what_is_read_in_every_run_cannot_be_skipped(onboarded: Desk) -> None:
    ran = onboarded.offboard("--skip-tags", "gates,residual")
    assert ran.status != 0
    assert "gates, residual cannot be skipped" in ran.text
    assert ran.ledger == []


# -- what check mode says already


@pytest.fixture(scope="module")
def rehearsed(onboarded: Desk) -> Ran:
    """Check mode at other moments than now."""
    payer = {"account_kind": "payer", "account_payer": "dedicated", "rehearsed": FIFTEENTH}
    hosts: dict[str, dict[str, Any]] = {
        "departing": {"rehearsed": SATURDAY, "offboarding": request("departing", overrides={})},
        "keeps-organization": payer,
        "only-rackspace": {"rehearsed": ""},
        "look-alikes-leaving": {"rehearsed": ""},
    }
    return onboarded.offboard(
        "--check", hosts=hosts, records=hosts, reverse_assumption_now="{{ rehearsed }}", account_regions=REGIONS
    )


def test_a_rehearsal_writes_nothing_and_fails_where_the_account_would_be_refused(rehearsed: Ran) -> None:
    """G1."""
    assert rehearsed.status != 0
    assert rehearsed.writes() == []
    outcomes = {account["host"]: account["outcome"] for account in rehearsed.report["accounts"]}
    assert outcomes == {
        "departing": "refused",
        "keeps-organization": "refused",
        "only-rackspace": "ready",
        "look-alikes-leaving": "ready",
    }


def test_a_dedicated_payer_is_not_handed_over_on_the_15th(rehearsed: Ran) -> None:
    """E2: hard, no override."""
    message = rehearsed.account("keeps-organization")["message"]
    assert "gate dedicated_payer is fail" in message
    assert "2031-04-15 is not after the 15th" in message
    assert "2031-04-16 or later; nothing overrides this" in message


def test_nothing_is_handed_over_on_a_saturday(rehearsed: Ran) -> None:
    """E2."""
    message = rehearsed.account("departing")["message"]
    assert "gate business_hours is fail" in message
    assert "Saturday" in message
    assert "overrides: {business_hours: <reason>}" in message
    assert "gate nearest_date is fail" in message


def test_a_refusal_of_check_mode_comes_after_everything_was_shown(rehearsed: Ran) -> None:
    """E2: all at once."""
    text = shown(rehearsed, "departing")
    for part in ("GATES", "PLAN", "RESIDUAL ACCESS", "MANUAL STEPS"):
        assert part in text
    assert "would be refused" in rehearsed.of("departing", "Fail where the account was not handed back")["msg"]


# -- what is found in the account


@pytest.fixture(scope="module")
def holder(onboarded: Desk) -> Iterator[subprocess.Popen[str]]:
    """A run that works on an account: a process that lives, and its lock."""
    command = [sys.executable, "-c", HOLDER, "ansible-playbook", RUN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as living:
        try:
            assert living.stdout
            folder = onboarded.folder / "journal" / "locks"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{ONLY}.lock").write_text(living.stdout.readline())
            yield living
        finally:
            living.kill()


@pytest.fixture(scope="module")
def found(onboarded: Desk, provider: Provider, rehearsed: Ran, holder: Any) -> Ran:
    """A run over accounts that are not ready, each for several reasons; what was planted is taken away afterwards."""
    take_away = plant(provider)
    yesterday = {**confirmed("billing@provider.example"), "at": moment(days=1, hours=1)}
    unsigned = {"generated_by": "aws", "provider_signed_at": "2026-01-02"}
    federated = confirmed(principal=f"arn:aws:iam::{KEEPS}:role/FederatedAdmin")
    hosts: dict[str, dict[str, Any]] = {
        "departing": {"said": "", "offboarding": request("departing", {"balance_current": yesterday})},
        "keeps-organization": {
            "said": DEPARTING,
            "offboarding": request(
                "keeps-organization", {"consent_to_assignment": unsigned, "customer_way_in": federated}
            ),
        },
        "only-rackspace": {"said": ONLY},
        "look-alikes-leaving": {
            "said": LOOK_ALIKES,
            "reverse_assumption_calendar": {"time_zone": TIME_ZONE, "holidays": [TODAY]},
            "offboarding": request("look-alikes-leaving", overrides={}, accept_topic_users={}),
        },
    }
    ran = onboarded.offboard(hosts=hosts, records=hosts, confirm="{{ said }}", account_regions=REGIONS)
    take_away()
    return ran


def plant(provider: Provider) -> Callable[[], None]:
    """Make ways in and a federated administrator; return what takes them away."""
    s3, kms = provider(DEPARTING, "s3"), provider(DEPARTING, "kms", "us-west-2")
    s3.create_bucket(Bucket=BUCKET)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{MANAGEMENT}:root", Operations=["Decrypt"])
    iam = provider(KEEPS, "iam")
    saml = iam.create_saml_provider(Name="portal", SAMLMetadataDocument=SAML.format("x" * 1000))["SAMLProviderArn"]
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": saml},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    iam.create_role(
        RoleName="FederatedAdmin",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    iam.attach_role_policy(RoleName="FederatedAdmin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    def take_away() -> None:
        s3.delete_bucket_policy(Bucket=BUCKET)
        kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])

    return take_away


def test_nothing_is_written_in_accounts_that_are_not_ready(found: Ran) -> None:
    assert found.status != 0
    assert found.writes() == []
    assert found.report["totals"]["refused"] == 4


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("departing", ["there is no confirmation", f"say -e confirm={DEPARTING}"]),
        (
            "departing",
            ["gate balance_current is fail", "and the run is on", "offboarding.confirmations.balance_current"],
        ),
        (
            "departing",
            [f"arn:aws:s3:::{BUCKET} in us-east-1 is a way in that nobody accepted", SHARED, "accept_residual"],
        ),
        ("departing", ["arn:aws:kms:us-west-2", "in us-west-2 is a way in that nobody accepted", MANAGEMENT]),
        ("keeps-organization", [f"confirm is '{DEPARTING}'", f"say -e confirm={KEEPS}"]),
        (
            "keeps-organization",
            ["gate consent_to_assignment is fail", "not signed by the customer", "customer_signed_at"],
        ),
        (
            "keeps-organization",
            ["gate customer_way_in is unknown", "FederatedAdmin", "saml-provider/portal", "name another role or user"],
        ),
        ("look-alikes-leaving", ["gate business_hours is fail", TODAY]),
        (
            "look-alikes-leaving",
            [
                "gate topic_users is fail",
                "orders-latency",
                "rackspace-support-urgent",
                "offboarding.accept_topic_users",
            ],
        ),
    ],
)
def test_an_account_that_is_not_ready_is_refused(found: Ran, host: str, parts: list[str]) -> None:
    """Bad input: every reason at once, each with its fix."""
    message = refused(found, host, "approval")
    assert message.startswith("nothing was written: ")
    for part in parts:
        assert part in message


@pytest.mark.parametrize("host", ["departing", "keeps-organization", "look-alikes-leaving"])
def test_a_refusal_is_written_down(onboarded: Desk, found: Ran, host: str) -> None:
    """Evidence, though nothing was done."""
    events = [(entry["event"], entry["data"].get("outcome")) for entry in onboarded.journal(host)]
    assert events == [("gates_answered", None), ("stopped", "refused")]


def test_an_account_that_another_run_works_on_is_refused(onboarded: Desk, found: Ran) -> None:
    """Issue 3, 10: who holds it, since when, and how to break it."""
    message = refused(found, "only-rackspace", "lock")
    for part in (RUN, "nothing was written", "delete", f"{ONLY}.lock"):
        assert part in message
    assert found.calls(ONLY) == []
    assert not onboarded.journal_exists("only-rackspace")
    assert (onboarded.folder / "journal" / "locks" / f"{ONLY}.lock").exists()


# -- an approved plan


@pytest.fixture(scope="module")
def approved(onboarded: Desk, provider: Provider, rehearsed: Ran, found: Ran, holder: subprocess.Popen[str]) -> Ran:
    """A run with plans that are not what the account is about any more; the other run is over, and left its lock."""
    holder.kill()
    holder.wait()
    for host in ACCOUNTS:
        assert plan_file(onboarded, host).exists()
    provider(DEPARTING, "sns").subscribe(
        TopicArn=STANDARD,
        Protocol="email",
        Endpoint="operations@departing.example",
    )
    tampered = json.loads(plan_file(onboarded, "keeps-organization").read_text())
    row = next(row for row in tampered["targets"] if row["default"] == "logs_bucket")
    row.update(action="remove", resources=["arn:aws:s3:::5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d22-logs"])
    changed = onboarded.file(tampered, "tampered")
    files = {
        "departing": plan_file(onboarded, "departing"),
        "keeps-organization": changed,
        "only-rackspace": plan_file(onboarded, "departing"),
        "look-alikes-leaving": onboarded.folder / "no-such-plan.json",
    }
    hosts: dict[str, dict[str, Any]] = {
        host: {"approved": str(file), "offboarding": ready(host)} for host, file in files.items()
    }
    return onboarded.offboard(hosts=hosts, records=hosts, plan="{{ approved }}", account_regions=REGIONS)


def ready(host: str) -> dict[str, Any]:
    """Return a request in which nothing is missing."""
    signed = {"generated_by": "aws", "provider_signed_at": "2026-01-02", "customer_signed_at": "2026-01-03"}
    accepted = {"accept_residual": {STANDARD: "the customer reads it too"}} if host == "departing" else {}
    return request(host, {"consent_to_assignment": signed} if host == "keeps-organization" else None, **accepted)


def plan_file(desk: Desk, host: str) -> Path:
    return desk.folder / "handover" / host / "plan.json"


def test_nothing_is_written_with_a_plan_that_is_not_this_account_s_as_it_is(approved: Ran) -> None:
    assert approved.status != 0
    assert approved.writes() == []
    assert {account["outcome"] for account in approved.report["accounts"]} == {"refused"}


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        (
            "departing",
            [
                "no longer matches the approved plan",
                "support_standard_topic in us-east-1: remove was approved, keep would be done",
                "make the plan anew with --check",
            ],
        ),
        ("keeps-organization", ["tampered", "was changed after it was made", "make it anew with --check"]),
        ("only-rackspace", [f"is that of account {DEPARTING}", "name this account's"]),
        ("look-alikes-leaving", ["no-such-plan.json cannot be read", "make it anew with --check"]),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(approved: Ran, host: str, parts: list[str]) -> None:
    """Bad input: a stale plan, one that was changed, another account's, and none."""
    message = refused(approved, host, "cleanup")
    for part in parts:
        assert part in message


def test_the_lock_of_a_run_that_died_is_taken_over_and_given_back(onboarded: Desk, approved: Ran) -> None:
    """Issue 3, 10."""
    told = approved.of("only-rackspace", "Tell of another run")["msg"]
    assert RUN in told
    assert "was cut off; its lock is taken over" in told
    assert list((onboarded.folder / "journal" / "locks").glob("*.lock")) == []


# -- accounts in another state


def test_an_account_that_was_never_onboarded_is_refused(
    onboarded: Desk, offboarding: Emulator, provider: Provider
) -> None:
    """Bad input: nothing in it is provably the provider's."""
    number = new_account(provider, "newcomer")
    offboarding.change_account(number, regions=REGIONS)
    record = {
        **RECORDS["departing"],
        "account_id": number,
        "account_uuid": "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d99",
        "account_name": "newcomer",
        "offboarding": {
            **request("departing", {"customer_way_in": confirmed()}, new_root_email="aws-root@newcomer.example"),
            "billing_principals": [],
        },
    }
    ran = onboarded.offboard(hosts=["newcomer"], records={"newcomer": record}, confirm=number)
    assert ran.status != 0
    assert ran.writes() == []
    message = ran.account("newcomer")["message"]
    assert "never onboarded" in message
    assert "account_uuid" in message


def test_another_moment_than_now_is_for_check_mode_only(onboarded: Desk) -> None:
    """A rehearsal must not open a gate of a real run."""
    whole = request("departing", overrides={}, **same_address("departing"))
    ran = onboarded.offboard(
        hosts=["departing"], records={"departing": {"offboarding": whole}}, reverse_assumption_now=FIFTEENTH
    )
    assert ran.status != 0
    assert ran.writes() == []
    assert "is for rehearsals; take it out, or run with --check" in ran.account("departing")["message"]
