# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Policy documents: equal ones are equal, others' statements stay, and what opens to the world is seen."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies

THEIRS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "555555555555"},
    "Action": ["s3:PutObject", "s3:GetObject"],
    "Resource": "arn:aws:s3:::b/*",
    "Condition": {"Bool": {"aws:SecureTransport": True}},
}
NAMELESS = {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "Resource": "*"}
OURS = {"Sid": "Ours", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}


def public(condition: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return a statement that allows everybody, under a condition."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*", **changed}
    return {**statement, "Condition": condition} if condition else statement


# --- canonical forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "s3:GetObject"}, {"Action": ["s3:GetObject"]}),
        ({"Action": ["b:B", "a:A"]}, {"Action": ["a:A", "b:B", "a:A"]}),
        ({"NotAction": "a:A"}, {"NotAction": ["a:A"]}),
        ({"Resource": ["y", "x"]}, {"Resource": ["x", "y"]}),
        ({"NotResource": "x"}, {"NotResource": ["x"]}),
        ({"Principal": "*"}, {"Principal": {"AWS": ["*"]}}),
        ({"Principal": {"AWS": "111111111111"}}, {"Principal": {"AWS": ["arn:aws:iam::111111111111:root"]}}),
        ({"Principal": {"Service": ["b", "a"]}}, {"Principal": {"Service": ["a", "b"]}}),
        ({"NotPrincipal": {"AWS": "111111111111"}}, {"NotPrincipal": {"AWS": "arn:aws:iam::111111111111:root"}}),
        ({"Condition": {"Bool": {"k": True}}}, {"Condition": {"Bool": {"k": ["true"]}}}),
        ({"Condition": {"NumericLessThan": {"k": 5}}}, {"Condition": {"NumericLessThan": {"k": "5"}}}),
        ({"Condition": {"StringEquals": {"k": ["b", "a"]}}}, {"Condition": {"StringEquals": {"k": ["a", "b"]}}}),
    ],
)
def test_two_ways_to_write_a_statement_are_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    """G2: AWS returns documents in another form than they were put."""
    assert policies.canonical(one) == policies.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Effect": "Allow"}, {"Effect": "Deny"}),
        ({"Action": "a:A"}, {"NotAction": "a:A"}),
        ({"Principal": {"AWS": "x"}}, {"NotPrincipal": {"AWS": "x"}}),
        ({"Principal": {"AWS": "x"}}, {"Principal": {"Service": "x"}}),
        ({"Action": "a:A", "Condition": {"StringEquals": {"k": "v"}}}, {"Action": "a:A"}),
        ({"Condition": {"StringEquals": {"k": "v"}}}, {"Condition": {"StringLike": {"k": "v"}}}),
        ({"Principal": {"AWS": "111111111111"}}, {"Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}}),
        ({"Principal": {"Federated": "111111111111"}}, {"Principal": {"AWS": "111111111111"}}),
    ],
)
def test_statements_that_differ_in_meaning_stay_different(one: dict[str, Any], other: dict[str, Any]) -> None:
    """G7: drift is seen."""
    assert policies.canonical(one) != policies.canonical(other)


def test_a_canonical_statement_is_its_own_canonical_form() -> None:
    """G2."""
    once = policies.canonical(THEIRS)

    assert policies.canonical(once) == once


def test_canonical_leaves_its_argument_as_it_is() -> None:
    """G9: the raw statement is what is written back."""
    before = copy.deepcopy(THEIRS)

    policies.canonical(THEIRS)

    assert before == THEIRS


def test_documents_are_equal_whatever_the_order_of_their_statements() -> None:
    """G2."""
    one = policies.canonical_document({"Statement": [OURS, THEIRS]})

    assert one == policies.canonical_document(json.dumps({"Statement": [THEIRS, OURS]}))


@pytest.mark.parametrize("absent", [None, "", {}])
def test_an_absent_document_has_no_statements(absent: Any) -> None:
    """Absence is data."""
    assert policies.parse(absent) == {"Version": "2012-10-17", "Statement": []}


def test_a_single_statement_outside_of_a_list_is_read() -> None:
    """The grammar allows it."""
    assert policies.statements({"Statement": THEIRS}) == [policies.canonical(THEIRS)]


# --- merge and own


def test_merge_keeps_others_statements_as_they_were_and_in_their_order() -> None:
    """G9: not even their form changes."""
    document = {"Version": "2008-10-17", "Id": "x", "Statement": [NAMELESS, {**OURS, "Effect": "Allow"}, THEIRS]}
    kept = copy.deepcopy(document)

    merged = policies.merge(json.dumps(document), [OURS], ["Ours"])

    assert merged == {**kept, "Statement": [NAMELESS, THEIRS, OURS]}
    assert json.dumps(merged["Statement"][:2]) == json.dumps([NAMELESS, THEIRS])
    assert document == kept


