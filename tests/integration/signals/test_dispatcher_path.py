# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The dispatcher's path, piece by piece, with one piece broken at a time (B14, B15, B17)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.onboarding.controller import PLAIN, SHARED, Aws
from tests.integration.signals.conftest import UUID, Module

NAME = "rackspace-dispatcher"
TARGET = f"arn:aws:sqs:us-east-1:{SHARED}:{NAME}"
POLICY = f"arn:aws:iam::{PLAIN}:policy/{NAME}"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
DENIED = {"account": PLAIN, "code": "AccessDenied"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def disable(aws: Aws) -> None:
    aws(PLAIN, "events").disable_rule(Name=NAME)


def other_pattern(aws: Aws) -> None:
    aws(PLAIN, "events").put_rule(Name=NAME, EventPattern=json.dumps({"source": ["aws.health"]}), State="ENABLED")


def no_target(aws: Aws) -> None:
    events = aws(PLAIN, "events")
    held = events.list_targets_by_rule(Rule=NAME)["Targets"]
    events.remove_targets(Rule=NAME, Ids=[target["Id"] for target in held])


def other_input(aws: Aws) -> None:
    events = aws(PLAIN, "events")
    (held,) = events.list_targets_by_rule(Rule=NAME)["Targets"]
    events.put_targets(Rule=NAME, Targets=[{**held, "Input": '{"nothing": true}'}])


def no_rule(aws: Aws) -> None:
    no_target(aws)
    aws(PLAIN, "events").delete_rule(Name=NAME)


def other_trust(aws: Aws) -> None:
    aws(PLAIN, "iam").update_assume_role_policy(RoleName=NAME, PolicyDocument=document(TRUST))


def detached(aws: Aws) -> None:
    aws(PLAIN, "iam").detach_role_policy(RoleName=NAME, PolicyArn=POLICY)


def no_role(aws: Aws) -> None:
    detached(aws)
    aws(PLAIN, "iam").delete_role(RoleName=NAME)


def closed_queue(aws: Aws) -> None:
    sqs = aws(SHARED, "sqs")
    deny = {"Sid": "X", "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": TARGET}
    url = sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(deny)})


def no_queue(aws: Aws) -> None:
    sqs = aws(SHARED, "sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=NAME)["QueueUrl"])


#: what is broken -> the piece that says so, and what the audit says of the account default
BROKEN: list[tuple[Callable[[Aws], None], str, str]] = [
    (disable, "rule_enabled", "dispatcher_rule"),
    (other_pattern, "rule_pattern", "dispatcher_rule"),
    (no_target, "rule_target", "dispatcher_rule"),
    (other_input, "rule_input", ""),
    (no_rule, "rule", "dispatcher_rule"),
    (other_trust, "role_trust", "dispatcher_role"),
    (detached, "role_policy", "dispatcher_role"),
    (no_role, "role", "dispatcher_role"),
    (closed_queue, "target_policy", ""),
    (no_queue, "target", ""),
]


@pytest.fixture
def whole(module: Module) -> Module:
    """The account and the provider's side as onboarding leaves them."""
    made = module("shared_queues", managed_account_ids=[PLAIN], regions=["us-east-1"], wait_timeout=2)
    assert not made.get("failed"), made["msg"]
    module.onboarded(PLAIN, ["us-east-1"])
    return module


def look(module: Module, **options: Any) -> dict[str, Any]:
    result = module.in_account("signal_check", PLAIN, regions=["us-east-1"], signals=["dispatcher"], **options)
    (path,) = result["paths"]
    return {**path, "failed": bool(result.get("failed")), "msg": result.get("msg", "")}


def test_every_piece_is_right_after_onboarding(whole: Module) -> None:
    path = look(whole)
    assert (path["state"], path["failed"]) == ("in_place", False)
    assert {piece["state"] for piece in path["pieces"]} == {"right"}
    assert len(path["pieces"]) == 9


@pytest.mark.parametrize(("injure", "cause", "default"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_the_broken_piece_is_named_and_the_audit_agrees(
    whole: Module, aws: Aws, injure: Callable[[Aws], None], cause: str, default: str
) -> None:
    """Issue 4: it cannot disagree with the audit, whose definitions it uses."""
    injure(aws)
    path = look(whole)
    assert (path["state"], path["cause"], path["failed"]) == ("not_in_place", cause, True), path
    assert [piece["piece"] for piece in path["pieces"] if piece["state"] == "wrong"] == [cause]
    planned = whole.in_account(
        "account_defaults", PLAIN, account_uuid=UUID, regions=["us-east-1"], check_mode=True, fail_on_foreign=False,
        only=["dispatcher_role", "dispatcher_rule"],
    )  # fmt: skip
    differing = [row["default"] for row in planned["targets"] if row["state"] not in ("compliant", "skipped")]
    assert differing == ([default] if default else [])


def test_a_dispatcher_that_is_switched_off_is_skipped_with_the_reason(whole: Module) -> None:
    """B16."""
    path = look(whole, defaults_disabled={"dispatcher_rule": "not subscribed"})
    assert (path["state"], path["reason"]) == ("skipped", "switched off: not subscribed")


def test_a_target_of_somebody_else_is_said_to_be_theirs(whole: Module) -> None:
    path = look(whole, dispatcher_target_arn="arn:aws:sqs:us-east-1:444455556666:events")
    assert {piece["piece"]: piece["state"] for piece in path["pieces"]}["target"] == "skipped"
    assert path["state"] == "not_in_place"  # the rule sends elsewhere


def test_an_event_bus_as_target_is_looked_at_too(whole: Module, aws: Aws) -> None:
    """B17."""
    bus = f"arn:aws:events:us-east-1:{SHARED}:event-bus/risk-events"
    assert look(whole, dispatcher_target_arn=bus)["cause"] in {"rule_target", "target"}
    made = whole("shared_queues", managed_account_ids=[PLAIN], regions=["us-east-1"], dispatcher_target_arn=bus)
    assert not made.get("failed"), made["msg"]
    whole.onboarded(PLAIN, ["us-east-1"], dispatcher_target_arn=bus)
    path = look(whole, dispatcher_target_arn=bus)
    assert path["state"] == "in_place", path
