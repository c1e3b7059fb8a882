# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Our one rule among the lifecycle rules of a bucket. Pure functions over S3's configurations.

S3 replaces a configuration whole, so everybody else's rules are sent back with ours.
Source: S3 User Guide, "Lifecycle configuration elements" and "Lifecycle configuration conflicts".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RULE_ID = "rackspace-retention"
SMALL_OBJECTS = "TransitionDefaultMinimumObjectSize"  # of the whole configuration; a put without it resets it


def ours(configuration: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return our rule: prefix, enabled, expiration_days, noncurrent_expiration_days; None where it is absent."""
    rule = next((rule for rule in configuration.get("Rules", []) if rule.get("ID") == RULE_ID), None)
    if rule is None:
        return None
    return {
        "prefix": _prefix(rule),
        "enabled": rule.get("Status") == "Enabled",
        "expiration_days": rule.get("Expiration", {}).get("Days"),
        "noncurrent_expiration_days": rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
    }


def merged(configuration: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of PutBucketLifecycleConfiguration that set our rule and keep all else."""
    own = {
        "ID": RULE_ID,
        "Status": "Enabled",
        "Filter": {"Prefix": rule["prefix"]},
        "Expiration": {"Days": rule["expiration_days"]},
        "NoncurrentVersionExpiration": {"NoncurrentDays": rule["noncurrent_expiration_days"]},
    }
    others = [_with_filter(other) for other in configuration.get("Rules", []) if other.get("ID") != RULE_ID]
    kept = {SMALL_OBJECTS: configuration[SMALL_OBJECTS]} if SMALL_OBJECTS in configuration else {}
    return {**kept, "LifecycleConfiguration": {"Rules": [*others, own]}}


def kept_longer(configuration: Mapping[str, Any], prefix: str, days: int, noncurrent_days: int) -> list[str]:
    """Name the rules of others that keep objects or noncurrent versions under a prefix longer than so many days.

    Of two rules S3 obeys the one that expires earlier, so ours would delete what somebody decided to keep.
    """
    return [
        str(rule.get("ID", ""))
        for rule in configuration.get("Rules", [])
        if rule.get("ID") != RULE_ID
        and rule.get("Status") == "Enabled"
        and (
            rule.get("Expiration", {}).get("Days", 0) > days
            or rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0) > noncurrent_days
        )
        and (_prefix(rule).startswith(prefix) or prefix.startswith(_prefix(rule)))
    ]


def deleted_earlier(
    configuration: Mapping[str, Any], prefix: str, days: int, noncurrent_days: int
) -> list[tuple[str, int]]:
    """Return the rules of others that delete under a prefix before ours would, each with its days."""
    limits = (("Expiration", "Days", days), ("NoncurrentVersionExpiration", "NoncurrentDays", noncurrent_days))
    found: dict[str, int] = {}
    for rule in configuration.get("Rules", []):
        within = _prefix(rule).startswith(prefix) or prefix.startswith(_prefix(rule))
        if rule.get("ID") == RULE_ID or rule.get("Status") != "Enabled" or not within:
            continue
        for action, unit, limit in limits:
            after = rule.get(action, {}).get(unit)
            if after is not None and after < limit:
                found.setdefault(str(rule.get("ID", "")), after)
    return list(found.items())


def _prefix(rule: Mapping[str, Any]) -> str:
    """Return a rule's prefix; an old rule has it outside of a filter."""
    found = rule.get("Filter", {})
    return str(found.get("And", found).get("Prefix", rule.get("Prefix", "")))


def _with_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule in today's form: S3 refuses a configuration that mixes both."""
    kept = {key: value for key, value in rule.items() if key != "Prefix"}
    return {**kept, "Filter": {"Prefix": rule["Prefix"]}} if "Prefix" in rule else kept
