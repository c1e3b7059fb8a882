"""moto's server application as a function: one WSGI environment in, one response out."""

from __future__ import annotations

import contextlib
import io
from functools import lru_cache
from typing import Any

import moto.core.responses
from flask import Flask
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from emulator.protocol import Response


class NotInMotoError(Exception):
    """moto has no such service or operation."""


def _create(backend: Any) -> Flask:
    if backend is None:
        raise NotInMotoError
    app = create_backend_app(backend)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


class Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher without its search for the backend on every request (emulator-facts: speed)."""

    def __init__(self) -> None:
        super().__init__(_create)
        self._backends: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host is None:
            return None
        if host not in self._backends:
            with contextlib.redirect_stdout(None):  # moto prints what it does not find
                self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


class Moto:
    def __init__(self) -> None:
        # Half of moto's time goes into listing the methods of a response class, once a request.
        for name in ("method_names_from_class", "camelcase_to_underscores"):
            function = getattr(moto.core.responses, name)
            if not hasattr(function, "cache_info"):
                setattr(moto.core.responses, name, lru_cache(maxsize=None)(function))
        self._dispatcher = Dispatcher()

    def handle(self, environ: dict[str, Any], body: bytes, account: str) -> Response:
        """One call answered by moto, in the named account; NotInMotoError where moto has it not."""
        # What werkzeug cached of the request by parsing it must not be seen by moto's own parser.
        inner = {key: value for key, value in environ.items() if not key.startswith("werkzeug.")}
        inner["wsgi.input"] = io.BytesIO(body)
        inner["CONTENT_LENGTH"] = str(len(body))
        inner["HTTP_X_MOTO_ACCOUNT_ID"] = account
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            started[:] = [int(status.split(" ", 1)[0]), headers]
            return lambda _data: None

        try:
            result = self._dispatcher(inner, start_response)
            data = b"".join(result)
            if hasattr(result, "close"):
                result.close()
        except NotImplementedError as error:
            raise NotInMotoError from error
        status, headers = started
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if status in (404, 405, 500) and data.lstrip()[:9].lower() == b"<!doctype" and kind.startswith("text/html"):
            raise NotInMotoError
        return Response(status, headers, data)
