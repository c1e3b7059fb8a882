"""The published permissions are those that the definitions declare (G8)."""

from __future__ import annotations

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


def test_every_action_of_the_scan_for_residual_access_is_published():
    text = permissions.PAGE.read_text(encoding="utf-8")
    for scan in permissions.scans.SCANS:
        assert scan.permissions, f"{scan.name} declares no permissions"
        for action in scan.permissions:
            assert f'"{action}"' in text
            assert action.split(":")[1].startswith(permissions.READS) or action == "apigateway:GET"
