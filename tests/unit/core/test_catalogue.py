# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What every account default promises. A newcomer who forgot something finds here what it is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import catalogue
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import PROVIDER_SIDE
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import AccountDefault
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import PLAN_SPEC
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC
from tests.unit.core.places import LOADER

EVERYTHING = (*ACCOUNT_DEFAULTS, *PROVIDER_SIDE)
EACH = pytest.mark.parametrize("default", EVERYTHING, ids=lambda default: default.name)
SECTIONS = {"iam", "s3", "support", "cloudtrail", "config", "risk_events", "shared_services"}
#: B16, as requirements.md has it: default -> required
B16 = {
    "rackspace_role": True,
    "password_policy": True,
    "cloudhealth_role": False,
    "logs_bucket": True,
    "rackspace_bucket": True,
    "config_role": False,
    "dispatcher_role": False,
    "cloudtrail_topic": True,
    "awsconfig_topic": False,
    "support_topic": True,
    "support_standard_topic": True,
    "support_urgent_topic": True,
    "support_emergency_topic": True,
    "trail": True,
    "recorder": False,
    "dispatcher_rule": False,
}
#: IAM actions that are no operation's name: action -> the operation that needs it.
#: Source: S3 User Guide, "Required permissions for Amazon S3 API operations"; IAM User Guide, "PassRole".
OTHER_ACTIONS = {
    "s3:ListBucket": "HeadBucket",
    "s3:ListBucketVersions": "ListObjectVersions",
    "s3:GetLifecycleConfiguration": "GetBucketLifecycleConfiguration",
    "s3:PutLifecycleConfiguration": "PutBucketLifecycleConfiguration",
    "s3:GetBucketPublicAccessBlock": "GetPublicAccessBlock",
    "s3:PutBucketPublicAccessBlock": "PutPublicAccessBlock",
    "s3:GetEncryptionConfiguration": "GetBucketEncryption",
    "s3:PutEncryptionConfiguration": "PutBucketEncryption",
    "iam:PassRole": "",
}


def test_the_required_and_the_optional_defaults_are_those_of_the_table() -> None:
    """B16: one table says which."""
    assert {default.name: default.required for default in ACCOUNT_DEFAULTS} == B16


def test_every_row_of_the_guides_defaults_has_a_default() -> None:
    """B1 to B17: B8, B12 and B16 are rules of the others."""
    rows = {default.requirement for default in EVERYTHING}

    assert rows == {f"B{number}" for number in range(1, 18)} - {"B8", "B12", "B16"}


def test_names_are_unique() -> None:
    """A name is an option's value, a row's key and what is adopted or switched off."""
    names = [default.name for default in EVERYTHING]

    assert len(names) == len(set(names))


@EACH
def test_a_default_has_a_name_a_title_a_service_a_section_and_a_row(default: AccountDefault) -> None:
    """The name is snake_case; the section is a tag of the playbook."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", default.name)
    assert default.title[0].isupper()
    assert not default.title.endswith(".")
    assert re.fullmatch(r"[A-G]\d+", default.requirement)
    assert default.section in SECTIONS
    assert default.service in LOADER.list_available_services("service-2")


@EACH
def test_a_default_says_what_a_reverse_assumption_does_with_it(default: AccountDefault) -> None:
    """E6: keep, remove or detach."""
    assert default.on_release in {"keep", "remove", "detach"}


@EACH
def test_a_default_and_what_it_overrides_are_documented(default: AccountDefault) -> None:
    """Style: public docstrings; the class's own, not an inherited one."""
    for owner in type(default).__mro__:
        if not owner.__module__.endswith(("model", "abc", "builtins")):
            assert owner.__dict__.get("__doc__"), owner
            for name, member in vars(owner).items():
                if inspect.isfunction(member) and not name.startswith("_"):
                    assert member.__doc__, f"{owner.__name__}.{name}"


@pytest.mark.parametrize("defaults", [ACCOUNT_DEFAULTS, PROVIDER_SIDE], ids=["account", "provider"])
def test_needs_are_earlier_entries_of_the_same_catalogue(defaults: tuple[AccountDefault, ...]) -> None:
    """Design: the order of one explicit catalogue."""
    earlier: set[str] = set()
    for default in defaults:
        assert set(default.needs) <= earlier, default.name
        earlier.add(default.name)


def test_what_is_needed_is_written_first_or_in_the_same_region() -> None:
    """Plan.apply: first what has no region of its own and needs nothing, then each region in order.

    A need that is neither would be written in another thread than what needs it, at the same time.
    """
    by_name = {default.name: default for default in EVERYTHING}
    for default in EVERYTHING:
        for need in (by_name[name] for name in default.needs):
            independent = not need.regional and not need.needs
            assert independent or (need.regional and default.regional), f"{default.name} needs {need.name}"


def test_a_required_default_needs_no_optional_one() -> None:
    """B16: else switching off an optional one would switch off a required one."""
    required = {default.name: default.required for default in EVERYTHING}

    assert [d.name for d in EVERYTHING if d.required and not all(required[need] for need in d.needs)] == []