def test_merge_takes_out_our_statements_that_are_no_longer_wanted() -> None:
    """G9: all statement ids that we ever used are ours."""
    document = {"Statement": [{**OURS, "Sid": "Former"}, THEIRS]}

    assert policies.merge(document, [OURS], ["Ours", "Former"])["Statement"] == [THEIRS, OURS]


def test_merge_of_nothing_is_our_statements_in_the_current_version() -> None:
    """AWS reads a document without a version as one of 2008."""
    assert policies.merge(None, [OURS], ["Ours"]) == {"Version": "2012-10-17", "Statement": [OURS]}


def test_merge_keeps_a_single_statement_outside_of_a_list() -> None:
    """G9."""
    assert policies.merge({"Statement": THEIRS}, [OURS], ["Ours"])["Statement"] == [THEIRS, OURS]


def test_merge_twice_is_merge_once() -> None:
    """G2."""
    once = policies.merge({"Statement": [THEIRS]}, [OURS], ["Ours"])

    assert policies.merge(json.dumps(once), [OURS], ["Ours"]) == once


def test_own_are_the_statements_with_our_ids_only_sorted_by_id() -> None:
    """G9: a statement without an id is never ours."""
    document = {"Statement": [{**OURS, "Sid": "B"}, THEIRS, NAMELESS, {**OURS, "Sid": "A"}]}

    assert [statement["Sid"] for statement in policies.own(document, ["A", "B", "C"])] == ["A", "B"]


# --- what opens to the world


