# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names and ARNs that several defaults share, each from an option, and their part of the argument spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Target

T = TypeVar("T")
Options = Mapping[str, Any]
Spec = dict[str, dict[str, Any]]

UUID: Spec = {"account_uuid": {"type": "str", "required": True}}
LOGS_BUCKET: Spec = {**UUID, "logs_bucket_name": {"type": "str"}}
RACKSPACE_BUCKET: Spec = {**UUID, "rackspace_bucket_name": {"type": "str"}}

#: topic's key -> the queue's purpose that it is subscribed to
TOPIC_PURPOSES = {
    "cloudtrail": "cloudtrail",
    "awsconfig": "awsconfig",
    "support": "support",
    "support_standard": "support",
    "support_urgent": "support",
    "support_emergency": "support",
}
TOPICS: Spec = {
    "topic_names": {
        "type": "dict",
        "apply_defaults": True,
        "options": {key: {"type": "str", "default": "rackspace-" + key.replace("_", "-")} for key in TOPIC_PURPOSES},
    }
}
QUEUES: Spec = {
    "queue_names": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            purpose: {"type": "str", "default": f"rackspace-{purpose}"}
            for purpose in dict.fromkeys(TOPIC_PURPOSES.values())
        },
    },
    "queue_regions": {"type": "dict", "default": {}},
}
TRAIL: Spec = {"trail_name": {"type": "str", "default": "rackspace-cloudtrail"}}
CONFIG_ROLE: Spec = {"config_role_name": {"type": "str", "default": "AWSConfig"}}
DISPATCHER: Spec = {
    "dispatcher_name": {"type": "str", "default": "rackspace-dispatcher"},
    "dispatcher_target_arn": {"type": "str"},
}


#: where CloudTrail records the events of global services, by partition
LEADING_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def leading_region(partition: str) -> str:
    """Return the region in which global services are recorded; "" in a partition that is not known.

    Source: CloudTrail User Guide, "Global service events".
    """
    return LEADING_REGIONS.get(partition, "")


def logs_bucket(options: Options) -> str:
    """Return the name of the bucket that CloudTrail and Config deliver to (B4)."""
    return options.get("logs_bucket_name") or f"{options['account_uuid']}-logs"


def rackspace_bucket(options: Options) -> str:
    """Return the name of the provider's own bucket in the account (B5)."""
    return options.get("rackspace_bucket_name") or f"rackspace-{options['account_uuid']}"


def queue_region(options: Options, region: str) -> str:
    """Return the region whose shared queue serves a topic's region."""
    return str(options["queue_regions"].get(region, region))


def queue_arn(target: Target, purpose: str) -> str:
    """Return the ARN of the shared queue that serves the target's region."""
    options = target.options
    region, name = queue_region(options, target.region), options["queue_names"][purpose]
    return f"arn:{target.account.partition}:sqs:{region}:{options['provider_account_id']}:{name}"


def topic_arns(target: Target) -> set[str]:
    """Return the ARNs of all our topics in the target's region."""
    return {target.arn("sns", name) for name in target.options["topic_names"].values()}


def config_role_arn(target: Target) -> str:
    """Return the ARN of the role that AWS Config assumes (B9)."""
    return f"arn:{target.account.partition}:iam::{target.account.id}:role/{target.options['config_role_name']}"


def service_linked_config_role_arn(target: Target) -> str:
    """Return the ARN of AWS Config's own role.

    Source: AWS Config Developer Guide, "Using Service-Linked Roles for AWS Config".
    """
    role = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    return f"arn:{target.account.partition}:iam::{target.account.id}:role/{role}"


def dispatcher_target_arn(options: Options, partition: str) -> str:
    """Return the ARN of the queue or event bus that the dispatcher rule delivers to (B15)."""
    return options.get("dispatcher_target_arn") or (
        f"arn:{partition}:sqs:{options['events_region']}:{options['provider_account_id']}:{options['dispatcher_name']}"
    )


def tag_list(options: Options) -> list[dict[str, str]]:
    """Return the ownership tags as most AWS operations take them."""
    return [{"Key": key, "Value": str(value)} for key, value in sorted(options["ownership_tags"].items())]


def carries_our_tags(options: Options, tags: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a resource carries every ownership tag (G9)."""
    found = {tag.get("Key") or tag.get("key"): tag.get("Value") or tag.get("value") for tag in tags}
    wanted = options["ownership_tags"]
    return bool(wanted) and all(found.get(key) == str(value) for key, value in wanted.items())


def found(read: Callable[..., T], *absent: str, **arguments: Any) -> T | None:
    """Return what ``read`` answers, or None where AWS answers that there is nothing.

    Args:
        absent: the error codes that mean absence; every other error is raised.
    """
    try:
        return read(**arguments)
    except Exception as error:
        if error_code(error) in absent:
            return None
        raise
