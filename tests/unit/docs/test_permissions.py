"""The published permissions are those that the definitions declare (G8)."""

from __future__ import annotations

import json

from docs import permissions


def test_the_published_permissions_are_those_that_the_definitions_declare():
    assert permissions.PAGE.read_text(encoding="utf-8") == permissions.page(), "run `make docs`"


def test_every_action_of_every_definition_is_published():
    text = permissions.PAGE.read_text(encoding="utf-8")
    for default in (*permissions.ACCOUNT_DEFAULTS, *permissions.PROVIDER_SIDE):
        assert default.permissions, f"{default.name} declares no permissions"
        for action in (*default.permissions, *default.provider_permissions):
            assert f'"{action}"' in text


def test_every_action_of_the_offboarding_is_published():
    text = permissions.PAGE.read_text(encoding="utf-8")
    for module, (_, account, management) in permissions.OFFBOARDING.items():
        assert account, f"{module} declares no permissions"
        for action in (*account, *management):
            assert f'"{action}"' in text


def test_every_action_of_the_removals_is_published():
    part = permissions.cleanup()
    assert part in permissions.PAGE.read_text(encoding="utf-8")
    whole, check_mode, _ = part.split("```json")[1:]
    for default in permissions.ACCOUNT_DEFAULTS:
        if default.name == "rackspace_role":  # by last_role
            continue
        assert default.removal_permissions or default.on_release == "keep", f"{default.name} declares no permissions"
        for action in (*default.removal_permissions, *default.provider_removal_permissions):
            assert f'"{action}"' in part
    for action in permissions.last_role.PERMISSIONS:
        assert f'"{action}"' in whole
        assert (f'"{action}"' in check_mode) == action.split(":")[1].startswith(permissions.READS)


def test_every_action_of_the_scan_for_residual_access_is_published():
    text = permissions.PAGE.read_text(encoding="utf-8")
    for scan in permissions.scans.SCANS:
        assert scan.permissions, f"{scan.name} declares no permissions"
        for action in scan.permissions:
            assert f'"{action}"' in text
            assert action.split(":")[1].startswith(permissions.READS) or action == "apigateway:GET"


def test_the_policies_of_a_read_only_role_are_those_that_the_definitions_declare():
    for file, actions in permissions.READ_ONLY.items():
        (statement,) = json.loads(file.read_text(encoding="utf-8"))["Statement"]
        assert statement["Action"] == actions(permissions.ACCOUNT_DEFAULTS), "run `make docs`"
        assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")


def test_a_read_only_role_may_do_what_onboarding_reads_and_nothing_that_writes():
    """G8: of every action that onboarding declares, each is in the policy or writes."""
    for (_, actions), attribute in zip(
        permissions.READ_ONLY.items(), ("permissions", "provider_permissions"), strict=True
    ):
        declared = {action for default in permissions.ACCOUNT_DEFAULTS for action in getattr(default, attribute)}
        allowed = set(actions(permissions.ACCOUNT_DEFAULTS))
        assert {action for action in allowed if not permissions._reads(action)} == set()
        assert {action for action in declared - allowed if permissions._reads(action)} == set()


def test_the_policy_of_a_read_only_role_fits_a_managed_policy():
    """IAM and AWS STS quotas: a managed policy has at most 6,144 characters, white space not counted."""
    for file in permissions.READ_ONLY:
        assert len("".join(file.read_text(encoding="utf-8").split())) <= 6144


def test_every_action_of_the_check_of_signals_is_published():
    part = permissions.signals()
    assert part in permissions.PAGE.read_text(encoding="utf-8")
    here, check_mode, there = part.split("```json")[1:]
    for action in permissions.signal_check.PERMISSIONS:
        assert f'"{action}"' in here
    assert '"sns:Publish"' not in check_mode
    for action in permissions.signal_check.PROVIDER_PERMISSIONS:
        assert f'"{action}"' in there