@EACH
def test_a_defaults_options_are_an_argument_spec_with_defaults(default: AccountDefault) -> None:
    """Together the whole desired state: nothing but an identity may be required."""
    spec = {name: dict(option) for name, option in default.options.items()}
    required = {name for name, option in spec.items() if option.get("required")}
    given = {"account_uuid": "x", "managed_account_ids": ["x"]}

    checked = ArgumentSpecValidator(spec).validate({name: given[name] for name in required})

    assert required <= set(given)
    assert checked.error_messages == []


def test_an_option_that_several_defaults_have_is_the_same_in_all() -> None:
    """One variable, one meaning."""
    seen: dict[str, Mapping[str, Any]] = {}
    for default in EVERYTHING:
        for name, option in default.options.items():
            assert seen.setdefault(name, option) == option, f"{default.name}: {name}"


@EACH
def test_no_option_of_a_default_hides_one_of_every_module(default: AccountDefault) -> None:
    """The specs are merged: an option of the same name would replace it."""
    assert not set(default.options) & {*ACCOUNT_SPEC, *PLAN_SPEC, "only", "except"}


@EACH
def test_every_option_that_a_default_reads_is_in_its_spec(default: AccountDefault) -> None:
    """A single-default module has no other options."""
    known = {*default.options, *default.removal_options, *ACCOUNT_SPEC, *PLAN_SPEC}
    sources = "".join(
        inspect.getsource(owner)
        for owner in type(default).__mro__
        if not owner.__module__.endswith(("model", "abc", "builtins"))
    )
    read = set(re.findall(r"""options(?:\.get\(|\[)"([a-z_]+)["\])]""", sources))

    assert read <= known


@EACH
@pytest.mark.parametrize(
    "kind", ["permissions", "provider_permissions", "removal_permissions", "provider_removal_permissions"]
)
def test_permissions_are_actions_of_aws_services_once_each(default: AccountDefault, kind: str) -> None:
    """G8: published, and no wildcard among them."""
    actions = getattr(default, kind)

    assert len(actions) == len(set(actions))
    for action in actions:
        service, _, name = action.partition(":")
        operations = LOADER.load_service_model(service, "service-2")["operations"]
        assert name in operations or action in OTHER_ACTIONS, action


@EACH
def test_a_default_names_the_permissions_of_its_own_service(default: AccountDefault) -> None:
    """G8: forgotten permissions are met in production only."""
    assert any(action.startswith(f"{default.service}:") for action in default.permissions)


def operations_called(default: AccountDefault) -> set[str]:
    """Return the operations that a default's source calls, as method names of clients."""
    sources = "".join(
        inspect.getsource(owner)
        for owner in type(default).__mro__
        if not owner.__module__.endswith(("model", "abc", "builtins"))
    )
    names = set(re.findall(r"\.([a-z_]+)\(", sources)) | set(re.findall(r"found\(\s*\w[\w.()\"]*\.([a-z_]+)", sources))
    return names | set(re.findall(r"""get_paginator\("([a-z_]+)"\)""", sources))


@EACH
def test_every_operation_in_a_defaults_source_has_its_permission(default: AccountDefault) -> None:
    """G8: the IAM actions that code needs are declared beside it."""
    operations = LOADER.load_service_model(default.service, "service-2")["operations"]
    by_method = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in operations}
    renamed = {operation: action for action, operation in OTHER_ACTIONS.items()}
    called = {by_method[name] for name in operations_called(default) if name in by_method}
    granted = {
        *default.permissions,
        *default.provider_permissions,
        *default.removal_permissions,
        *default.provider_removal_permissions,
    }

    missing = {
        operation for operation in called if renamed.get(operation, f"{default.service}:{operation}") not in granted
    }
    assert missing == set()


@EACH
def test_error_codes_that_are_waited_out_are_no_denials_of_one_own(default: AccountDefault) -> None:
    """Design: on exactly those error codes; a plain AccessDenied would cost the whole bound in every target."""
    assert not {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"} & set(default.not_yet)


def test_the_order_of_the_catalogue_is_the_tuple_whatever_order_is_asked_for() -> None:
    """Design: in apply order."""
    chosen = catalogue.named("trail", "logs_bucket", "cloudtrail_topic")

    assert [default.name for default in chosen] == ["logs_bucket", "cloudtrail_topic", "trail"]


def test_a_name_that_is_in_no_catalogue_is_an_error() -> None:
    """A misspelt default must not be an empty plan."""
    with pytest.raises(KeyError):
        catalogue.named("trails")


FILES = sorted(Path(inspect.getfile(catalogue)).parent.joinpath("defaults").glob("[a-z]*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_definition_holds_nothing_of_ansible_no_threads_and_no_sleep(path: Path) -> None:
    """Design: no loops over regions, no retries, no Ansible in it."""
    source = path.read_text()

    assert not re.search(r"^(from|import) ansible\.", source, re.M)
    assert not re.search(r"\b(import (threading|time|boto3|botocore)|sleep\(|module\.)", source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_definition_is_of_a_length_that_can_be_read_at_once(path: Path) -> None:
    """Style: one file for each managed thing."""
    assert 20 <= len(path.read_text().splitlines()) <= 400
