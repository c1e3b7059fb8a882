# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Everything that has a policy: found where the policy lets the provider in, and only there (E9).

One way to make a resource with a policy for each scan; what policies say is the same for all of them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, PROVIDER
from tests.unit.residual.searching import CUSTOMER, OTHERS, PROVIDERS, Ground, allows, document, root

Made = str  #: the ARN under which a resource is told
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:work"


def topic(place: Ground, policy: str) -> Made:
    return str(place.own("sns").create_topic(Name="work", Attributes={"Policy": policy})["TopicArn"])


def queue(place: Ground, policy: str) -> Made:
    place.own("sqs").create_queue(QueueName="work", Attributes={"Policy": policy})
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:work"


def bus(place: Ground, policy: str) -> Made:
    events = place.own("events")
    events.create_event_bus(Name="work")
    # moto takes statements one by one only, and none with a condition on anything but the organization
    place.aws.edit("ListEventBuses", lambda parsed: [one.update(Policy=policy) for one in parsed["EventBuses"][1:]])
    return f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/work"


def log_destination(place: Ground, policy: str) -> Made:
    role = f"arn:aws:iam::{ACCOUNT}:role/logs"
    made = {"destinationName": "work", "targetArn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/x", "roleArn": role}
    place.own("logs").put_destination(**made)
    place.own("logs").put_destination_policy(destinationName="work", accessPolicy=policy)
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:destination:work"


def log_policy(place: Ground, policy: str) -> Made:
    place.own("logs").put_resource_policy(policyName="work", policyDocument=policy)
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:resource-policy:work"


