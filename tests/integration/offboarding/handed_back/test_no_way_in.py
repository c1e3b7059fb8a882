# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Afterwards nobody of the provider comes in, shown by trying; and what only the customer can remove, it can (E9)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.offboarding.desk import (
    ACCOUNTS,
    CUSTOMER_PAYER,
    DEPARTING,
    EXTERNAL_ID,
    KEEPS,
    LOOK_ALIKES,
    ONLY,
)
from tests.integration.offboarding.handed_back.accounts import HandedBack
from tests.integration.offboarding.shell import run
from tests.integration.onboarding.controller import MANAGEMENT, ORGANIZATION_ROLE, SHARED

HOSTS = list(ACCOUNTS)
#: what the provider's callers know and may give
EXTERNAL_IDS: tuple[dict[str, str], ...] = ({}, {"ExternalId": EXTERNAL_ID}, {"ExternalId": "demo-cloudhealth-5e21"})
REFUSED = {"AccessDenied", "InvalidClientTokenId", "ExpiredToken"}


@pytest.fixture(scope="module")
def callers(handed_back: HandedBack) -> dict[str, boto3.Session]:
    """Every kind of principal that the provider has, each with a role of its own that it can still assume."""
    here = handed_back.provider
    sessions = {
        "the base user": here.session(MANAGEMENT),
        "the shared account's role": here.session(SHARED),
        "the role in the customer's payer": here.session(CUSTOMER_PAYER),
    }
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    for account, name in ((MANAGEMENT, "management"), (SHARED, "shared")):
        iam = here(account, "iam")
        document = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{**trust, "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}],
            }
        )
        iam.create_role(RoleName="Tooling", AssumeRolePolicyDocument=document)
        sessions[f"a role of the {name} account"] = here.assume(
            here.session(account), f"arn:aws:iam::{account}:role/Tooling"
        )
        iam.create_user(UserName="engineer")
        iam.attach_user_policy(UserName="engineer", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        key = iam.create_access_key(UserName="engineer")["AccessKey"]
        sessions[f"a user of the {name} account"] = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    everybody = [f"arn:aws:iam::{account}:root" for account in (MANAGEMENT, SHARED, CUSTOMER_PAYER)]
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, "Principal": {"AWS": everybody}}]})
    here(SHARED, "iam").create_role(RoleName="Control", AssumeRolePolicyDocument=document)
    return sessions


def refusal(here: HandedBack, session: boto3.Session, role: str, given: dict[str, str]) -> str:
    """Return the error's code, "" where the caller is let in."""
    sts = here.provider.client(session, "sts", "us-east-1")
    try:
        sts.assume_role(RoleArn=role, RoleSessionName="test", **given)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def roles(here: HandedBack, host: str) -> Iterator[str]:
    """Return the ARNs of an account's roles, as its owner sees them, and of those that were there."""
    yield from {
        what["Arn"]
        for held in (here.onboarded[host], here.after[host])
        for at, what in held.items()
        if at[0] == "role" and len(at) == 2
    }


def test_every_caller_can_still_assume_another_role(handed_back: HandedBack, callers: dict[str, boto3.Session]) -> None:
    """Or the refusals below would prove nothing."""
    control = f"arn:aws:iam::{SHARED}:role/Control"
    answers = {name: refusal(handed_back, session, control, {}) for name, session in callers.items()}
    assert answers == dict.fromkeys(callers, "")


@pytest.mark.parametrize("host", HOSTS)
def test_nobody_of_the_provider_can_assume_any_role_of_the_account(
    handed_back: HandedBack, callers: dict[str, boto3.Session], host: str
) -> None:
    """E9: each caller, each role that there is or was, with every external id that the provider knows."""
    found = sorted(roles(handed_back, host))
    assert len(found) >= 4
    own = (f"arn:aws:iam::{KEEPS}:role/{ORGANIZATION_ROLE}", "the role in the customer's payer")
    let_in = [
        (role, name)
        for role in found
        for name, session in callers.items()
        for given in EXTERNAL_IDS
        if (role, name) != own and refusal(handed_back, session, role, given) != "AccessDenied"
    ]
    assert let_in == []


@pytest.mark.parametrize("number", [DEPARTING, KEEPS, ONLY, LOOK_ALIKES])
def test_a_session_from_before_may_do_nothing_any_more(handed_back: HandedBack, number: str) -> None:
    """Whoever still holds temporary credentials of the provider's role."""
    session = handed_back.former[f"Rackspace in {number}"]
    iam = handed_back.provider.client(session, "iam", "us-east-1")
    with pytest.raises(ClientError) as refused:
        iam.list_users()
    assert refused.value.response["Error"]["Code"] in REFUSED
    with pytest.raises(ClientError):
        iam.create_role(RoleName="Back-Door", AssumeRolePolicyDocument="{}")


@pytest.mark.parametrize("number", [DEPARTING, LOOK_ALIKES])
def test_a_session_of_the_organization_s_role_may_do_nothing_any_more(handed_back: HandedBack, number: str) -> None:
    iam = handed_back.provider.client(handed_back.former[number], "iam", "us-east-1")
    with pytest.raises(ClientError) as refused:
        iam.list_users()
    assert refused.value.response["Error"]["Code"] in REFUSED


def test_the_way_of_the_kept_organization_is_its_own_and_is_told(handed_back: HandedBack) -> None:
    """Only through the customer's payer, by the role that stays."""
    text = handed_back.desk.handed_over("keeps-organization", "handover.md")
    assert f"its management account {CUSTOMER_PAYER} can assume the role {ORGANIZATION_ROLE}" in text


def test_the_provider_s_role_in_the_customer_s_payer_is_listed_for_the_customer_to_remove(
    handed_back: HandedBack, callers: dict[str, boto3.Session]
) -> None:
    """E9: the chain base user, ProviderBilling, OrganizationAccountAccessRole is open until the customer removes it."""
    role = f"arn:aws:iam::{KEEPS}:role/{ORGANIZATION_ROLE}"
    assert refusal(handed_back, callers["the role in the customer's payer"], role, {}) == ""
    assert "ProviderBilling" in handed_back.desk.handed_over("keeps-organization", "handover.md")


@pytest.mark.parametrize("host", ["departing", "only-rackspace", "look-alikes-leaving"])
def test_the_line_that_the_customer_is_given_removes_what_is_left(handed_back: HandedBack, host: str) -> None:
    """Run as it is printed, by the customer's administrator."""
    record = json.loads(handed_back.desk.handed_over(host, "record.json"))
    lines = {role["role"]: role["customer_line"] for role in record["roles"] if role["customer_line"]}
    assert len(lines) == 1
    iam = handed_back.owners(ACCOUNTS[host], "iam")
    for name, line in lines.items():
        assert iam.get_role(RoleName=name)
        run(handed_back.owners.session(ACCOUNTS[host]), handed_back.owners.url, line)
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.get_role(RoleName=name)
