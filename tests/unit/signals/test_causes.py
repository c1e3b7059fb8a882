# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is advised where a queue's policy refuses a topic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.causes import Explanation

QUEUE = "arn:aws:sqs:us-east-1:222222222222:rackspace-support"
TOPIC = "arn:aws:sns:us-east-1:111111111111:rackspace-support"
PATH = {"region": "us-east-1", "queue_arn": QUEUE, "topic_arn": TOPIC}
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}


def advised(*statements: dict[str, Any]) -> str:
    nobody: Any = None
    explanation = Explanation(Account("111111111111"), nobody, {}, [], StopFlag())
    found = explanation._queue_policy(PATH, json.dumps({"Statement": list(statements)}))
    assert (found["piece"], found["state"]) == ("queue_policy", "wrong")
    return found["detail"]


@pytest.mark.parametrize(("parts", "by"), [({"Sid": "Closed"}, "Closed"), ({}, "2")])
def test_a_statement_that_denies_is_named_and_has_to_be_taken_out(parts: dict[str, str], by: str) -> None:
    """shared_services.yml leaves the statements of others."""
    why = f"a statement of the queue's policy denies it ({by}); take it out, shared_services.yml leaves it"
    assert advised(ALLOW, {**ALLOW, "Effect": "Deny", **parts}).endswith(why)


def test_a_policy_that_lacks_our_statement_is_repaired_by_the_playbook() -> None:
    assert "run playbooks/shared_services.yml" in advised()
