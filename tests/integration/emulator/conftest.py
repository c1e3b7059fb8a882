"""Sessions in the accounts of the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.client import Emulator

MANAGEMENT, SHARED, PLAIN = "100000000001", "100000000002", "111111111111"
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
# Accounts of the organization `offboard` -> from where, by which role and with what they are reached.
WAYS_IN: dict[str, tuple[str, str, dict[str, str]]] = {
    "820000000000": (MANAGEMENT, "ProviderBilling", {}),
    "822222222222": ("820000000000", ORGANIZATION_ROLE, {}),
    "833333333333": (SHARED, "Rackspace", {"ExternalId": "demo-f3b0c2a49d17"}),
}


class Accounts:
    """Clients of any account, by the organization's role or its way in; the management account by the base
    credentials."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def session(self, account: str) -> boto3.Session:
        if account not in self._sessions:
            keys = self.emulator.environment
            base = boto3.Session(
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"], aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"]
            )
            if account == MANAGEMENT:
                self._sessions[account] = base
            else:
                source, role, more = WAYS_IN.get(account, (MANAGEMENT, ORGANIZATION_ROLE, {}))
                sts = self(source, "sts")
                arn = f"arn:aws:iam::{account}:role/{role}"
                self._sessions[account] = session_of(sts.assume_role(RoleArn=arn, RoleSessionName="test", **more))
        return self._sessions[account]

    def __call__(self, account: str, service: str, region: str = "us-east-1") -> Any:
        key = (account, service, region)
        if key not in self._clients:
            self._clients[key] = client_of(self.session(account), self.emulator, service, region)
        return self._clients[key]


def session_of(answer: dict[str, Any]) -> boto3.Session:
    keys = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def client_of(session: boto3.Session, emulator: Emulator, service: str, region: str) -> Any:
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, proxies={}, s3={"addressing_style": "path"})
    return session.client(service, region_name=region, endpoint_url=emulator.url, config=config)


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    return Accounts(emulator)


@pytest.fixture(scope="session")
def accounts_of() -> type[Accounts]:
    """For tests that begin anew each: clients that know no session of before."""
    return Accounts


@pytest.fixture
def refused() -> Callable[..., str]:
    """Makes a call that must be refused; returns the error's code (and message with `text=True`)."""

    def call(function: Callable[..., Any], *, text: bool = False, **arguments: Any) -> str:
        with pytest.raises(ClientError) as caught:
            function(**arguments)
        error = caught.value.response["Error"]
        return f"{error['Code']}: {error['Message']}" if text else str(error["Code"])

    return call


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **condition: Any) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return document(statement)


@pytest.fixture(scope="session")
def policies() -> Any:
    """The helpers of this file that write documents, for the tests (pytest imports no conftest by name)."""

    class Policies:
        document = staticmethod(document)
        trust = staticmethod(trust)
        session_of = staticmethod(session_of)
        client_of = staticmethod(client_of)

    return Policies
