# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a statement does: whom it lets in, and whom it only names (E9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, PROVIDER
from tests.unit.residual.searching import (
    CUSTOMER,
    DOMAIN,
    MANAGEMENT,
    ORGANIZATION,
    THIRD_PARTY,
    allows,
    document,
    names,
    root,
    trust,
)

SERVICE = {"Service": "sns.amazonaws.com"}
ROLE = f"arn:aws:iam::{PROVIDER}:role/path/deploy"


def found(*statements: dict[str, Any], **changed: Any) -> list[str]:
    """Return whom a document of these statements names."""
    matches = names(**changed).in_document(document(*statements))
    return sorted({name for match in matches for name in match.names})


def where(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allows({"AWS": PROVIDER}), [PROVIDER]),
        (allows(root(PROVIDER)), [PROVIDER]),
        (allows({"AWS": f"arn:aws-us-gov:iam::{PROVIDER}:root"}), [PROVIDER]),
        (allows({"AWS": ROLE}), [PROVIDER]),
        (allows({"AWS": f"arn:aws:iam::{PROVIDER}:user/somebody"}), [PROVIDER]),
        (allows({"AWS": f"arn:aws:sts::{PROVIDER}:assumed-role/deploy/session"}), [PROVIDER]),
        (allows({"AWS": [CUSTOMER, ROLE, f"arn:aws:iam::{MANAGEMENT}:root"]}), [MANAGEMENT, PROVIDER]),
        (allows(root(THIRD_PARTY)), [THIRD_PARTY]),
        (allows({"Federated": f"arn:aws:iam::{PROVIDER}:saml-provider/theirs"}), [PROVIDER]),
        (allows({"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.{DOMAIN}"}), [DOMAIN]),
        (allows(root(CUSTOMER), **where("StringEquals", "aws:PrincipalOrgID", ORGANIZATION)), [ORGANIZATION]),
    ],
)
def test_principals_of_the_provider_are_found(statement: dict[str, Any], expected: list[str]) -> None:
    assert found(statement) == expected


@pytest.mark.parametrize(
    "condition",
    [
        where("StringEquals", "aws:PrincipalOrgID", ORGANIZATION),
        where("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORGANIZATION}/r-ab12/ou-ab12-1/*"),
        where("StringEquals", "AWS:sourceorgid", ORGANIZATION),
        where("StringEquals", "aws:PrincipalAccount", PROVIDER),
        where("StringEquals", "aws:SourceAccount", CUSTOMER, PROVIDER),
        where("StringEquals", "kms:CallerAccount", PROVIDER),
        where("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{PROVIDER}:role/*"),
        where("ArnEquals", "aws:SourceArn", f"arn:aws:sns:*:{PROVIDER}:*"),
        where("StringEquals", "aws:SourceVpce", "vpce-1", f"{PROVIDER}"),
    ],
)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, SERVICE])
def test_conditions_that_the_provider_meets_are_found(condition: dict[str, Any], principal: Any) -> None:
    """A service that delivers for the provider's resources is a way in as well as a caller of the provider."""
    assert found(allows(principal, **condition)) in ([ORGANIZATION], [PROVIDER])


