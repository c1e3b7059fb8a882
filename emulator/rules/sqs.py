"""SQS: queue policies, and queues of other accounts."""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.models import sqs_backends

from emulator.call import Call
from emulator.documents_check import QUEUE, check_document
from emulator.identity import denied, organization_id
from emulator.policy import as_list, evaluate, load
from emulator.protocol import AwsError, Response
from emulator.rules import guard, rule

# SQS developer guide, "Amazon SQS policy quotas" (quotas-policies.html); its 8,192 bytes are in QUEUE.
STATEMENTS, PRINCIPALS, CONDITIONS, ACTIONS = 20, 50, 10, 7


@guard("sqs")
def access(call: Call) -> None:
    """A queue of another account needs its policy's leave (sqs-overview-of-managing-access.html)."""
    name, account = _queue(call)
    if not name or account == call.account:
        return
    queue = sqs_backends[account][call.region].queues.get(name) if account in sqs_backends else None
    action = f"sqs:{call.operation}"
    context = {
        "aws:PrincipalArn": call.principal.identity_arn,
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalOrgID": organization_id(call.account),
        "aws:SecureTransport": "true",
    }
    arn = f"arn:aws:sqs:{call.region}:{account}:{name}"
    if queue is None or evaluate(queue.policy or "{}", call.principal, action, arn, context) != "allow":
        text = f"User: {call.principal.arn} is not authorized to perform: {action} on resource: {arn}"
        raise denied("sqs", f"{text} because no resource-based policy allows the {action} action")
    call.acts_in = account


def _queue(call: Call) -> tuple[str, str]:
    """Name and account of the queue that a call is about."""
    if call.operation == "GetQueueUrl":
        return str(call.params.get("QueueName", "")), str(call.params.get("QueueOwnerAWSAccountId") or call.account)
    parts = str(call.params.get("QueueUrl") or "").rstrip("/").split("/")
    if len(parts) < 3 or not parts[-2].isdigit():
        return "", call.account
    return parts[-1], parts[-2]


@rule("sqs", "CreateQueue", "SetQueueAttributes", "AddPermission", "RemovePermission")
def write_policy(call: Call) -> Response:
    """A queue's policy is well formed, within the quotas, and stays until it is set (API_SetQueueAttributes.html).

    moto takes it away with every other attribute that is set.
    """
    account = call.acts_in or call.account
    name = str(call.params.get("QueueName") or _queue(call)[0])
    arn = f"arn:aws:sqs:{call.region}:{account}:{name}"
    text = (call.params.get("Attributes") or {}).get("Policy")
    if text and (check_document(text, QUEUE, [arn]) or _over_quota(text)):
        problem = check_document(text, QUEUE, [arn]) or _over_quota(text)
        raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter Policy. Reason: {problem}")
    queues = sqs_backends[account][call.region].queues
    before = queues[name].policy if name in queues else None
    response = call.forward()
    if call.operation == "SetQueueAttributes" and before and text is None and name in queues:
        queues[name].policy = before
    if response.ok and name in queues and queues[name].policy != before:
        call.world.visibility.wrote("queue", arn, before or "{}", queues[name].policy or "{}")
    return response


def _over_quota(text: str) -> str:
    entries: list[dict[str, Any]] = as_list(load(text).get("Statement"))
    principals = 0
    for entry in entries:
        principal = entry.get("Principal")
        groups = principal.values() if isinstance(principal, dict) else [principal]
        principals += sum(len(as_list(values)) for values in groups)
        if len(as_list(entry.get("Action"))) > ACTIONS:
            return f"more than {ACTIONS} actions in a statement"
        if sum(len(pairs) for pairs in (entry.get("Condition") or {}).values()) > CONDITIONS:
            return f"more than {CONDITIONS} conditions"
    if len(entries) > STATEMENTS:
        return f"more than {STATEMENTS} statements"
    return f"more than {PRINCIPALS} principals" if principals > PRINCIPALS else ""


@rule("sqs", "ReceiveMessage")
def receive_message(call: Call) -> Response:
    """No long poll while other calls wait: an empty queue answers at once (ShortPolling; API_ReceiveMessage.html)."""
    content = json.loads(call.body or b"{}")
    if call.request.content_type == "application/x-amz-json-1.0" and content.get("WaitTimeSeconds"):
        content["WaitTimeSeconds"] = 0
        return call.forward(body=json.dumps(content).encode())
    return call.forward()
