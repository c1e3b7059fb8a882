"""The WSGI application: who calls, may it, which rule answers, and the ledger."""

from __future__ import annotations

import errno
import io
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from emulator import rules, sns_delivery
from emulator.authorization import check_identity
from emulator.call import Call
from emulator.control import Control
from emulator.identity import check_service_control, invalid_key, principal_of
from emulator.ledger import kind_of, timestamp
from emulator.moto_backend import Moto, NotInMotoError
from emulator.protocol import THROTTLING, AwsError, Response, error_code, protocol_of
from emulator.world import World

# Calls that need no signature.
UNSIGNED = {("sts", "AssumeRoleWithWebIdentity"), ("sts", "AssumeRoleWithSAML")}
StartResponse = Callable[..., Any]


class HangUpError(ConnectionResetError):
    """The connection is closed without an answer."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the emulator was told to die")


class Application:
    """The embedded AWS as a WSGI application; on a ConnectionResetError the server hangs up without an answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.moto = Moto()
        self.control = Control(world)
        rules.load()
        sns_delivery.install(world)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("PATH_INFO", "").startswith("/_emulator/"):
            response = self.control.handle(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        else:
            with self.world.answering():
                response = self._serve(environ, body)
        if environ["REQUEST_METHOD"] == "HEAD":
            response.body = b""
        elif not any(name.lower() == "content-length" for name, _ in response.headers):
            response.headers.append(("Content-Length", str(len(response.body))))
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = "Unknown"
        start_response(f"{response.status} {phrase}", response.headers)
        return [response.body]

    def _serve(self, environ: dict[str, Any], body: bytes) -> Response:
        environ["wsgi.input"] = io.BytesIO(body)
        # moto wants the path as it was sent; WSGI servers hand it over decoded.
        raw = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/~")
        environ.setdefault("RAW_URI", raw + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""))
        call = Call(self.world, self.moto, environ, body)
        if self.world.settings.latency:
            time.sleep(self.world.settings.latency)
        with self.world.lock:
            if self.world.is_dead():
                raise HangUpError
            try:
                response = self._answer(call)
            except AwsError as error:
                response = call.refusal(error)
            except NotInMotoError:
                message = f"The emulator has no {call.service}:{call.operation}: neither moto's nor an addition."
                response = call.refusal(AwsError("NotImplemented", message, 501))
            except Exception as error:
                traceback.print_exc(file=sys.stderr)
                response = call.refusal(AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500))
            self._note(call, response)
            if response.ok and kind_of(call.operation) == "write":
                self.world.wrote()
                if self.world.is_dead() and self.world.settings.lose_the_last_answer:
                    raise HangUpError
        return response

    def _answer(self, call: Call) -> Response:
        world = self.world
        if not call.access_key and (call.service, call.operation) not in UNSIGNED:
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        if call.access_key:
            call.principal = principal_of(world, call.service, call.access_key, call.token)
        self._fault(call)
        # GetCallerIdentity needs no permission and works in a disabled region (aws-facts: IAM, STS).
        if not world.enabled(call.account, call.region) and call.operation != "GetCallerIdentity":
            raise invalid_key(call.service)
        check_service_control(world, call.principal, call.service, call.operation, call.region)
        check_identity(call)
        for check in rules.GUARDS.get(call.service, ()):
            check(call)
        rule = rules.RULES.get((call.service, call.operation))
        return rule(call) if rule else call.forward()

    def _fault(self, call: Call) -> None:
        for fault in self.world.faults:
            if not fault.applies(call.account, call.region, call.service, call.operation):
                continue
            if fault.times is not None:
                fault.times -= 1
            code, status = fault.code, fault.status
            if code == "throttling":
                code, shape_status = THROTTLING.get(protocol_of(call.service), THROTTLING["json"])
                code = "TooManyRequestsException" if call.service == "organizations" else code
                status = status or shape_status
            if status is None:
                status = 403 if code.startswith(("AccessDenied", "AuthorizationError")) else 400
            raise AwsError(code, fault.message or "Rate exceeded", status)

    def _note(self, call: Call, response: Response) -> None:
        self.world.ledger.add(
            {
                "time": timestamp(),
                "account": call.account,
                "region": call.region,
                "service": call.service,
                "operation": call.operation,
                "principal": call.principal.arn,
                "status": response.status,
                "error": error_code(response),
                "kind": kind_of(call.operation),
                "resource": call.resource(),
                "added": call.added,
            }
        )
