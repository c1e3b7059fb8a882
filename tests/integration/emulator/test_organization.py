"""The organization as it is seeded, and what Organizations answers."""

from __future__ import annotations

MANAGEMENT, SHARED, PLAIN, CLOSED = "100000000001", "100000000002", "111111111111", "888888888888"


def test_ten_accounts_with_their_states_come_in_pages(accounts):
    organizations = accounts(MANAGEMENT, "organizations")
    pages = list(organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 4}))
    found = [account for page in pages for account in page["Accounts"]]
    assert (len(pages), len(found)) == (3, 10)
    assert {(account["State"], account["Status"]) for account in found if account["Id"] != CLOSED} == {
        ("ACTIVE", "ACTIVE")
    }
    assert [(a["State"], a["Status"]) for a in found if a["Id"] == CLOSED] == [("SUSPENDED", "SUSPENDED")]


def test_each_account_tells_its_path_and_its_ou_tells_the_account(accounts):
    organizations = accounts(MANAGEMENT, "organizations")
    (path,) = next(a["Paths"] for a in organizations.list_accounts()["Accounts"] if a["Id"] == PLAIN)
    organization, root, customers, navigator, account, end = path.split("/")
    assert (organization, root, account, end) == ("o-rackspace01", "r-rs01", PLAIN, "")
    units = organizations.list_organizational_units_for_parent(ParentId=customers)["OrganizationalUnits"]
    assert {unit["Name"] for unit in units} == {"Navigator", "Platform Essentials"}
    here = organizations.list_accounts_for_parent(ParentId=navigator)["Accounts"]
    assert PLAIN in {account["Id"] for account in here}
    tags = organizations.list_tags_for_resource(ResourceId=PLAIN)["Tags"]
    assert {"Key": "rackspace:ddi", "Value": "1234567"} in tags


def test_the_control_endpoint_describes_the_same_accounts(accounts, emulator):
    described = {account["id"]: account for account in emulator.organization()["accounts"]}
    listed = accounts(MANAGEMENT, "organizations").list_accounts()["Accounts"]
    assert {account["Id"]: account["Email"] for account in listed} == {
        number: account["email"] for number, account in described.items()
    }
    assert described[PLAIN]["uuid"] == "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert len({account["uuid"] for account in described.values()}) == 10


def test_members_see_the_organization_but_not_its_accounts(accounts, refused):
    organizations = accounts(PLAIN, "organizations")
    assert organizations.describe_organization()["Organization"]["Id"] == "o-rackspace01"
    assert refused(organizations.list_accounts) == "AccessDeniedException"
    assert refused(organizations.create_account, Email="a@example.com", AccountName="x") == "AccessDeniedException"


def test_every_member_has_the_organizations_role_and_the_management_account_has_not(accounts, emulator, refused):
    for account in emulator.organization()["accounts"]:
        if account["id"] == CLOSED:
            continue
        call = accounts(account["id"], "iam").get_role
        if account["id"] == MANAGEMENT:
            assert refused(call, RoleName="OrganizationAccountAccessRole") == "NoSuchEntity"
        else:
            call(RoleName="OrganizationAccountAccessRole")


def test_a_new_account_is_entered_by_its_role_and_its_address_is_used_once(accounts):
    organizations = accounts(MANAGEMENT, "organizations")
    made = organizations.create_account(Email="new@example.com", AccountName="new")["CreateAccountStatus"]
    assert made["State"] == "SUCCEEDED"
    attached = accounts(made["AccountId"], "iam").list_attached_role_policies(RoleName="OrganizationAccountAccessRole")
    assert [policy["PolicyName"] for policy in attached["AttachedPolicies"]] == ["AdministratorAccess"]
    again = organizations.create_account(Email="NEW@example.com", AccountName="again")["CreateAccountStatus"]
    assert (again["State"], again["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")


def test_the_management_account_cannot_be_closed(accounts, refused):
    close = accounts(MANAGEMENT, "organizations").close_account
    assert refused(close, AccountId=MANAGEMENT) == "ConstraintViolationException"


def test_control_tower_left_its_signs(accounts):
    tower = "222222222222"
    accounts(tower, "iam").get_role(RoleName="AWSControlTowerExecution")
    (recorder,) = accounts(tower, "config", "us-west-2").describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["name"] == "aws-controltower-BaselineConfigRecorder"


def test_look_alikes_are_no_roles_of_the_providers(accounts):
    iam = accounts("777777777777", "iam")
    trust = iam.get_role(RoleName="AWSConfig")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    iam.get_role(RoleName="CloudHealth-Role")
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["MaxPasswordAge"], policy["HardExpiry"]) == (16, 90, True)
