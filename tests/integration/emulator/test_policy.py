"""The evaluator of policy documents, where calls alone would not show it."""

from __future__ import annotations

import pytest

from emulator.policy import Principal, evaluate, evaluate_identity

CALLER = Principal("111111111111", "arn:aws:sts::111111111111:assumed-role/R/s", "arn:aws:iam::111111111111:role/R")


def decide(condition, **context):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*", "Condition": condition}
    keys = {name.replace("_", ":"): value for name, value in context.items()}
    return evaluate({"Statement": statement}, CALLER, "sns:Publish", "arn", keys)


@pytest.mark.parametrize(
    ("condition", "context", "verdict"),
    [
        ({"StringNotEquals": {"aws:A": "x"}}, {}, "allow"),
        ({"StringEqualsIfExists": {"aws:A": "x"}}, {}, "allow"),
        ({"StringEquals": {"aws:A": "x"}}, {}, ""),
        ({"Null": {"aws:A": "true"}}, {}, "allow"),
        ({"Null": {"aws:A": "false"}}, {}, ""),
        ({"Bool": {"aws:A": "true"}}, {"aws_A": "true"}, "allow"),
        ({"Bool": {"aws:A": True}}, {"aws_A": "true"}, "allow"),
        ({"StringLike": {"aws:A": ["y*", "x*"]}}, {"aws_A": "xyz"}, "allow"),
        ({"StringEqualsIgnoreCase": {"AWS:a": "X"}}, {"aws_A": "x"}, "allow"),
        ({"ForAnyValue:StringEquals": {"aws:A": ["x"]}}, {"aws_A": ["w", "x"]}, "allow"),
        ({"ForAllValues:StringEquals": {"aws:A": ["x"]}}, {"aws_A": ["w", "x"]}, ""),
        ({"NumericLessThan": {"aws:A": "5"}}, {"aws_A": "4"}, "allow"),
        ({"ArnLike": {"aws:A": "arn:aws:sns:*:1:t"}}, {"aws_A": "arn:aws:sns:eu-west-1:1:t"}, "allow"),
        ({"ArnLike": {"aws:A": "arn:aws:sns:*"}}, {"aws_A": "arn:aws:sns:eu-west-1:1:t"}, ""),
        ({"DateLessThan": {"aws:A": "2030-01-01T00:00:00Z"}}, {"aws_A": "2029-01-01T00:00:00Z"}, "allow"),
        ({"Unheard": {"aws:A": "x"}}, {"aws_A": "x"}, ""),
    ],
)
def test_condition_operators_decide_as_documented(condition, context, verdict):
    assert decide(condition, **context) == verdict


@pytest.mark.parametrize(
    ("principal", "applies"),
    [
        ("*", True),
        ({"AWS": "111111111111"}, True),
        ({"AWS": "arn:aws:iam::111111111111:root"}, True),
        ({"AWS": ["arn:aws:iam::111111111111:role/R"]}, True),
        ({"AWS": "arn:aws:sts::111111111111:assumed-role/R/s"}, True),
        ({"AWS": "arn:aws:iam::111111111111:role/*"}, False),
        ({"AWS": "222222222222"}, False),
        ({"Service": "sns.amazonaws.com"}, False),
    ],
)
def test_principals_are_named_exactly(principal, applies):
    document = {"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}}
    assert (evaluate(document, CALLER, "sns:Publish", "arn", {}) == "allow") is applies


def test_not_action_and_variables_are_understood():
    deny = {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    assert evaluate_identity([{"Statement": deny}], "sns:Publish", "*", {}) == "deny"
    assert evaluate_identity([{"Statement": deny}], "iam:GetRole", "*", {}) == ""
    own = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/${aws:PrincipalAccount}/*"}
    keys = {"aws:PrincipalAccount": "111111111111"}
    assert evaluate_identity([{"Statement": own}], "s3:PutObject", "arn:aws:s3:::logs/111111111111/x", keys) == "allow"
    assert evaluate_identity([{"Statement": own}], "s3:PutObject", "arn:aws:s3:::logs/2/x", keys) == ""
