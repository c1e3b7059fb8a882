# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is shared with other accounts or run by them: resource shares, StackSets, endpoint services, aggregators."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.identities import (
    AUTHORIZATION,
    authorization,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import Match
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search

#: roles by which StackSets reach an account, where a stack does not name its own
# (CloudFormation User Guide, "Prerequisites for using StackSets"; AWS Control Tower User Guide, "Roles")
EXECUTION_ROLES = ("AWSCloudFormationStackSetExecutionRole", "AWSControlTowerExecution", "stacksets-exec-")


def _shares(search: Search) -> Iterator[Found]:
    # answers only for the account's own shares; what others share with it opens nothing
    # (RAM API Reference, GetResourceShareAssociations)
    granted: dict[str, list[tuple[str, str]]] = {}
    for entry in search.pages(
        "get_resource_share_associations", "resourceShareAssociations", associationType="PRINCIPAL"
    ):
        if entry.get("status") in {"ASSOCIATED", "ASSOCIATING"}:
            what = f"share {entry.get('resourceShareName', '')} is open"
            granted.setdefault(entry["resourceShareArn"], []).append((entry["associatedEntity"], what))
    for arn, grants in granted.items():
        yield search.grants(arn, "resource share", lambda _, given: given, grants)


def _stacks(search: Search) -> Iterator[Found]:
    for stack in search.pages("list_stacks", "StackSummaries"):
        if stack["StackName"].startswith("StackSet-") and stack["StackStatus"] != "DELETE_COMPLETE":
            yield _stack(search, stack["StackId"])


def _stack(search: Search, stack: str) -> Found:
    """Return what a StackSet's stack says: by which role it is run, and whom that role trusts.

    Without a role that trusts it no StackSet reaches the account, so the trust policies prove what stacks hint at.
    """
    through: list[str] = []
    found = search.look(stack, "stack of a StackSet", partial(_stack_matches, search, stack, through))
    return found.by(through)


def _stack_matches(search: Search, stack: str, through: list[str]) -> list[Match]:
    described = search.client.describe_stacks(StackName=stack)["Stacks"][0]
    role_arn, matches = described.get("RoleARN"), []
    for role in authorization(search)["RoleDetailList"]:
        if role["Arn"] == role_arn or (not role_arn and role["RoleName"].startswith(EXECUTION_ROLES)):
            for match in search.names.in_document(role["AssumeRolePolicyDocument"]):
                through.append(role["Arn"])
                matches.append(Match(match.names, f"its StackSet is run by {role['RoleName']}: {match.detail}"))
    return matches


def _endpoint_services(search: Search) -> Iterator[Found]:
    for service in search.pages("describe_vpc_endpoint_service_configurations", "ServiceConfigurations"):
        number = service["ServiceId"]
        arn = search.arn(f"vpc-endpoint-service/{number}")
        yield search.grants(arn, "endpoint service permission", _service_permissions, number)


def _service_permissions(ec2: Any, number: str) -> Iterator[tuple[str, str]]:
    for page in ec2.get_paginator("describe_vpc_endpoint_service_permissions").paginate(ServiceId=number):
        for permission in page["AllowedPrincipals"]:
            yield permission["Principal"], "an endpoint may be made"


def _aggregators(search: Search) -> Iterator[Found]:
    for entry in search.pages("describe_aggregation_authorizations", "AggregationAuthorizations"):
        grants = [(entry["AuthorizedAccountId"], "an aggregator may read what AWS Config records")]
        arn = entry["AggregationAuthorizationArn"]
        yield search.grants(arn, "aggregation authorization", lambda _, given: given, grants)


SCANS = (
    Scan(
        "ram",
        "ram",
        "the principals of the account's own RAM resource shares",
        ("ram:GetResourceShareAssociations",),
        _shares,
    ),
    Scan(
        "stack_sets",
        "cloudformation",
        "stacks of StackSets, by whom their execution role trusts",
        ("cloudformation:ListStacks", "cloudformation:DescribeStacks", AUTHORIZATION),
        _stacks,
    ),
    Scan(
        "endpoint_services",
        "ec2",
        "the principals that VPC endpoint services admit",
        ("ec2:DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpointServicePermissions"),
        _endpoint_services,
    ),
    Scan(
        "config_aggregators",
        "config",
        "authorizations of AWS Config aggregators",
        ("config:DescribeAggregationAuthorizations",),
        _aggregators,
    ),
)
