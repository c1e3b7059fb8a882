"""Config: ARNs and tags of configuration recorders, of which moto knows neither."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from moto.config.models import config_backends

from emulator.call import Call
from emulator.documents import RECORDER
from emulator.protocol import AwsError, Response
from emulator.rules import rule

TAGS = 50  # "Tagging your AWS Config resources" (tagging.html)


def identity(call: Call, name: str) -> dict[str, Any]:
    """ARN and tags of a recorder; a recorder made anew has another ARN."""
    held = call.world.documents.setdefault((RECORDER, f"{call.account}/{call.region}/{name}"), {"made": 1, "tags": {}})
    identifier = hashlib.sha256(f"{call.region}/{name}/{held['made']}".encode()).hexdigest()[:16]
    arn = f"arn:aws:config:{call.region}:{call.account}:configuration-recorder/{name}/{identifier}"
    return {"arn": arn, "tags": held["tags"]}


def tag_new(call: Call, name: str) -> None:
    """Tags are set when a recorder is created, and not changed by PutConfigurationRecorder afterwards."""
    identity(call, name)["tags"].update({tag["Key"]: tag.get("Value", "") for tag in call.params.get("Tags") or []})


@rule("config", "DescribeConfigurationRecorders")
def describe_configuration_recorders(call: Call) -> Response:
    """Each recorder with its ARN, by which it may be asked for too (API_DescribeConfigurationRecorders.html)."""
    wanted = call.params.get("Arn")
    response = call.forward(body=b"{}") if wanted else call.forward()
    if not response.ok:
        return response
    found = json.loads(response.body)["ConfigurationRecorders"]
    for recorder in found:
        recorder["arn"] = identity(call, recorder["name"])["arn"]
    if wanted:
        found = [recorder for recorder in found if recorder["arn"] == wanted]
        if not found:
            text = f"Cannot find configuration recorder with the specified ARN '{wanted}'."
            raise AwsError("NoSuchConfigurationRecorderException", text)
    return call.result(ConfigurationRecorders=found)


@rule("config", "DeleteConfigurationRecorder")
def delete_configuration_recorder(call: Call) -> Response:
    """Its tags go with it (API_TagResource.html: "When a resource is deleted, the tags ... are deleted as well")."""
    response = call.forward()
    held = call.world.documents.get(
        (RECORDER, f"{call.account}/{call.region}/{call.params['ConfigurationRecorderName']}")
    )
    if response.ok and held:
        held |= {"made": held["made"] + 1, "tags": {}}
    return response


@rule("config", "TagResource", "UntagResource", "ListTagsForResource")
def tags(call: Call) -> Response:
    """Tags of a recorder; those of other resources are moto's (API_TagResource.html, API_UntagResource.html).

    Fifty tags at most: TooManyTagsException; an unknown ARN: ResourceNotFoundException.
    """
    arn = call.params.get("ResourceArn") or ""
    if ":configuration-recorder/" not in arn:
        return call.forward()
    held = _tags_of(call, arn)
    if call.operation == "ListTagsForResource":
        return call.result(Tags=[{"Key": key, "Value": value} for key, value in held.items()])
    if call.operation == "UntagResource":
        for key in call.params.get("TagKeys") or []:
            held.pop(key, None)
        return call.result()
    added = {tag["Key"]: tag.get("Value", "") for tag in call.params.get("Tags") or []}
    if any(len(key) > 128 or len(value) > 256 for key, value in added.items()):
        raise AwsError("ValidationException", "A tag's key has at most 128 characters, its value at most 256.")
    if len({**held, **added}) > TAGS:
        raise AwsError("TooManyTagsException", f"A resource has at most {TAGS} tags.")
    held.update(added)
    return call.result()


def _tags_of(call: Call, arn: str) -> dict[str, str]:
    for name in config_backends[call.account][call.region].recorders:
        one = identity(call, name)
        if one["arn"] == arn:
            held: dict[str, str] = one["tags"]
            return held
    raise AwsError("ResourceNotFoundException", f"ResourceArn '{arn}' does not exist")
