# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Roles, users and identity providers: each is found where it is the provider's, and only there (E9)."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Memory
from tests.unit.core.places import ACCOUNT, EXTERNAL_ID, OUR_TAG, PROVIDER
from tests.unit.residual.searching import CUSTOMER, DOMAIN, MANAGEMENT, THIRD_PARTY, Ground, root, trust

METADATA = (
    '<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">'
    '<md:IDPSSODescriptor><md:SingleSignOnService Binding="urn:b" Location="{location}"/></md:IDPSSODescriptor>'
    "</md:EntityDescriptor>"
)
SAML = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/sign-in"}


def role(place: Ground, name: str, document: str, path: str = "/") -> str:
    made = place.own("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document, Path=path)
    return str(made["Role"]["Arn"])


def saml(place: Ground, name: str, entity: str, location: str = "https://customer.example/sso") -> str:
    metadata = METADATA.format(entity=entity, location=location).ljust(1000)
    made = place.own("iam").create_saml_provider(Name=name, SAMLMetadataDocument=metadata)
    return str(made["SAMLProviderArn"])


def center(account: str) -> str:
    """Return the entity id of IAM Identity Center as its providers in accounts have it."""
    return "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/" + base64.b64encode(
        f"{account}_ins-25180a6580d95265".encode()
    ).decode().rstrip("=")


# --- trust policies


def test_roles_that_trust_the_provider_or_a_third_party_are_found(place: Ground) -> None:
    arns = {
        role(place, "Rackspace", trust(root(PROVIDER))): [PROVIDER],
        role(place, "OrganizationAccountAccessRole", trust(root(MANAGEMENT))): [MANAGEMENT],
        role(place, "CloudHealth-Role", trust(root(THIRD_PARTY)), "/tools/"): [THIRD_PARTY],
        role(place, "open", trust("*")): ["*"],
    }
    role(place, "customers", trust(root(CUSTOMER)))
    role(place, "instances", trust({"Service": "ec2.amazonaws.com"}))
    role(place, "warned", trust(root(PROVIDER), effect="Deny"))

    assert place.named("roles") == arns


def test_an_external_id_of_a_trust_policy_is_not_told(place: Ground) -> None:
    role(place, "Rackspace", trust(root(PROVIDER), Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}))
    assert "allows sts:AssumeRole to 999999999999, under conditions on sts:ExternalId" in place.told("roles")
    assert EXTERNAL_ID not in place.told("roles")


def test_all_roles_are_read_however_many_pages_they_fill(place: Ground) -> None:
    arn = role(place, "Rackspace", trust(root(PROVIDER)))
    pages = iter([{"RoleDetailList": [], "IsTruncated": True, "Marker": "more"}, {}])
    place.aws.edit("GetAccountAuthorizationDetails", lambda parsed: parsed.update(next(pages)))
    assert place.named("roles") == {arn: [PROVIDER]}
    assert place.aws.names.count("GetAccountAuthorizationDetails") == 2


def test_roles_come_in_through_the_providers_identity_providers_too(place: Ground) -> None:
    """AWSReservedSSO roles, for instance."""
    provider = saml(place, "sign-in", f"https://idp.{DOMAIN}/entity")
    arn = role(place, "federated", trust(SAML))

    (found,) = [entry for entry in place.search("roles") if entry.resource == arn]

    assert found.matches[0].names == (DOMAIN,)
    assert found.through == (provider,)


def test_roles_come_in_through_the_customers_identity_providers_unnoticed(place: Ground) -> None:
    saml(place, "sign-in", "https://idp.customer.example")
    role(place, "federated", trust(SAML))
    assert place.named("roles") == {}


def test_roles_are_found_though_identity_providers_cannot_be_read(place: Ground) -> None:
    """G5: those are unknown by their own scan."""
    arn = role(place, "Rackspace", trust(root(PROVIDER)))
    for operation in ("ListSAMLProviders", "ListOpenIDConnectProviders"):
        place.aws.refuse(operation, "AccessDenied")
    assert place.named("roles") == {arn: [PROVIDER]}


# --- identity providers


def test_saml_providers_are_told_by_their_metadata(place: Ground) -> None:
    by_entity = saml(place, "by-entity", f"https://idp.{DOMAIN.upper()}/entity")
    by_address = saml(place, "by-address", "urn:example", f"https://{DOMAIN}/sso")
    saml(place, "customers", "https://idp.customer.example")
    assert place.named("saml_providers") == {by_entity: [DOMAIN], by_address: [DOMAIN]}


