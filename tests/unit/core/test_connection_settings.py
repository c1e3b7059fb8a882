# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How often AWS is asked again: by our own settings, unless the environment or an option says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import ConnectionSettings


@pytest.mark.parametrize(
    ("environment", "option", "expected"),
    [
        ({}, None, {"mode": "standard", "total_max_attempts": 11}),
        ({"AWS_MAX_ATTEMPTS": "3"}, None, {"mode": "standard", "total_max_attempts": 3}),
        ({"AWS_RETRY_MODE": "adaptive"}, None, {"mode": "adaptive", "total_max_attempts": 11}),
        (
            {"AWS_MAX_ATTEMPTS": "3"},
            {"mode": "standard", "total_max_attempts": 2},
            {"mode": "standard", "total_max_attempts": 2},
        ),
    ],
)
def test_calls_are_repeated_as_the_user_says(
    environment: dict[str, str], option: Any, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = ConnectionSettings({"aws_config": {"retries": option} if option else None})
    client = settings.new_session().create_client(
        "sts", "us-east-1", config=settings.config, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    assert client.meta.config.retries == expected
