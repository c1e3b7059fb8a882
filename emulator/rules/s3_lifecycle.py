"""S3 lifecycle: every field is kept as it was put."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from emulator.call import Call
from emulator.documents import LIFECYCLE
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.s3 import find_bucket

RULE_ACTIONS = {
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
}


def _bucket(call: Call) -> str:
    name = str(call.params["Bucket"])
    if find_bucket(name) is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
    return name


@rule("s3", "PutBucketLifecycleConfiguration")
def put_lifecycle(call: Call) -> Response:
    """Replaces all rules (API_PutBucketLifecycleConfiguration.html; ids, actions: intro-lifecycle-rules.html)."""
    name = _bucket(call)
    rules = copy.deepcopy((call.params.get("LifecycleConfiguration") or {}).get("Rules") or [])
    malformed = AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate")
    if not rules or len(rules) > 1000:
        raise malformed
    for entry in rules:
        if entry.get("Status") not in ("Enabled", "Disabled") or ("Filter" in entry) == ("Prefix" in entry):
            raise malformed
        if not RULE_ACTIONS & set(entry):
            raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule")
        entry.setdefault("ID", uuid.uuid4().hex)
    _check_ids([entry["ID"] for entry in rules])
    call.world.documents[LIFECYCLE, name] = rules
    return call.result()


def _check_ids(ids: list[str]) -> None:
    if any(len(one) > 255 for one in ids):
        raise AwsError("InvalidArgument", "ID length should not exceed allowed limit of 255")
    if len(ids) != len(set(ids)):
        raise AwsError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")


@rule("s3", "GetBucketLifecycleConfiguration")
def get_lifecycle(call: Call) -> Response:
    """The rules as they were put (API_GetBucketLifecycleConfiguration.html)."""
    name = _bucket(call)
    rules: list[dict[str, Any]] | None = call.world.documents.get((LIFECYCLE, name))
    if not rules:
        text = "The lifecycle configuration does not exist"
        raise AwsError("NoSuchLifecycleConfiguration", text, 404, BucketName=name)
    return call.result(Rules=rules, TransitionDefaultMinimumObjectSize="all_storage_classes_128K")


@rule("s3", "DeleteBucketLifecycle")
def delete_lifecycle(call: Call) -> Response:
    """Removes all rules (API_DeleteBucketLifecycle.html)."""
    call.world.documents.pop((LIFECYCLE, _bucket(call)), None)
    call.added = True
    return Response(204, [], b"")
