"""AWS's rules that moto lets pass, one module a service.

A rule answers one operation instead of moto: it returns a response (often moto's own, by `call.forward()`) or raises
AwsError. A guard looks at every call of a service before its rule. Each names the page that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from emulator.call import Call
from emulator.protocol import Response

Rule = Callable[[Call], Response]
Guard = Callable[[Call], None]

RULES: dict[tuple[str, str], Rule] = {}
GUARDS: dict[str, list[Guard]] = {}
MODULES = (
    "account", "account_email", "cloudtrail", "cloudtrail_reads", "config", "config_tags", "ec2", "events", "iam",
    "iam_root", "organizations", "organizations_leave", "s3", "s3_lifecycle", "shares", "sns", "sns_subscriptions",
    "sqs", "sts", "sts_root", "subscribers", "support",
)  # fmt: skip


def rule(service: str, *operations: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        for operation in operations:
            RULES[service, operation] = function
        return function

    return register


def guard(service: str) -> Callable[[Guard], Guard]:
    def register(function: Guard) -> Guard:
        GUARDS.setdefault(service, []).append(function)
        return function

    return register


def load() -> None:
    for name in MODULES:
        import_module(f"emulator.rules.{name}")