@pytest.mark.parametrize(
    "statement",
    [
        public(),
        public(Principal={"AWS": "*"}),
        public(Principal={"AWS": ["arn:aws:iam::111111111111:root", "*"]}),
        {"Effect": "Allow", "NotPrincipal": {"AWS": "555555555555"}, "Action": "s3:*", "Resource": "*"},
        public({"Bool": {"aws:SecureTransport": "true"}}),
        public({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        public({"StringEquals": {"aws:PrincipalType": "Account"}}),
        public({"StringLike": {"aws:PrincipalOrgID": "*"}}),
        public({"StringLike": {"aws:PrincipalAccount": ["111111111111", "*"]}}),
        public({"ArnLike": {"aws:SourceArn": "*"}}),
        public({"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}),
        public({"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:*"}}),
        public({"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}}),
        public({"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}),
        public({"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}}),
        public({"Null": {"aws:PrincipalOrgID": "false"}}),
    ],
)
def test_it_opens_to_the_world(statement: dict[str, Any]) -> None:
    """Design, "Owned is": a foreign statement that opens to the world is a finding."""
    assert policies.opens_to_world(statement)


@pytest.mark.parametrize(
    "statement",
    [
        public(Effect="Deny"),
        public(Principal={"AWS": "arn:aws:iam::111111111111:root"}),
        public(Principal={"Service": "cloudtrail.amazonaws.com"}),
        public({"StringEquals": {"aws:SourceAccount": "111111111111"}}),
        public({"StringEquals": {"AWS:SourceOwner": "111111111111"}}),
        public({"StringEquals": {"aws:PrincipalOrgID": "o-example"}}),
        public({"StringEqualsIgnoreCase": {"aws:principalorgid": "o-example"}}),
        public({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}),
        public({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"}}),
        public({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111111111111:trail/*"}}),
        public({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-example/r-root/*"}}),
        public({"StringEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:SecureTransport": "true"}}),
    ],
)
def test_it_is_confined(statement: dict[str, Any]) -> None:
    """Design, "Owned is": a statement for known callers is no finding."""
    assert not policies.opens_to_world(statement)


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:SourceArn": "arn:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"ArnLike": {"aws:SourceArn": "arn:*:*:*:*:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
        {"StringLike": {"aws:PrincipalAccount": "????????????"}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:SourceAccount": "**"}},
    ],
    ids=json.dumps,
)
def test_a_wildcard_in_place_of_the_account_confines_nobody(condition: dict[str, Any]) -> None:
    """Anybody can have a role, a topic or an organization that such a pattern matches."""
    assert policies.opens_to_world(public(condition))


def test_for_all_values_confines_nobody() -> None:
    """IAM User Guide, "Set operators for multivalued context keys": true where the request has no such key."""
    assert policies.opens_to_world(public({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example"}}))


def test_a_user_id_with_any_session_name_is_confined() -> None:
    """IAM User Guide: aws:userid of a role is its unique id, a colon, and the session's name."""
    assert not policies.opens_to_world(public({"StringLike": {"aws:userid": ["AROAEXAMPLEID:*", "111111111111"]}}))


def test_findings_name_the_statements_of_others_only() -> None:
    """Ours are never findings; those of others by their id, else by their number."""
    document = {"Statement": [public(Sid="Theirs"), public(Sid="Ours"), THEIRS, public()]}

    found = policies.foreign_findings(document, ["Ours"], "topic t")

    assert found == (
        "statement Theirs of topic t opens it to the world and is not ours",
        "statement 4 of topic t opens it to the world and is not ours",
    )


def denying(**parts: Any) -> dict[str, Any]:
    return {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", **parts}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "denies s3:PutObject to *"),
        ({"Principal": {"AWS": "*"}, "Action": ["s3:b", "s3:a"]}, "denies s3:a, s3:b to *"),
        ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, "denies s3:PutObject to cloudtrail.amazonaws.com"),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, "denies s3:PutObject to *"),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, "denies s3:PutObject to *"),
    ],
    ids=str,
)
def test_a_foreign_statement_that_may_deny_a_service_is_a_finding(parts: dict[str, Any], said: str) -> None:
    """A Deny outdoes what ours allow, and ours look right beside it."""
    found = policies.foreign_findings({"Statement": [denying(**parts)]}, ["Ours"], "bucket b")

    assert found == (f"statement No of bucket b {said} and is not ours",)


def test_what_a_foreign_statement_leaves_out_of_its_deny_is_said() -> None:
    """NotPrincipal and NotAction deny everything else."""
    statement = denying(NotPrincipal={"AWS": "111111111111"}, NotAction=["s3:Get*"])
    del statement["Principal"], statement["Action"]

    (found,) = policies.foreign_findings({"Statement": [statement]}, [], "bucket b")

    assert found == "statement No of bucket b denies all but s3:Get* to all but 111111111111 and is not ours"


@pytest.mark.parametrize(
    "parts",
    [
        {"Sid": "Ours"},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
        {"Condition": {"bool": {"AWS:SecureTransport": "false"}}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}},
    ],
    ids=str,
)
def test_a_deny_that_no_service_meets_is_no_finding(parts: dict[str, Any]) -> None:
    """Ours, the common one without TLS, and that of a named role."""
    assert policies.foreign_findings({"Statement": [denying(**parts)]}, ["Ours"], "bucket b") == ()


# --- principals and external ids


def test_principals_are_all_that_a_trust_policy_allows() -> None:
    """G9: a role is ours if it trusts only the expected ones, so none may be missed."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    document = {
        "Statement": [
            {**allow, "Principal": {"AWS": ["111111111111", "arn:aws:iam::222222222222:role/r"]}},
            {**allow, "Principal": {"Service": "config.amazonaws.com", "Federated": "cognito"}},
            {**allow, "Effect": "Deny", "Principal": {"AWS": "333333333333"}},
        ]
    }

    assert policies.principals(document) == {
        "111111111111",
        "arn:aws:iam::222222222222:role/r",
        "config.amazonaws.com",
        "cognito",
    }


@pytest.mark.parametrize("everybody", [{"Principal": "*"}, {"NotPrincipal": {"AWS": "111111111111"}}])
def test_everybody_is_a_principal(everybody: dict[str, Any]) -> None:
    """G9: a trust in everybody is never only the expected one."""
    assert "*" in policies.principals({"Statement": [{"Effect": "Allow", **everybody}]})


@pytest.mark.parametrize("key", ["sts:ExternalId", "STS:externalid", "sts:ExternalID"])
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ForAnyValue:StringEquals"])
def test_external_ids_are_shown_as_fingerprints_only(key: str, operator: str) -> None:
    """Design, "Runs": condition keys and operators are case-insensitive, and so is hiding them."""
    document = {"Statement": [{"Effect": "Allow", "Condition": {operator: {key: ["secret-1", "secret-2"]}}}]}

    shown = policies.without_external_ids(policies.canonical_document(document))

    assert "secret" not in json.dumps(shown)
    values = shown[0]["Condition"][operator][key]
    assert values == sorted([policies.fingerprint("secret-1"), policies.fingerprint("secret-2")])


def test_hiding_external_ids_changes_nothing_else() -> None:
    """G7: the rest of the trust is compared in full."""
    found = policies.canonical_document({"Statement": [THEIRS, NAMELESS]})

    assert policies.without_external_ids(found) == found


def test_different_external_ids_have_different_fingerprints_of_one_short_form() -> None:
    """A changed external id is drift, though neither is shown."""
    one, other = policies.fingerprint("one"), policies.fingerprint("other")

    assert one != other
    assert len(one) == len(other) == len("sha256:") + 12