@pytest.mark.parametrize(
    "statement",
    [
        allows(root(CUSTOMER)),
        allows(root(ACCOUNT)),
        allows({"AWS": f"arn:aws:iam::{ACCOUNT}:role/own"}),
        allows({"AWS": "AROAEXAMPLEEXAMPLE"}),
        allows(SERVICE),
        allows(SERVICE, **where("StringEquals", "aws:SourceAccount", ACCOUNT)),
        allows(root(CUSTOMER), Resource=f"arn:aws:s3:::bucket/AWSLogs/{PROVIDER}/*"),
        allows({"AWS": f"arn:aws:iam::{CUSTOMER}:role/x{PROVIDER}9"}),
        allows("*", **where("StringEquals", "aws:PrincipalOrgID", "o-customer0001")),
        allows("*", **where("StringEquals", "aws:PrincipalOrgID", f"{ORGANIZATION}x")),
        allows("*", **where("StringEquals", "aws:SourceAccount", ACCOUNT)),
        allows("*", **where("StringEquals", "kms:CallerAccount", ACCOUNT)),
        allows("*", **where("StringEquals", "s3:DataAccessPointArn", f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/*")),
        allows("*", **where("Bool", "aws:PrincipalIsAWSService", "true")),
        allows("*", **where("Bool", "elasticfilesystem:AccessedViaMountTarget", "true")),
        allows({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/own"}),
    ],
)
def test_whom_the_provider_is_not_is_not_found(statement: dict[str, Any]) -> None:
    assert found(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        allows(root(PROVIDER), effect="Deny"),
        allows("*", effect="Deny", **where("StringEquals", "aws:PrincipalOrgID", ORGANIZATION)),
        allows("*", effect="Deny"),
        {"Effect": "Deny", "NotPrincipal": root(PROVIDER), "Action": "*", "Resource": "*"},
        allows(root(CUSTOMER), **where("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION)),
        allows(root(CUSTOMER), **where("ArnNotLike", "aws:PrincipalArn", ROLE)),
        allows(root(CUSTOMER), **where("StringEquals", "aws:ResourceOrgID", ORGANIZATION)),
        allows(root(CUSTOMER), **where("StringEquals", "aws:ResourceAccount", PROVIDER)),
        allows(root(CUSTOMER), **where("StringEquals", "sts:ExternalId", PROVIDER)),
    ],
)
def test_statements_that_only_mention_the_provider_are_no_way_in(statement: dict[str, Any]) -> None:
    assert found(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        allows("*"),
        allows({"AWS": ["*", CUSTOMER]}),
        allows("*", **where("StringEquals", "sts:ExternalId", "secret")),
        allows("*", **where("IpAddress", "aws:SourceIp", "192.0.2.0/24")),
        allows("*", **where("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION)),
        allows("*", **where("StringLike", "aws:PrincipalOrgID", "o-*")),
        allows("*", **where("StringLike", "kms:CallerAccount", "12345*")),
        allows("*", **where("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Rackspace")),
        allows("*", **where("StringEqualsIfExists", "kms:CallerAccount", ACCOUNT)),
        allows("*", **where("Bool", "aws:PrincipalIsAWSService", "false")),
        {"Effect": "Allow", "NotPrincipal": root(CUSTOMER), "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "NotPrincipal": root(PROVIDER), "Action": "*", "Resource": "*"},
    ],
)
def test_what_is_open_to_the_world_is_open_to_the_provider(statement: dict[str, Any]) -> None:
    assert found(statement) == ["*"]


def test_a_condition_that_holds_only_where_its_key_is_there_admits_the_rest_of_the_world() -> None:
    statement = allows("*", **where("StringEqualsIfExists", "aws:PrincipalOrgID", ORGANIZATION))
    assert found(statement) == ["*", ORGANIZATION]


def test_the_account_itself_is_nobody_elses_though_it_is_one_of_the_providers() -> None:
    """A payer that is handed over is one of provider_account_ids."""
    assert found(allows(root(ACCOUNT)), accounts={ACCOUNT, PROVIDER}) == []


def test_without_anybody_to_search_for_only_the_world_is_found() -> None:
    nobody: dict[str, Any] = {"accounts": set(), "organization": "", "identity_providers": []}
    assert found(allows(root(PROVIDER)), allows({"AWS": CUSTOMER}), **nobody) == []
    assert found(allows("*"), **nobody) == ["*"]


def test_each_statement_that_lets_somebody_in_is_told_in_words() -> None:
    matches = names().in_document(
        document(
            allows(root(CUSTOMER)),
            allows({"AWS": [CUSTOMER, ROLE]}, "s3:GetObject", Sid="Theirs"),
            allows("*", "sns:Publish", **where("StringEquals", "aws:PrincipalOrgID", ORGANIZATION)),
            allows(SERVICE, **where("StringEquals", "aws:SourceAccount", PROVIDER)),
            {"Effect": "Allow", "NotPrincipal": root(CUSTOMER), "NotAction": "s3:Get*", "Resource": "*"},
        )
    )
    assert [match.detail for match in matches] == [
        f"statement Theirs allows s3:GetObject to {ROLE}",
        f"statement 3 allows sns:Publish to everybody where aws:PrincipalOrgID is {ORGANIZATION}",
        f"statement 4 allows * to sns.amazonaws.com where aws:SourceAccount is {PROVIDER}",
        f"statement 5 allows everything but s3:Get* to everybody but {CUSTOMER}",
    ]


def test_many_actions_are_counted() -> None:
    statement = allows(root(PROVIDER))
    statement["Action"] = ["a:1", "a:2", "a:3", "a:4", "a:5"]
    assert "allows a:1, a:2, a:3 and 2 more to" in names().in_document(document(statement))[0].detail


def test_no_external_id_is_ever_told() -> None:
    for principal in (root(PROVIDER), "*"):
        matches = names().in_document(trust(principal, **where("StringEquals", "sts:ExternalId", "hush")))
        assert [match.detail for match in matches if "hush" in match.detail] == []
        assert "under conditions on sts:ExternalId" in matches[0].detail


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("all", {"*"}),
        ("*", {"*"}),
        (PROVIDER, {PROVIDER}),
        (f"arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}", {MANAGEMENT, ORGANIZATION}),
        (CUSTOMER, set()),
        ("", set()),
    ],
)
def test_principals_of_permissions(principal: str, expected: set[str]) -> None:
    assert names().in_principal(principal) == expected


def test_an_absent_document_lets_nobody_in() -> None:
    assert names().in_document(None) == []
    assert names().in_document("") == []
