"""One call of a client, as the rules see it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from moto.core.request import Request

from emulator import protocol
from emulator.moto_backend import Moto
from emulator.policy import Principal
from emulator.protocol import AwsError, Response
from emulator.world import World

# Where a request most often names what it is about, in the order of preference.
RESOURCE_NAMES = (
    "RoleArn", "PolicyArn", "TopicArn", "SubscriptionArn", "ResourceArn", "ResourceId", "TargetArn", "QueueUrl",
    "QueueName", "RoleName", "PolicyName", "UserName", "Bucket", "Rule", "TrailName", "Name", "trailNameList",
    "ConfigurationRecorderName", "ConfigurationRecorder", "DeliveryChannelName", "DeliveryChannel", "AccountId",
    "ConfigurationRecorderNames", "DeliveryChannelNames", "EventBusName", "SecretId", "KeyId",
)  # fmt: skip


class Call:
    def __init__(self, world: World, moto: Moto, environ: dict[str, Any], body: bytes) -> None:
        self.world = world
        self._moto = moto
        self._environ = environ
        self.body = body
        self.request = Request(environ)
        self.access_key = ""
        self.token = ""
        self.region = "us-east-1"
        self.service = "s3"
        self.principal = Principal()
        self.added = False
        self.acts_in = ""  # a guard that lets the caller into another account names it here
        self._read_signature()
        form = self.request.form if self.request.mimetype == "application/x-www-form-urlencoded" else self.request.args
        self.operation, self.labels = protocol.operation_of(self.request, self.service, form)

    def _read_signature(self) -> None:
        header = self.request.headers.get("Authorization", "")
        scope = ""
        if "Credential=" in header:
            scope = header.split("Credential=", 1)[1].split(",", 1)[0].strip()
        elif "X-Amz-Credential" in self.request.args:
            scope = self.request.args["X-Amz-Credential"]
        parts = scope.split("/")
        if len(parts) == 5:
            self.access_key, _, self.region, service, _ = parts
            self.service = protocol.SIGNING_NAMES.get(service, service)
            if self.service == "s3" and self.request.path.startswith("/v20180820/"):
                self.service = "s3control"  # which signs as s3
            if self.service == "es" and self.request.path.startswith("/2021-01-01/"):
                self.service = "opensearch"  # which signs as its predecessor
        headers, query = self.request.headers, self.request.args
        self.token = headers.get("X-Amz-Security-Token") or query.get("X-Amz-Security-Token", "")

    @property
    def account(self) -> str:
        return self.principal.account

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters, named as in boto3."""
        return protocol.parse(self.request, self.service, self.operation, self.labels)

    def forward(self, account: str | None = None, body: bytes | None = None) -> Response:
        """What moto answers; a rule may let it answer in another account, or to another body."""
        return self._moto.handle(
            self._environ, self.body if body is None else body, account or self.acts_in or self.account
        )

    def result(self, **members: Any) -> Response:
        """An answer of our own, in the service's protocol."""
        self.added = True
        return protocol.serialize(self.service, self.operation, members, self.request.content_type)

    def refusal(self, error: AwsError) -> Response:
        self.added = True
        head = self.request.method == "HEAD"
        return protocol.error_response(self.service, error, head=head, content_type=self.request.content_type)

    def resource(self) -> str:
        """The ARN or name of what the call is about, as far as the request tells; "" otherwise."""
        try:
            params = self.params
        except Exception:
            return ""
        for name in RESOURCE_NAMES:
            value = params.get(name)
            if isinstance(value, dict):
                value = value.get("name", "")
            if isinstance(value, list):
                value = value[0] if len(value) == 1 else ""
            if value and name == "Bucket":
                key = params.get("Key", "")
                return f"arn:aws:s3:::{value}/{key}" if key else f"arn:aws:s3:::{value}"
            if value and isinstance(value, str):
                return value
        return ""
