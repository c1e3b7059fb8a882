# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account record: the host variables of an account, and what is wrong with them (A1, A3).

Every fault says which variable, what was found and what to write instead; all faults are told at once. No message
shows an external id.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Region
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import (
    foreign_principals,
    request_faults,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import (
    ARN,
    EMAIL,
    Check,
    access_roles,
    account_id,
    account_uuid,
    boolean,
    cloudhealth,
    control_tower,
    external_id,
    list_of,
    meant,
    one_of,
    organization,
    principal,
    queues,
    reasons,
    region,
    region_to_region,
    role_name,
    shaped,
    shown,
    text,
)


@dataclass(frozen=True)
class Unreadable:
    """Stands for a value whose template failed: this account's fault, not the run's."""

    why: str


@dataclass(frozen=True)
class Field:
    """One variable of the record.

    Attributes:
        about: what it is, for people.
        check: what is wrong with a value.
        default: what holds where it is not given; for options, the module's own.
        option: the option of ``account_defaults`` that it becomes; "" where it is none.
    """

    name: str
    about: str
    check: Check = text
    default: Any = None
    required: bool = False
    option: str = ""


FIELDS: tuple[Field, ...] = (
    Field("account_id", "The account's id, 12 digits in quotes", account_id, required=True, option="account_id"),
    Field("account_uuid", "Names the buckets; lower-case", account_uuid, required=True, option="account_uuid"),
    Field("account_name", "How messages and reports name the account; the host's name", option="account_name"),
    Field("account_email", "Address of the root user", shaped(EMAIL, "an e-mail address")),
    Field("account_ddi", "The customer account at the provider", shaped(re.compile(r"\d+"), "digits, in quotes")),
    Field("account_service_level", "Free text; a level can switch optional defaults off"),
    Field("account_model", "Who holds the root credentials", one_of("spam", "ecam"), "spam"),
    Field("account_sector", "The customer's sector", one_of("commercial", "public_sector"), "commercial"),
    Field("account_seller", "The seller of record", one_of("aws_inc", "aws_india"), "aws_inc"),
    Field("account_payer", "The payer it is billed under", one_of("shared", "dedicated"), "shared"),
    Field("account_kind", "What it is in its organization", one_of("member", "payer", "standalone"), "member"),
    Field(
        "account_organization",
        "Where it is a member: management_account_id, id, management_role",
        organization,
        option="organization",
    ),
    Field("account_transferred", "Brought in; does not count towards the customer's five", boolean, False),
    Field(
        "account_control_tower",
        "Whether Control Tower manages it: auto, true or false",
        control_tower,
        "auto",
        option="control_tower",
    ),
    Field("account_regions", "Where to work; empty: every enabled region", list_of(region), [], option="regions"),
    Field(
        "account_access_roles",
        "Roles by which it is reached, in this order: a name, or {name, via} with via provider, management or base",
        access_roles,
        ["Rackspace", "OrganizationAccountAccessRole"],
        option="access_roles",
    ),
    Field("account_external_id", "sts:ExternalId of the access role", external_id, option="external_id"),
    Field("account_defaults_disabled", "A default's name -> why it is off", reasons, {}, option="defaults_disabled"),
    Field("account_adopt", "A foreign resource's default -> why it may be taken over", reasons, {}, option="adopt"),
    Field("account_protected", "true: nothing is ever removed from this account", boolean, False),
    Field("offboarding", "The request to hand the account back to its owner (E1)", request_faults),
    Field(
        "provider_account_id",
        "The shared management services account",
        account_id,
        required=True,
        option="provider_account_id",
    ),
    Field("provider_account_ids", "All accounts of the provider", list_of(account_id), []),
    Field(
        "provider_access_role",
        "How the shared management services account is reached from other credentials",
        role_name,
        "OrganizationAccountAccessRole",
        option="provider_access_role",
    ),
    Field(
        "provider_role_name",
        "The provider's role in every account (B1)",
        role_name,
        "Rackspace",
        option="provider_role_name",
    ),
    Field(
        "provider_trusted_principals",
        "Whom that role trusts; empty: provider_account_id",
        list_of(principal),
        [],
        option="provider_trusted_principals",
    ),
    Field("provider_external_id", "What account_external_id is where an account gives none", external_id),
    Field("provider_external_id_waived", "Why the role is to trust without an external id"),
    Field(
        "provider_external_id_rotate",
        "Replace the external id that the role asks for now; without it another one is an error",
        boolean,
        False,
        option="rotate_external_id",
    ),
    Field("provider_bucket_region", "Where the buckets are made (B4, B5)", region, "us-west-2", option="bucket_region"),
    Field(
        "provider_events_region", "Where the dispatcher's rule is (B15)", region, "us-east-1", option="events_region"
    ),
    Field("provider_queues", "Purpose -> queue name: cloudtrail, awsconfig, support", queues, option="queue_names"),
    Field(
        "provider_queues_admit_by",
        "How the queues' policies name the accounts' topics; source_account needs less room for many accounts",
        one_of("source_arn", "source_account"),
        "source_arn",
    ),
    Field(
        "provider_queues_remove_accounts",
        "Stop admitting the accounts that have left the inventory; without it, their absence is an error",
        boolean,
        False,
    ),
    Field(
        "provider_queue_regions",
        "Region -> region whose queue serves it, where the shared account has not enabled the region",
        region_to_region,
        {},
        option="queue_regions",
    ),
    Field(
        "provider_subscription_owner",
        "Who makes the cross-account subscriptions",
        one_of("provider", "account"),
        "provider",
        option="subscription_owner",
    ),
    Field("provider_trail_name", "The trail's name (B6)", default="rackspace-cloudtrail", option="trail_name"),
    Field(
        "provider_recorder_name", "The recorder's and channel's name (B10)", default="default", option="recorder_name"
    ),
    Field(
        "provider_dispatcher_target_arn",
        "Bus or queue in the shared account; empty: the queue that shared_services makes",
        shaped(ARN, "an ARN of a queue or an event bus"),
        option="dispatcher_target_arn",
    ),
    Field(
        "cloudhealth",
        "Per tenant: external_ids and policy (a file's path or the document); account_id and role_name have defaults",
        cloudhealth,
        option="cloudhealth",
    ),
)
BY_NAME = {field.name: field for field in FIELDS}

#: variables of the roles that begin like a record's; a contract test compares them with the roles' argument_specs
ROLE_VARIABLES: tuple[str, ...] = (
    "account_access_faults",
    "account_access_group",
    "account_audit_access_roles",
    "account_audit_fail_on",
    "account_audit_json",
    "account_audit_previous",
    "account_audit_reports",
    "account_audit_result",
    "account_defaults_allow_cloudtrail_delivery",
    "account_defaults_allow_config_delivery",
    "account_defaults_config_role_name",
    "account_defaults_credential_cache",
    "account_defaults_disabled_by_service_level",
    "account_defaults_dispatcher_name",
    "account_defaults_dispatcher_policy",
    "account_defaults_dispatcher_trusted_principals",
    "account_defaults_enable_log_file_validation",
    "account_defaults_except",
    "account_defaults_expiration_days",
    "account_defaults_fail_on_foreign",
    "account_defaults_health_services",
    "account_defaults_logs_bucket_name",
    "account_defaults_minimum_password_length",
    "account_defaults_noncurrent_expiration_days",
    "account_defaults_only",
    "account_defaults_ownership_tags",
    "account_defaults_password_reuse_prevention",
    "account_defaults_rackspace_bucket_name",
    "account_defaults_removal_result",
    "account_defaults_report",
    "account_defaults_report_path",
    "account_defaults_require_lowercase_characters",
    "account_defaults_require_numbers",
    "account_defaults_require_symbols",
    "account_defaults_require_uppercase_characters",
    "account_defaults_result",
    "account_defaults_role_managed_policies",
    "account_defaults_role_policy",
    "account_defaults_run_tags",
    "account_defaults_skip_tags",
    "account_defaults_topic_names",
    "account_defaults_wait_timeout",
)

#: switches defaults off for all accounts of a service level
LEVELS = "account_defaults_disabled_by_service_level"
PREFIXES = ("account_", "provider_")
#: how alike a name without these prefixes must be to count as misspelt ("acount_id")
ALIKE = 0.93


def record_faults(variables: Mapping[str, Any], defaults: Mapping[str, bool] | None = None) -> list[str]:
    """Return every fault of one account's host variables; [] where the record is good.

    Args:
        variables: all host variables; only those of the record are read.
        defaults: the account defaults' names -> whether they are required; None: the catalogue's.
    """
    known = _catalogue() if defaults is None else defaults
    faults = [f"{name}: unknown variable; {hint}" for name in variables if (hint := _unknown(str(name)))]
    values = {name: variables[name] for name in (*BY_NAME, LEVELS) if name in variables}
    unreadable = [name for name, value in values.items() if isinstance(value, Unreadable)]
    faults += [f"{name}: cannot be read: {values.pop(name).why}" for name in unreadable]
    for field in FIELDS:
        if field.name in unreadable:
            continue
        faults += [f"{field.name}: {fault}" for fault in _field_faults(field, values)]
    for name in ("account_defaults_disabled", "account_adopt"):
        faults += [f"{name}: {fault}" for fault in default_faults(name, values.get(name), known)]
    faults += [f"{LEVELS}: {fault}" for fault in _level_faults(values.get(LEVELS), known)]
    named = foreign_principals(values.get("offboarding"), values.get("account_id"))
    faults += [f"offboarding: {fault}" for fault in named]
    return faults + _external_id_faults(values)


def inventory_faults(
    records: Mapping[str, Mapping[str, Any]], defaults: Mapping[str, bool] | None = None
) -> dict[str, list[str]]:
    """Return the faults of each host that has any: those of its record, and what two hosts share and must not.

    Args:
        records: host -> its host variables.
        defaults: as in ``record_faults``.
    """
    known = _catalogue() if defaults is None else defaults
    faults = {host: record_faults(variables, known) for host, variables in records.items()}
    for name in ("account_id", "account_uuid"):
        for host, value, others in _shared(records, methodcaller("get", name)):
            faults[host].append(
                f"{name}: {value} is also that of {others}; an account is one host of the inventory, "
                "so correct one of them or take it out"
            )
    for host, value, others in _shared(records, _new_root_email):
        faults[host].append(
            f"offboarding: new_root_email {value} is also that of {others}; AWS takes an address for one account only, "
            "so ask for another one"
        )
    return {host: found for host, found in faults.items() if found}


def option_faults(params: Mapping[str, Any], defaults: Mapping[str, bool]) -> list[str]:
    """Return what is wrong with a module's options, in the words of the record; [] where nothing is.

    Args:
        params: the module's options, those of the record among them under their option's name.
        defaults: the names of the module's account defaults -> whether they are required.
    """
    checked = {
        "account_id": account_id,
        "account_uuid": account_uuid,
        "provider_account_id": account_id,
        "access_roles": access_roles,
        "external_id": external_id,
        "regions": list_of(region),
        "organization": organization,
        "defaults_disabled": reasons,
        "adopt": reasons,
    }
    faults = []
    for name, check in checked.items():
        value = params.get(name)
        if value not in (None, ""):
            faults += [f"{name}: {fault}" for fault in check(value)]
        elif value == "" and name in {"account_id", "account_uuid", "provider_account_id"}:
            faults.append(f"{name}: is empty; give it")
    for name in ("defaults_disabled", "adopt"):
        faults += [f"{name}: {fault}" for fault in default_faults(name, params.get(name), defaults)]
    return faults


def default_faults(name: str, value: Any, defaults: Mapping[str, bool]) -> list[str]:
    """Return what is wrong with the names and reasons of defaults that are switched off, or adopted (B16, G9).

    Args:
        name: the variable or option; one that ends in ``adopt`` always needs reasons.
        defaults: the known names -> whether they are required.
    """
    faults = []
    for default, reason in value.items() if isinstance(value, Mapping) else ():
        if default not in defaults:
            faults.append(f"{default} is no account default; {meant(str(default), tuple(defaults))}")
        elif not isinstance(reason, str | None) or (reason or "").strip():
            continue
        elif name.endswith("adopt"):
            faults.append(f"{default} has no reason; say why it may be taken over: {{{default}: <reason>}}")
        elif defaults[default]:
            faults.append(f"{default} is required; say why it is switched off: {{{default}: <reason>}}")
    return faults


def regions_named(names: Iterable[str]) -> list[Region]:
    """Return regions that were named by hand; whether somebody had to enable them is not known."""
    return [Region(name) for name in names]


def _shared(
    records: Mapping[str, Mapping[str, Any]], read: Callable[[Mapping[str, Any]], Any]
) -> Iterator[tuple[str, str, str]]:
    """Return each host whose value another one has too, with the value and the others."""
    hosts: dict[str, list[str]] = {}
    for host, variables in records.items():
        value = read(variables)
        if isinstance(value, str | int) and value != "":
            hosts.setdefault(str(value).lower(), []).append(host)
    for value, sharing in hosts.items():
        for host in sharing if len(sharing) > 1 else ():
            yield host, value, ", ".join(other for other in sharing if other != host)


def _new_root_email(variables: Mapping[str, Any]) -> Any:
    request = variables.get("offboarding")
    return request.get("new_root_email") if isinstance(request, Mapping) else None


def _field_faults(field: Field, values: Mapping[str, Any]) -> list[str]:
    value = values.get(field.name)
    if value is None or (value == "" and not field.required):
        return [f"is missing; add it: {field.about}"] if field.required else []
    return field.check(value)


def _level_faults(value: Any, defaults: Mapping[str, bool]) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, Mapping):
        return [f"is {shown(value)}; write a mapping of service levels: {{<level>: {{<default>: <reason>}}}}"]
    return [
        f"{level}: {fault}"
        for level, disabled in value.items()
        for fault in [*reasons(disabled), *default_faults(LEVELS, disabled, defaults)]
    ]


def _external_id_faults(values: Mapping[str, Any]) -> list[str]:
    names = ("account_external_id", "provider_external_id", "provider_external_id_waived")
    if any(values.get(name) not in (None, "") for name in names):
        return []
    how = "python3 -c 'import secrets; print(secrets.token_hex(16))'"
    missing = "is missing, and provider_external_id too, so that the provider's role would trust without one"
    fix = f"Make one ({how}), keep it in a vault and set provider_external_id"
    return [f"account_external_id: {missing}. {fix}; or do without, and say why: provider_external_id_waived: <reason>"]


@functools.lru_cache(maxsize=4096)
def _unknown(name: str) -> str:
    """Return what an unknown or misspelt variable of the record may be meant to be; "" where it is fine."""
    known = (*BY_NAME, *ROLE_VARIABLES)
    if name in known:
        return ""
    if name.startswith(PREFIXES):
        return meant(name, known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=ALIKE)
    return f"is {near[0]} meant?" if near else ""


def _catalogue() -> dict[str, bool]:
    from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS

    return {default.name: default.required for default in ACCOUNT_DEFAULTS}
