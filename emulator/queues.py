"""Queues as other services see them: by ARN, with the policy that is visible by now."""

from __future__ import annotations

from typing import Any

from moto.kms.models import kms_backends
from moto.sqs.models import Queue, sqs_backends

from emulator.policy import Context, Principal, evaluate
from emulator.world import World


def find_queue(arn: str) -> Queue | None:
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sqs" or parts[4] not in sqs_backends:
        return None
    if parts[3] not in sqs_backends[parts[4]]:
        return None
    return sqs_backends[parts[4]][parts[3]].queues.get(parts[5])


def policy_of(world: World, queue: Queue) -> Any:
    return world.visibility.seen("queue", queue.queue_arn, queue.policy or "{}")


def admits(world: World, queue: Queue, principal: Principal, context: Context) -> bool:
    """Whether the queue's policy lets a principal send (sqs-basic-examples-of-sqs-policies.html)."""
    return evaluate(policy_of(world, queue), principal, "sqs:SendMessage", queue.queue_arn, context) == "allow"


def can_encrypt(queue: Queue, principal: Principal, context: Context) -> bool:
    """Whether the policy of the queue's key lets a service write (sns-enable-encryption-for-topic-sqs-queue-...html).

    AWS's own key of SQS lets no other service.
    """
    name = getattr(queue, "kms_master_key_id", None)
    if not name:
        return True
    backend = kms_backends[queue.account_id][queue.region]
    if name.endswith("alias/aws/sqs"):
        return False
    key_id = backend.any_id_to_key_id(name)
    key = backend.keys.get(key_id)
    actions = ("kms:GenerateDataKey", "kms:Decrypt")
    return (
        key is not None
        and key.enabled
        and all(evaluate(key.policy, principal, action, key.arn, context) == "allow" for action in actions)
    )


def put(queue: Queue, body: str, attributes: dict[str, Any] | None = None, **options: Any) -> None:
    backend = sqs_backends[queue.account_id][queue.region]
    backend.send_message(queue.name, body, message_attributes=attributes, validate_group_id=False, **options)
