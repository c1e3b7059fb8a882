# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account password policy: as strict as the guide, never less strict than it was (B2, G9)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.password_policy import PasswordPolicy
from tests.unit.core.places import Place, only

GUIDE = {
    "MinimumPasswordLength": 12,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "PasswordReusePrevention": 24,
}
LAX = {
    "MinimumPasswordLength": 6,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "RequireNumbers": False,
    "RequireSymbols": False,
    "PasswordReusePrevention": 1,
}
DEFAULT = PasswordPolicy()


def policy(place: Place) -> dict[str, Any]:
    """Return the account's policy as AWS has it."""
    return place.own("iam").get_account_password_policy()["PasswordPolicy"]


def test_an_account_without_a_policy_gets_exactly_the_guides(place: Place) -> None:
    """B2: every field of the guide, and nothing beside them."""
    place.put(DEFAULT)

    assert place.aws.arguments("UpdateAccountPasswordPolicy") == [GUIDE]
    assert {field: policy(place)[field] for field in GUIDE} == GUIDE


def test_a_lax_policy_is_raised_in_every_field(place: Place) -> None:
    """B2."""
    place.own("iam").update_account_password_policy(**LAX)

    place.put(DEFAULT)

    assert {field: policy(place)[field] for field in GUIDE} == GUIDE


@pytest.mark.parametrize("field", sorted(GUIDE))
def test_each_field_of_the_guide_alone_is_drift(place: Place, field: str) -> None:
    """B2, G7: no field is forgotten in the comparison."""
    place.own("iam").update_account_password_policy(**{**GUIDE, field: LAX[field]})

    assert only(place.plan(DEFAULT)).state == "drifted"


def test_a_second_run_writes_nothing(place: Place) -> None:
    """G2."""
    place.applied(DEFAULT)
    del place.aws.calls[:]

    place.applied(DEFAULT)

    assert place.aws.writes == []


def test_a_longer_minimum_length_stays(place: Place) -> None:
    """G9: never weaken, also while another field is raised."""
    place.own("iam").update_account_password_policy(**{**GUIDE, "MinimumPasswordLength": 20, "RequireSymbols": False})

    place.put(DEFAULT)

    assert (policy(place)["MinimumPasswordLength"], policy(place)["RequireSymbols"]) == (20, True)


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("require_uppercase_characters", "RequireUppercaseCharacters"),
        ("require_lowercase_characters", "RequireLowercaseCharacters"),
        ("require_numbers", "RequireNumbers"),
        ("require_symbols", "RequireSymbols"),
    ],
)
def test_a_requirement_that_the_options_do_not_make_stays(place: Place, option: str, field: str) -> None:
    """G9: an option that is laxer than the customer's setting does not lower it."""
    place.own("iam").update_account_password_policy(**{**GUIDE, "MinimumPasswordLength": 8})

    options: dict[str, Any] = {option: False}
    place.put(DEFAULT, **options)

    assert policy(place)[field] is True


def test_a_longer_history_of_passwords_stays(place: Place) -> None:
    """G9: also where the option asks for less."""
    place.own("iam").update_account_password_policy(**{**GUIDE, "MinimumPasswordLength": 8})

    place.put(DEFAULT, password_reuse_prevention=5)

    assert policy(place)["PasswordReusePrevention"] == 24


def test_what_the_guide_says_nothing_of_stays(place: Place) -> None:
    """G9: UpdateAccountPasswordPolicy resets what is left out, so the customer's fields are sent along."""
    theirs = {"AllowUsersToChangePassword": True, "MaxPasswordAge": 90, "HardExpiry": True}
    place.own("iam").update_account_password_policy(**LAX, **theirs)

    place.put(DEFAULT)

    assert {field: policy(place)[field] for field in theirs} == theirs


def test_the_customers_other_fields_alone_are_no_drift(place: Place) -> None:
    """G2, G9."""
    place.own("iam").update_account_password_policy(**GUIDE, MaxPasswordAge=30)

    assert only(place.plan(DEFAULT)).state == "compliant"


def test_numbers_are_variables(place: Place) -> None:
    """B2: every number is a default that a user can override."""
    place.put(DEFAULT, minimum_password_length=16)

    assert policy(place)["MinimumPasswordLength"] == 16


def test_a_requirement_can_be_waived_in_an_account_without_a_policy(place: Place) -> None:
    """B2: every field is a default that a user can override."""
    plan = place.apply(DEFAULT, require_symbols=False)

    assert (only(plan).error, policy(place)["RequireSymbols"]) == (None, False)


def test_the_history_of_passwords_can_be_waived(place: Place) -> None:
    """B2: every number is a default that a user can override."""
    assert only(place.apply(DEFAULT, password_reuse_prevention=0)).error is None
