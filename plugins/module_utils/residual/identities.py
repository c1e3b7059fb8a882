# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may become somebody in the account: trust policies, identity providers, IAM users."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import Match
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search

AUTHORIZATION = "iam:GetAccountAuthorizationDetails"
# IAM Identity Center's own providers name the account of its instance in their entity id, in base64
IDENTITY_CENTER = re.compile(r"/saml/assertion/([A-Za-z0-9+/_=-]+)$")


def authorization(search: Search) -> Mapping[str, list[dict[str, Any]]]:
    """Return the account's roles and users with their trust policies, paths and tags, read once for all scans.

    Source: IAM API Reference, GetAccountAuthorizationDetails.
    """

    def read() -> dict[str, list[dict[str, Any]]]:
        pages = search.of("iam").get_paginator("get_account_authorization_details").paginate(Filter=["Role", "User"])
        found: dict[str, list[dict[str, Any]]] = {"RoleDetailList": [], "UserDetailList": []}
        for page in pages:
            for key, entries in found.items():
                entries += page.get(key) or []
        return found

    return search.memory.once("authorization", read)


def _roles(search: Search) -> Iterator[Found]:
    roles = authorization(search)["RoleDetailList"]
    providers = _identity_providers(search)
    for role in roles:
        trust = role["AssumeRolePolicyDocument"]
        found = search.document(role["Arn"], "trust policy", lambda _, document: document, trust)
        if found.matches or found.error:
            yield found
            continue
        # AWSReservedSSO roles, for instance: whoever the identity provider signs in comes in by them
        matches = search.names.in_document(trust, providers)
        if matches:
            through = tuple(sorted(policies.principals(trust) & providers.keys()))
            yield Found(role["Arn"], "trust policy", tuple(matches), search.region, through)


def _identity_providers(search: Search) -> dict[str, tuple[str, ...]]:
    """Return the provider's identity providers in the account: ARN -> whom they name; of those that can be read."""
    found = {}
    for scan in (_saml_providers, _oidc_providers):
        try:
            found.update({entry.resource: entry.matches[0].names for entry in scan(search) if entry.matches})
        except Exception:  # noqa: S112 - the scan of these providers itself says so, as unknown
            continue
    return found


def _saml_providers(search: Search) -> Iterator[Found]:
    for arn, document in search.memory.once("SAML providers", lambda: _saml_documents(search)).items():
        yield search.look(arn, "SAML provider", partial(_saml_matches, search, document))


def _saml_documents(search: Search) -> dict[str, Any]:
    iam = search.of("iam")
    listed = [provider["Arn"] for provider in iam.list_saml_providers()["SAMLProviderList"]]
    return {arn: _attempt(iam.get_saml_provider, SAMLProviderArn=arn) for arn in listed}


def _saml_matches(search: Search, answer: Any) -> list[Match]:
    """Return whom a SAML provider's metadata names: its entity id and its addresses, not the certificate."""
    metadata = _answer(answer)["SAMLMetadataDocument"]
    entity = next(iter(re.findall(r'entityID="([^"]*)"', metadata)), "")
    instance = IDENTITY_CENTER.search(entity)
    owner = _decoded(instance[1]) if instance else ""
    said = [entity, owner, *re.findall(r'Location="([^"]*)"', metadata)]
    names = {name for text in said for name in search.names.in_identity(text)}
    if owner and names:
        return [
            Match(
                tuple(sorted(names)),
                f"IAM Identity Center of {owner.split('_')[0]} signs people in here; take the account's assignments "
                "away there, and its roles go with them",
            )
        ]
    return [Match(tuple(sorted(names)), f"{entity} signs people in here")] if names else []


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode("ascii")
    except ValueError:
        return ""


def _oidc_providers(search: Search) -> Iterator[Found]:
    for arn, answer in search.memory.once("OIDC providers", lambda: _oidc_answers(search)).items():
        yield search.look(arn, "OIDC provider", partial(_oidc_matches, search, answer))


def _oidc_answers(search: Search) -> dict[str, Any]:
    iam = search.of("iam")
    listed = [provider["Arn"] for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    return {arn: _attempt(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) for arn in listed}


def _oidc_matches(search: Search, answer: Any) -> list[Match]:
    url = _answer(answer)["Url"]
    names = search.names.in_identity(url)
    return [Match(tuple(sorted(names)), f"{url} signs people in here")] if names else []


def _attempt(read: Any, **arguments: Any) -> Any:
    """Return an answer, or the exception, for each who looks at it to raise."""
    try:
        return read(**arguments)
    except Exception as error:
        return error


def _answer(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _users(search: Search) -> Iterator[Found]:
    """Yield the IAM users that are provably the provider's, with their keys and whether they have a password."""
    for user in authorization(search)["UserDetailList"]:
        names, sign = _whose(search, user)
        if names:
            yield search.look(user["Arn"], "IAM user", partial(_user, search, user, names, sign))


def _whose(search: Search, user: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return whom a user's name, path and tags name, and by which sign; () where nothing proves it."""
    tags = {tag["Key"]: tag["Value"] for tag in user.get("Tags", ())}
    owned = search.wanted.ownership_tags
    if owned and owned.items() <= tags.items():
        return tuple(f"{key}={value}" for key, value in sorted(owned.items())), "carries the provider's tags"
    if search.wanted.role_name and user["UserName"].lower() == search.wanted.role_name.lower():
        return (user["UserName"],), "has the name of the provider's role"
    signs = {"name": user["UserName"], "path": user["Path"], **{f"tag {key}": value for key, value in tags.items()}}
    for what, text in signs.items():
        found = search.names.in_identity(text)
        if found:
            return tuple(sorted(found)), f"its {what} is {text}"
    return (), ""


def _user(search: Search, user: Mapping[str, Any], names: tuple[str, ...], sign: str) -> list[Match]:
    iam, name = search.of("iam"), user["UserName"]
    keys = [
        f"access key {key['AccessKeyId']} ({key['Status'].lower()})"
        for page in iam.get_paginator("list_access_keys").paginate(UserName=name)
        for key in page["AccessKeyMetadata"]
    ]
    try:
        iam.get_login_profile(UserName=name)
        keys.append("a password")
    except Exception as error:
        if error_code(error) != "NoSuchEntity":
            raise
    return [Match(names, f"{sign}; it has {', '.join(keys) or 'neither access keys nor a password'}")]


SCANS = (
    Scan(
        "roles",
        "iam",
        "the trust policies of all IAM roles",
        (AUTHORIZATION,),
        _roles,
        regional=False,
    ),
    Scan(
        "users",
        "iam",
        "IAM users whose tags, name or path are the provider's, with their access keys and password",
        (AUTHORIZATION, "iam:ListAccessKeys", "iam:GetLoginProfile"),
        _users,
        regional=False,
    ),
    Scan(
        "saml_providers",
        "iam",
        "SAML identity providers",
        ("iam:ListSAMLProviders", "iam:GetSAMLProvider"),
        _saml_providers,
        regional=False,
    ),
    Scan(
        "oidc_providers",
        "iam",
        "OpenID Connect identity providers",
        ("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"),
        _oidc_providers,
        regional=False,
    ),
)
