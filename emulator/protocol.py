"""AWS's wire protocols, read and written by botocore's own models (through moto's parsers and serializers)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

REQUEST_ID = "emulator-0000-0000-0000-000000000000"

# A service's name in the signature where it differs from botocore's name for the service.
SIGNING_NAMES = {
    "monitoring": "cloudwatch",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "ses": "sesv2",
    "tagging": "resourcegroupstaggingapi",
    "elasticmapreduce": "emr",
    "execute-api": "apigatewaymanagementapi",
    "aws-marketplace": "marketplace-entitlement",
    "states": "stepfunctions",
}

# How each protocol says "slow down" (emulator-facts: throttling shapes).
THROTTLING = {
    "query": ("Throttling", 400),
    "ec2": ("RequestLimitExceeded", 503),
    "json": ("ThrottlingException", 400),
    "rest-json": ("TooManyRequestsException", 429),
    "rest-xml": ("SlowDown", 503),
}


class AwsError(Exception):
    """A refusal, with the code as it goes over the wire."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class Response:
    """An HTTP response before it is sent."""

    __slots__ = ("body", "error", "headers", "status")

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes, error: str | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.error = error

    @property
    def ok(self) -> bool:
        return self.status < 300


@cache
def service_model(service: str) -> ServiceModel | None:
    """Botocore's model of a service, None where botocore has no such service."""
    try:
        return get_service_model(service)
    except Exception:
        return None


def protocol_of(service: str, content_type: str | None = None) -> str:
    model = service_model(service)
    if model is None:
        return "json"
    try:
        return str(determine_request_protocol(model, content_type or ""))
    except NotImplementedError:
        return str(model.protocol)


def operation_of(request: Request, service: str, form: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The operation's name ("" if unknown) and the parameters in its path."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.rsplit(".", 1)[-1], {}
    if form.get("Action"):
        return str(form["Action"]), {}
    model = service_model(service)
    if model is None:
        return "", {}
    parts = request.path.split("/")
    if len(parts) >= 5 and parts[1] == "service" and parts[3] == "operation":
        return parts[4], {}
    try:
        operation, labels = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return "", {}
    return str(operation.name), labels


def operation_model(service: str, operation: str) -> OperationModel | None:
    model = service_model(service)
    if model is None or operation not in model.operation_names:
        return None
    found: OperationModel = model.operation_model(operation)
    return found


def parse(request: Request, service: str, operation: str, labels: dict[str, Any]) -> dict[str, Any]:
    """A request's parameters, named as in boto3."""
    model = operation_model(service, operation)
    if model is None:
        return {}
    protocol = protocol_of(service, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](model)
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return parsed


def serialize(service: str, operation: str, result: dict[str, Any], content_type: str | None = None) -> Response:
    """A result, named as boto3 returns it, in the service's protocol."""
    model = operation_model(service, operation)
    if model is None:
        raise LookupError(f"{service} has no operation {operation}")
    protocol = protocol_of(service, content_type)
    serialized = get_serializer_class(service, protocol)(operation_model=model).serialize(result)
    body = serialized["body"]
    data = body if isinstance(body, bytes) else body.encode()
    return Response(serialized["status_code"], list(serialized["headers"].items()), data)


def error_response(service: str, error: AwsError, *, head: bool = False, content_type: str | None = None) -> Response:
    """A refusal in the shape of the service's protocol, so that botocore parses it."""
    protocol = protocol_of(service, content_type)
    code, message = escape(error.code), escape(error.message)
    kind = "Receiver" if error.status >= 500 else "Sender"
    headers = [("x-amzn-RequestId", REQUEST_ID)]
    if protocol == "ec2":
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        body += f"<RequestID>{REQUEST_ID}</RequestID></Response>"
        headers.append(("Content-Type", "text/xml"))
    elif service == "s3":
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message>'
        body += "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in error.members.items())
        body += f"<RequestId>{REQUEST_ID}</RequestId></Error>"
        headers.append(("Content-Type", "application/xml"))
    elif protocol in ("query", "rest-xml"):
        model = service_model(service)
        namespace = str(model.metadata.get("xmlNamespace", "")) if model else ""
        xmlns = f' xmlns="{namespace}"' if namespace.startswith("http") else ""
        body = f"<ErrorResponse{xmlns}><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message>"
        body += f"</Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        headers.append(("Content-Type", "text/xml"))
    else:
        content = {"__type": error.code, "message": error.message, **error.members}
        if protocol == "rest-json":
            del content["__type"]
            content["code"] = error.code
        headers.append(("x-amzn-ErrorType", error.code))
        if service == "sqs":
            headers.append(("x-amzn-query-error", f"{error.code};{kind}"))
        body = json.dumps(content)
        headers.append(
            ("Content-Type", "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1")
        )
    return Response(error.status, headers, b"" if head else body.encode(), error.code)


def error_code(response: Response) -> str | None:
    """The error code in a response of moto's, for the ledger."""
    if response.status < 400:
        return None
    if response.error:
        return response.error
    text = response.body[:4000].decode("utf-8", "replace")
    start = text.find("<Code>")
    if start >= 0:
        return text[start + 6 : text.find("</Code>", start)]
    try:
        content = json.loads(text)
    except ValueError:
        content = {}
    if isinstance(content, dict):
        code = content.get("__type") or content.get("code") or content.get("Code")
        if code:
            return str(code).rsplit("#", 1)[-1]
    for name, value in response.headers:
        if name.lower() == "x-amzn-errortype":
            return value.split(":")[0]
    return str(response.status)
