# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may run, pull and call: functions, layers, repositories, APIs, search domains, catalogues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import EVERYBODY
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search

AT_ONCE = 5  #: domains that OpenSearch describes in one call (OpenSearch API Reference, DescribeDomains)


def _functions(search: Search) -> Iterator[Found]:
    # a version and an alias have a policy of their own
    for function in search.pages("list_functions", "Functions", FunctionVersion="ALL"):
        arn, name, version = function["FunctionArn"], function["FunctionName"], function["Version"]
        if version != "$LATEST":
            yield search.document(arn, "function policy", _function_policy, name, version)
            continue
        whole = arn.removesuffix(":$LATEST")
        yield search.document(whole, "function policy", _function_policy, name)
        listing = partial(search.pages, "list_aliases", "Aliases", FunctionName=name)
        aliases, unread = search.gather(whole, "function policy", listing)
        yield unread
        for alias in aliases:
            yield search.document(alias["AliasArn"], "function policy", _function_policy, name, alias["Name"])


def _function_policy(functions: Any, function: str, qualifier: str = "") -> Any:
    which = {"Qualifier": qualifier} if qualifier else {}
    return functions.get_policy(FunctionName=function, **which)["Policy"]


def _layers(search: Search) -> Iterator[Found]:
    for layer in search.pages("list_layers", "Layers"):
        name = layer["LayerName"]
        for version in search.pages("list_layer_versions", "LayerVersions", LayerName=name):
            yield search.document(version["LayerVersionArn"], "layer policy", _layer_policy, name, version["Version"])


def _layer_policy(functions: Any, layer: str, version: int) -> Any:
    return functions.get_layer_version_policy(LayerName=layer, VersionNumber=version)["Policy"]


def _repositories(search: Search) -> Iterator[Found]:
    for repository in search.pages("describe_repositories", "repositories"):
        name = repository["repositoryName"]
        yield search.document(repository["repositoryArn"], "repository policy", _repository_policy, name)


def _repository_policy(ecr: Any, name: str) -> Any:
    return ecr.get_repository_policy(repositoryName=name)["policyText"]


def _registry(search: Search) -> Iterator[Found]:
    yield search.only(search.document(search.arn("registry"), "registry policy", _registry_policy))


def _registry_policy(ecr: Any, dummy: str) -> Any:
    return ecr.get_registry_policy()["policyText"]


def _apis(search: Search) -> Iterator[Found]:
    for api in search.pages("get_rest_apis", "items"):
        yield search.document(search.arn(f"/restapis/{api['id']}", account=""), "API policy", _api_policy, api)


def _api_policy(dummy: Any, api: dict[str, Any]) -> Any:
    text = api.get("policy")
    if not text:
        return None
    # API Gateway escapes the quotes of the document (API Gateway API Reference, RestApi)
    return json.loads(f'"{text}"') if text.startswith('{\\"') else text


def _domains(search: Search) -> Iterator[Found]:
    names = [domain["DomainName"] for domain in search.pages("list_domain_names", "DomainNames")]
    for first in range(0, len(names), AT_ONCE):
        for domain in search.client.describe_domains(DomainNames=names[first : first + AT_ONCE])["DomainStatusList"]:
            found = search.stated(domain["ARN"], "domain policy", domain.get("AccessPolicies"))
            inside = bool(domain.get("VPCOptions", {}).get("VPCId"))
            # what is open to everybody in a VPC is open to that network, not to the world
            yield found.without({EVERYBODY}) if inside else found


def _catalogue(search: Search) -> Iterator[Found]:
    yield search.only(search.document(search.arn("catalog"), "catalogue policy", _catalogue_policy))


def _catalogue_policy(glue: Any, dummy: str) -> Any:
    return glue.get_resource_policy().get("PolicyInJson")


SCANS = (
    Scan(
        "lambda",
        "lambda",
        "the policies of Lambda functions, their versions and aliases",
        ("lambda:ListFunctions", "lambda:ListAliases", "lambda:GetPolicy"),
        _functions,
    ),
    Scan(
        "lambda_layers",
        "lambda",
        "the policies of Lambda layers",
        ("lambda:ListLayers", "lambda:ListLayerVersions", "lambda:GetLayerVersionPolicy"),
        _layers,
    ),
    Scan(
        "ecr",
        "ecr",
        "the policies of ECR repositories",
        ("ecr:DescribeRepositories", "ecr:GetRepositoryPolicy"),
        _repositories,
    ),
    Scan("ecr_registry", "ecr", "the policy of the private ECR registry", ("ecr:GetRegistryPolicy",), _registry),
    Scan("apigateway", "apigateway", "the policies of API Gateway REST APIs", ("apigateway:GET",), _apis),
    Scan(
        "opensearch",
        "opensearch",
        "the policies of OpenSearch domains",
        ("es:ListDomainNames", "es:DescribeDomains"),
        _domains,
    ),
    Scan("glue", "glue", "the policy of the Glue Data Catalog", ("glue:GetResourcePolicy",), _catalogue),
)
