"""Regions: which an account has, and what happens in the others."""

from __future__ import annotations

import pytest

PLAIN, OPT_IN, DENIED, MANAGEMENT = "111111111111", "555555555555", "666666666666", "100000000001"


def names(accounts, account, **options):
    return {entry["RegionName"] for entry in accounts(account, "ec2").describe_regions(**options)["Regions"]}


def test_seventeen_regions_are_enabled_by_default_and_both_services_agree(accounts):
    account = accounts(PLAIN, "account")
    listed = account.list_regions(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])["Regions"]
    assert {entry["RegionName"] for entry in listed} == names(accounts, PLAIN)
    assert len(listed) == 17


def test_an_opt_in_region_that_is_enabled_counts(accounts):
    assert names(accounts, OPT_IN) - names(accounts, PLAIN) == {"af-south-1"}
    status = accounts(OPT_IN, "account").get_region_opt_status(RegionName="af-south-1")
    assert status["RegionOptStatus"] == "ENABLED"


def test_all_regions_are_those_of_the_partition_with_their_status(accounts):
    shown = accounts(OPT_IN, "ec2").describe_regions(AllRegions=True)["Regions"]
    status = {entry["RegionName"]: entry["OptInStatus"] for entry in shown}
    assert status["us-east-1"] == "opt-in-not-required"
    assert status["af-south-1"] == "opted-in"
    assert status["me-south-1"] == "not-opted-in"
    assert not [name for name in status if name.startswith(("cn-", "us-gov-"))]


def test_region_names_and_filters_are_honoured(accounts, refused):
    assert names(accounts, PLAIN, RegionNames=["eu-west-1"]) == {"eu-west-1"}
    assert names(accounts, PLAIN, Filters=[{"Name": "region-name", "Values": ["eu-west-*"]}]) == {
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
    }
    describe = accounts(PLAIN, "ec2").describe_regions
    assert refused(describe, RegionNames=["mars-1"]) == "InvalidParameterValue"


def test_the_list_of_regions_comes_in_pages(accounts):
    account = accounts(PLAIN, "account")
    pages = list(account.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 5}))
    found = [entry["RegionName"] for page in pages for entry in page["Regions"]]
    assert len(pages) > 2
    assert len(found) == len(set(found)) == len(account.list_regions(MaxResults=50)["Regions"])


def test_only_the_management_account_asks_for_others_and_leaves_out_its_own_id(accounts, refused):
    ask = accounts(MANAGEMENT, "account").get_region_opt_status
    assert ask(AccountId=OPT_IN, RegionName="af-south-1")["RegionOptStatus"] == "ENABLED"
    assert refused(ask, AccountId=MANAGEMENT, RegionName="us-east-1") == "AccessDeniedException"
    member = accounts(PLAIN, "account").get_region_opt_status
    assert refused(member, AccountId=OPT_IN, RegionName="us-east-1") == "AccessDeniedException"


def test_the_contact_is_kept_as_it_was_put(accounts, refused):
    account = accounts(PLAIN, "account")
    assert refused(account.get_contact_information) == "ResourceNotFoundException"
    contact = {"FullName": "A", "AddressLine1": "1", "City": "B", "PostalCode": "2", "CountryCode": "DE"}
    contact |= {"PhoneNumber": "+491234567", "StateOrRegion": "C"}
    account.put_contact_information(ContactInformation=contact)
    assert account.get_contact_information()["ContactInformation"] == contact


@pytest.mark.parametrize(
    ("service", "function", "code"),
    [
        ("sns", "list_topics", "InvalidClientTokenId"),
        ("cloudtrail", "describe_trails", "UnrecognizedClientException"),
        ("ec2", "describe_vpcs", "AuthFailure"),
    ],
)
def test_a_disabled_region_refuses_every_call_but_get_caller_identity(accounts, refused, service, function, code):
    assert refused(getattr(accounts(PLAIN, service, "af-south-1"), function)) == code
    getattr(accounts(OPT_IN, service, "af-south-1"), function)()
    assert accounts(PLAIN, "sts", "af-south-1").get_caller_identity()["Account"] == PLAIN


@pytest.mark.parametrize(
    ("service", "function", "code"),
    [
        ("sns", "list_topics", "AuthorizationError"),
        ("sqs", "list_queues", "AccessDenied"),
        ("config", "describe_configuration_recorders", "AccessDeniedException"),
        ("ec2", "describe_vpcs", "UnauthorizedOperation"),
    ],
)
def test_a_denying_scp_names_itself_in_the_protocols_own_code(accounts, refused, service, function, code):
    text = refused(getattr(accounts(DENIED, service, "sa-east-1"), function), text=True)
    assert text.startswith(f"{code}: ")
    assert text.endswith("with an explicit deny in a service control policy")
    getattr(accounts(DENIED, service, "us-east-1"), function)()


def test_an_scp_that_is_detached_denies_no_more(accounts, refused):
    organizations = accounts(MANAGEMENT, "organizations")
    listed = organizations.list_policies_for_target(TargetId=DENIED, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    policy = next(entry["Id"] for entry in listed if entry["Name"] == "deny-sa-east-1")
    organizations.detach_policy(PolicyId=policy, TargetId=DENIED)
    accounts(DENIED, "sns", "sa-east-1").list_topics()
    organizations.attach_policy(PolicyId=policy, TargetId=DENIED)
    assert refused(accounts(DENIED, "sns", "sa-east-1").list_topics) == "AuthorizationError"


def test_an_account_may_be_given_few_regions(accounts, refused):
    accounts.emulator.change_account(PLAIN, regions=["us-east-1", "af-south-1"])
    try:
        assert names(accounts, PLAIN) == {"us-east-1", "af-south-1"}
        listed = accounts(PLAIN, "account").list_regions(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])
        assert {entry["RegionName"]: entry["RegionOptStatus"] for entry in listed["Regions"]} == {
            "us-east-1": "ENABLED_BY_DEFAULT",
            "af-south-1": "ENABLED",
        }
        assert refused(accounts(PLAIN, "sns", "eu-west-1").list_topics) == "InvalidClientTokenId"
        assert len(names(accounts, OPT_IN)) == 18
    finally:
        accounts.emulator.change_account(PLAIN, regions=[])
    assert len(names(accounts, PLAIN)) == 17