def test_identity_center_is_the_provider_s_where_its_instance_is_in_the_management_account(place: Ground) -> None:
    arn = saml(place, "AWSSSO_a8ddd506fcbf8c0b_DO_NOT_DELETE", center(MANAGEMENT))
    saml(place, "AWSSSO_b8ddd506fcbf8c0b_DO_NOT_DELETE", center(CUSTOMER))
    assert place.named("saml_providers") == {arn: [MANAGEMENT]}
    assert f"IAM Identity Center of {MANAGEMENT} signs people in here" in place.told("saml_providers")


@pytest.mark.parametrize("entity", ["https://x/saml/assertion/%%%", "https://x/saml/assertion/w7_DvA", ""])
def test_metadata_that_says_nothing_is_nobody_s(place: Ground, entity: str) -> None:
    saml(place, "odd", entity)
    assert place.named("saml_providers") == {}


def test_a_saml_provider_that_cannot_be_read_hides_no_other(place: Ground) -> None:
    """G5."""
    saml(place, "first", f"https://{DOMAIN}")
    saml(place, "second", f"https://{DOMAIN}")
    place.aws.refuse("GetSAMLProvider", "AccessDenied")
    unread, read = place.search("saml_providers")
    assert unread.error
    assert read.matches


def test_oidc_providers_are_told_by_their_address(place: Ground) -> None:
    iam = place.own("iam")
    made = iam.create_open_id_connect_provider(Url=f"https://login.{DOMAIN}/realm", ThumbprintList=["a" * 40])
    iam.create_open_id_connect_provider(Url="https://token.customer.example", ThumbprintList=["a" * 40])
    assert place.named("oidc_providers") == {made["OpenIDConnectProviderArn"]: [DOMAIN]}


# --- IAM users


def user(place: Ground, name: str, path: str = "/", **tags: str) -> str:
    shown = [{"Key": key, "Value": value} for key, value in tags.items()]
    return str(place.own("iam").create_user(UserName=name, Path=path, Tags=shown)["User"]["Arn"])


def test_users_are_the_providers_only_where_something_proves_it(place: Ground) -> None:
    expected = {
        user(place, "tagged", **{OUR_TAG["Key"]: OUR_TAG["Value"]}): ["ManagedBy=rackspace.aws_accounts"],
        user(place, "rackspace"): ["rackspace"],
        user(place, f"jo@{DOMAIN}"): [DOMAIN],
        user(place, "contact", owner=f"Ops <ops@{DOMAIN}>"): [DOMAIN],
        user(place, "by-path", path=f"/{PROVIDER}/"): [PROVIDER],
    }
    user(place, "customers", owner="ops@customer.example")
    user(place, "rackspace-admins-of-the-customer")
    user(place, "half", ManagedBy="somebody else")
    assert place.named("users") == expected


def test_keys_and_password_of_a_user_are_told(place: Ground) -> None:
    user(place, "Rackspace")
    iam = place.own("iam")
    key = iam.create_access_key(UserName="Rackspace")["AccessKey"]
    assert place.told("users") == (
        f"has the name of the provider's role; it has access key {key['AccessKeyId']} (active)"
    )
    iam.create_login_profile(UserName="Rackspace", Password="Not-a-secret-1!")
    assert place.told("users").endswith("(active), a password")
    assert key["SecretAccessKey"] not in place.told("users")


def test_a_user_without_either_is_listed_all_the_same(place: Ground) -> None:
    user(place, "Rackspace")
    assert "neither access keys nor a password" in place.told("users")


def test_of_other_users_nothing_more_is_read(place: Ground) -> None:
    user(place, "customers")
    place.search("users")
    assert place.aws.names == ["GetAccountAuthorizationDetails"]


def test_a_user_whose_keys_cannot_be_read_is_unknown(place: Ground) -> None:
    """G5."""
    user(place, "Rackspace")
    place.aws.refuse("GetLoginProfile", "AccessDenied")
    (found,) = place.search("users")
    assert "AccessDenied" in str(found.error)


def test_roles_users_and_stacks_share_one_reading_of_iam(place: Ground) -> None:
    memory = Memory()
    for scan in ("roles", "users", "stack_sets"):
        place.search(scan, memory=memory)
    assert place.aws.names.count("GetAccountAuthorizationDetails") == 1