def key(place: Ground, policy: str) -> Made:
    return str(place.own("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])


def secret(place: Ground, policy: str) -> Made:
    secrets = place.own("secretsmanager")
    arn = secrets.create_secret(Name="work", SecretString="not looked at")["ARN"]
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    return str(arn)


def repository(place: Ground, policy: str) -> Made:
    made = place.own("ecr").create_repository(repositoryName="work")["repository"]
    place.own("ecr").set_repository_policy(repositoryName="work", policyText=policy)
    return str(made["repositoryArn"])


def registry(place: Ground, policy: str) -> Made:
    # moto admits only statements that name an action of the registry
    place.aws.answer("GetRegistryPolicy", {"registryId": ACCOUNT, "policyText": policy})
    return f"arn:aws:ecr:us-east-1:{ACCOUNT}:registry"


def api(place: Ground, policy: str) -> Made:
    made = place.own("apigateway").create_rest_api(name="work", policy=policy)
    return f"arn:aws:apigateway:us-east-1::/restapis/{made['id']}"


def escaped_api(place: Ground, policy: str) -> Made:
    """As AWS answers: the document's quotes are escaped."""
    return api(place, json.dumps(policy)[1:-1])


def domain(place: Ground, policy: str) -> Made:
    made = place.own("opensearch").create_domain(DomainName="work", AccessPolicies=policy)["DomainStatus"]
    place.aws.edit(
        "DescribeDomains", lambda parsed: [one.update(AccessPolicies=policy) for one in parsed["DomainStatusList"]]
    )
    return str(made["ARN"])


def catalogue(place: Ground, policy: str) -> Made:
    place.own("glue").put_resource_policy(PolicyInJson=policy)
    return f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog"


def vault(place: Ground, policy: str) -> Made:
    arn = place.own("backup").create_backup_vault(BackupVaultName="work")["BackupVaultArn"]
    place.aws.answer("GetBackupVaultAccessPolicy", {"BackupVaultName": "work", "Policy": policy})  # moto has none
    return str(arn)


def file_system(place: Ground, policy: str) -> Made:
    made = place.own("efs").create_file_system(CreationToken="work")
    place.own("efs").put_file_system_policy(FileSystemId=made["FileSystemId"], Policy=policy)
    return str(made["FileSystemArn"])


def table(place: Ground, policy: str) -> Made:
    made = place.own("dynamodb").create_table(
        TableName="work",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    place.own("dynamodb").put_resource_policy(ResourceArn=made["TableArn"], Policy=policy)
    return str(made["TableArn"])


def function(place: Ground, policy: str) -> Made:
    made_function(place)
    policy_of_functions(place, {"": policy})
    return FUNCTION


def layer(place: Ground, policy: str) -> Made:
    made = place.own("lambda").publish_layer_version(LayerName="work", Content={"ZipFile": code()})
    place.aws.answer("GetLayerVersionPolicy", {"Policy": policy, "RevisionId": "1"})
    return str(made["LayerVersionArn"])


def bucket(place: Ground, policy: str) -> Made:
    place.own("s3").create_bucket(Bucket="work")
    place.own("s3").put_bucket_policy(Bucket="work", Policy=policy)
    return "arn:aws:s3:::work"


#: scan -> how a resource of it is made with a policy
MAKERS: dict[str, list[Callable[[Ground, str], Made]]] = {
    "sns": [topic],
    "sqs": [queue],
    "events": [bus],
    "log_destinations": [log_destination],
    "log_policies": [log_policy],
    "kms": [key],
    "secrets": [secret],
    "ecr": [repository],
    "ecr_registry": [registry],
    "apigateway": [api, escaped_api],
    "opensearch": [domain],
    "glue": [catalogue],
    "backup": [vault],
    "efs": [file_system],
    "dynamodb": [table],
    "lambda": [function],
    "lambda_layers": [layer],
    "s3": [bucket],
}
EACH = pytest.mark.parametrize(
    ("scan", "make"),
    [pytest.param(scan, make, id=make.__name__) for scan, makers in MAKERS.items() for make in makers],
)


def made_function(place: Ground) -> None:
    role = place.own("iam").create_role(RoleName="function", AssumeRolePolicyDocument=document(), Path="/")["Role"]
    place.own("lambda").create_function(
        FunctionName="work", Runtime="python3.13", Role=role["Arn"], Handler="x.y", Code={"ZipFile": code()}
    )


def policy_of_functions(place: Ground, by_qualifier: dict[str, str]) -> None:
    """Answer for moto, which has one policy for all versions and aliases of a function, and no conditions in it."""

    def answer(parsed: dict[str, Any]) -> None:
        qualifier = place.aws.arguments("GetPolicy")[-1].get("Qualifier", "")
        parsed["Policy"] = by_qualifier.get(qualifier, document())

    place.own("lambda").add_permission(
        FunctionName="work", StatementId="any", Action="lambda:InvokeFunction", Principal=CUSTOMER
    )
    place.aws.edit("GetPolicy", answer)


def code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.py", "def y(event, context):\n    return None\n")
    return packed.getvalue()


@EACH
@pytest.mark.parametrize(("policy", "names"), PROVIDERS, ids=["account", "role", "organization", "world"])
def test_a_policy_that_lets_the_provider_in_is_found(
    place: Ground, scan: str, make: Callable[[Ground, str], Made], policy: str, names: list[str]
) -> None:
    assert place.named(scan) == {}
    assert {make(place, policy): names} == place.named(scan)


@EACH
@pytest.mark.parametrize("policy", OTHERS, ids=["another", "own", "deny", "other organization"])
def test_a_policy_that_lets_others_in_is_not(
    place: Ground, scan: str, make: Callable[[Ground, str], Made], policy: str
) -> None:
    arn = make(place, policy)
    assert place.named(scan) == {}
    assert arn in [found.resource for found in place.search(scan)]


@pytest.mark.parametrize("scan", [scan for scan in MAKERS if scan not in {"ecr_registry", "glue", "events"}])
def test_where_nothing_is_one_call_says_so(place: Ground, scan: str) -> None:
    assert place.search(scan) == []
    assert len(place.aws.calls) == 1


@pytest.mark.parametrize(
    ("scan", "make", "read"),
    [
        ("sns", topic, "GetTopicAttributes"),
        ("sqs", queue, "GetQueueAttributes"),
        ("kms", key, "GetKeyPolicy"),
        ("kms", key, "ListGrants"),
        ("kms", key, "DescribeKey"),
        ("secrets", secret, "GetResourcePolicy"),
        ("ecr", repository, "GetRepositoryPolicy"),
        ("backup", vault, "GetBackupVaultAccessPolicy"),
        ("efs", file_system, "DescribeFileSystemPolicy"),
        ("dynamodb", table, "GetResourcePolicy"),
        ("lambda", function, "GetPolicy"),
        ("lambda", function, "ListAliases"),
        ("s3", bucket, "GetBucketPolicy"),
        ("s3", bucket, "GetBucketAcl"),
    ],
)
def test_a_resource_that_may_not_be_read_is_told_by_its_name(
    place: Ground, scan: str, make: Callable[[Ground, str], Made], read: str
) -> None:
    """G5: it is unknown, and no other is hidden."""
    arn = make(place, OTHERS[0])
    place.aws.refuse(read, "AccessDeniedException")
    assert [(found.resource, str(found.error)[:40]) for found in place.search(scan) if found.error] == [
        (arn, "An error occurred (AccessDeniedException")
    ]


@pytest.mark.parametrize(
    ("scan", "make", "read", "code"),
    [
        ("sns", topic, "GetTopicAttributes", "NotFound"),
        ("sqs", queue, "GetQueueAttributes", "AWS.SimpleQueueService.NonExistentQueue"),
        ("kms", key, "DescribeKey", "NotFoundException"),
        ("secrets", secret, "GetResourcePolicy", "ResourceNotFoundException"),
        ("ecr", repository, "GetRepositoryPolicy", "RepositoryPolicyNotFoundException"),
        ("ecr_registry", registry, "GetRegistryPolicy", "RegistryPolicyNotFoundException"),
        ("backup", vault, "GetBackupVaultAccessPolicy", "ResourceNotFoundException"),
        ("efs", file_system, "DescribeFileSystemPolicy", "PolicyNotFound"),
        ("dynamodb", table, "GetResourcePolicy", "PolicyNotFoundException"),
        ("lambda", function, "GetPolicy", "ResourceNotFoundException"),
        ("lambda_layers", layer, "GetLayerVersionPolicy", "ResourceNotFoundException"),
        ("glue", catalogue, "GetResourcePolicy", "EntityNotFoundException"),
        ("s3", bucket, "GetBucketPolicy", "NoSuchBucketPolicy"),
    ],
)
def test_what_has_no_policy_or_is_gone_is_no_error(
    place: Ground, scan: str, make: Callable[[Ground, str], Made], read: str, code: str
) -> None:
    make(place, OTHERS[0])
    place.aws.refuse(read, code)
    assert [found for found in place.search(scan) if found.error or found.matches] == []


def test_a_document_that_nobody_understands_is_unknown(place: Ground) -> None:
    arn = topic(place, OTHERS[0])
    place.aws.edit("GetTopicAttributes", lambda parsed: parsed["Attributes"].update(Policy="{not json"))
    assert [found.resource for found in place.search("sns") if found.error] == [arn]


def test_more_resources_than_fit_a_page_are_all_read(place: Ground) -> None:
    for number in range(120):
        place.own("sns").create_topic(Name=f"t{number:03}")
    last = place.own("sns").create_topic(Name="zzz", Attributes={"Policy": document(allows(root(PROVIDER)))})
    assert place.named("sns") == {last["TopicArn"]: [PROVIDER]}


def test_queues_are_asked_for_in_pages_without_which_sqs_stops_at_a_thousand(place: Ground) -> None:
    place.search("sqs")
    assert place.aws.arguments("ListQueues") == [{"MaxResults": 1000}]


def test_event_buses_are_read_page_by_page(place: Ground) -> None:
    arn = bus(place, document(allows(root(PROVIDER))))
    edit = place.aws._edits["ListEventBuses"]
    tokens = iter(["more", None])

    def paged(parsed: dict[str, Any]) -> None:
        edit(parsed)
        parsed["NextToken"] = next(tokens)

    place.aws.edit("ListEventBuses", paged)
    assert place.named("events") == {arn: [PROVIDER]}
    assert [one.get("NextToken") for one in place.aws.arguments("ListEventBuses")] == [None, "more"]


# --- what is particular to one kind


def test_keys_of_aws_are_not_read(place: Ground) -> None:
    key(place, document(allows(root(PROVIDER))))
    place.aws.edit("DescribeKey", lambda parsed: parsed["KeyMetadata"].update(KeyManager="AWS"))
    assert place.search("kms") == []
    assert place.aws.names == ["ListKeys", "DescribeKey"]


def test_grants_of_keys_are_found(place: Ground) -> None:
    arn = key(place, OTHERS[0])
    kms = place.own("kms")
    for grantee in (f"arn:aws:iam::{PROVIDER}:role/backup", f"arn:aws:iam::{CUSTOMER}:role/backup"):
        kms.create_grant(KeyId=arn, GranteePrincipal=grantee, Operations=["Decrypt", "DescribeKey"])
    (found,) = [entry for entry in place.search("kms") if entry.matches]
    assert (found.resource, found.kind, found.matches[0].names) == (arn, "key grant", (PROVIDER,))
    assert "allows Decrypt, DescribeKey for arn:aws:iam::999999999999:role/backup" in found.matches[0].detail


def test_who_may_retire_a_grant_is_found_too(place: Ground) -> None:
    arn = key(place, OTHERS[0])
    retiring = f"arn:aws:iam::{PROVIDER}:root"
    place.own("kms").create_grant(
        KeyId=arn, GranteePrincipal=CUSTOMER, RetiringPrincipal=retiring, Operations=["Decrypt"]
    )
    assert place.named("kms") == {arn: [PROVIDER]}
    assert "may be retired" in place.told("kms")


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_versions_and_aliases_of_functions_have_policies_of_their_own(place: Ground, qualifier: str) -> None:
    made_function(place)
    functions = place.own("lambda")
    functions.publish_version(FunctionName="work")
    functions.create_alias(FunctionName="work", Name="live", FunctionVersion="1")
    policy_of_functions(place, {qualifier: document(allows(root(PROVIDER)))})
    assert place.named("lambda") == {f"{FUNCTION}:{qualifier}": [PROVIDER]}


def test_a_domain_inside_a_vpc_is_not_open_to_the_world(place: Ground) -> None:
    arn = domain(place, document(allows("*")))
    edit = place.aws._edits["DescribeDomains"]

    def inside(parsed: dict[str, Any]) -> None:
        edit(parsed)
        parsed["DomainStatusList"][0]["VPCOptions"] = {"VPCId": "vpc-1"}

    assert place.named("opensearch") == {arn: ["*"]}
    place.aws.edit("DescribeDomains", inside)
    assert place.named("opensearch") == {}


def test_domains_are_described_five_at_a_time(place: Ground) -> None:
    for number in range(7):
        place.own("opensearch").create_domain(DomainName=f"work{number}")
    assert len(place.search("opensearch")) == 7
    assert [len(call["DomainNames"]) for call in place.aws.arguments("DescribeDomains")] == [5, 2]
