# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a policy says of a delivery, and that nothing is said where only AWS can judge."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.admission import (
    ALLOWED,
    DENIED,
    NOT_ALLOWED,
    UNSURE,
    Request,
    decide,
)

QUEUE = "arn:aws:sqs:us-east-1:222222222222:rackspace-support"
TOPIC = "arn:aws:sns:us-east-1:111111111111:rackspace-support-urgent"
CONTEXT = {"aws:sourcearn": TOPIC, "aws:sourceaccount": "111111111111", "aws:securetransport": "true"}
SNS = {"Service": "sns.amazonaws.com"}
REQUEST = Request({"Service": {"sns.amazonaws.com"}}, "sqs:SendMessage", QUEUE, CONTEXT)


def statement(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": SNS, "Action": "sqs:SendMessage", "Resource": QUEUE, **parts}


def asked(*statements: dict[str, Any]) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return decide(document, REQUEST)


def where(operator: str, key: str, *values: str) -> dict[str, Any]:
    return statement(Condition={operator: {key: list(values)}})


@pytest.mark.parametrize(
    "given",
    [
        statement(),
        statement(Principal="*"),
        statement(Principal={"AWS": "*"}),
        statement(Principal={"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}),
        statement(Action="SQS:Send*"),
        statement(Action=["sqs:*"], Resource="*"),
        where("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111111111111:rackspace-support*"),
        where("ArnEquals", "AWS:SourceArn", "arn:aws:sns:*:*:other", TOPIC),
        where("StringLike", "aws:SourceArn", "arn:aws:sns:*"),
        where("StringEquals", "aws:SourceAccount", "111111111111"),
        where("StringNotEquals", "aws:SourceAccount", "333333333333"),
        where("Bool", "aws:SecureTransport", "true"),
    ],
)
def test_a_statement_that_applies_admits(given: dict[str, Any]) -> None:
    assert asked(given) == ALLOWED


@pytest.mark.parametrize(
    "given",
    [
        statement(Principal={"Service": "events.amazonaws.com"}),
        statement(Principal={"AWS": "111111111111"}),
        statement(Action="sqs:ReceiveMessage"),
        statement(Resource=f"{QUEUE}-other"),
        where("ArnLike", "aws:SourceArn", "arn:aws:sns:*:333333333333:rackspace-support*"),
        where("ArnLike", "aws:SourceArn", "arn:aws:sns:*:rackspace-support*"),
        where("StringEquals", "aws:SourceArn", "arn:aws:sns:*:111111111111:rackspace-support*"),
        where("StringEquals", "aws:SourceAccount", "333333333333"),
    ],
)
def test_a_statement_that_does_not_apply_admits_nobody(given: dict[str, Any]) -> None:
    assert asked(given) == NOT_ALLOWED


def test_no_policy_admits_nobody() -> None:
    assert decide(None, REQUEST) == NOT_ALLOWED


def test_a_denial_is_stronger_than_what_allows() -> None:
    assert asked(statement(), statement(Effect="Deny", Principal="*", Action="*")) == DENIED


def test_a_denial_of_others_does_not_count() -> None:
    deny = {**where("StringNotEquals", "aws:SourceAccount", "111111111111"), "Effect": "Deny"}
    assert asked(statement(), deny) == ALLOWED


@pytest.mark.parametrize(
    "given",
    [
        where("StringEquals", "aws:SourceOrgID", "o-example"),
        where("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        statement(Condition={"ForAnyValue:StringEquals": {"aws:SourceAccount": ["111111111111"]}}),
    ],
)
def test_what_only_aws_can_judge_is_no_answer(given: dict[str, Any]) -> None:
    """G5: neither right nor wrong."""
    assert asked(given) == UNSURE
    assert asked(statement(), {**given, "Effect": "Deny"}) == UNSURE


def test_what_is_admitted_anyway_needs_no_other_answer() -> None:
    assert asked(statement(), where("StringEquals", "aws:SourceOrgID", "o-example")) == ALLOWED


def test_a_condition_that_fails_is_an_answer_whatever_the_others_are() -> None:
    condition = {"StringEquals": {"aws:SourceOrgID": "o-example", "aws:SourceAccount": "333333333333"}}
    assert asked(statement(Condition=condition)) == NOT_ALLOWED
