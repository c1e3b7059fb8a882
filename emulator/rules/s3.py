"""S3: whose bucket it is, what its policy says, and the defaults of new buckets."""

from __future__ import annotations

from typing import Any

from moto.s3.models import PublicAccessBlock, s3_backends

from emulator.call import Call
from emulator.documents import LIFECYCLE
from emulator.documents_check import BUCKET, check_document
from emulator.identity import organization_id
from emulator.policy import as_list, evaluate, statements
from emulator.protocol import AwsError, Response
from emulator.rules import guard, rule
from emulator.world import World

# IAM's action where it differs from the operation's name (Service Authorization Reference, Amazon S3).
ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
}
# A condition on one of these makes a statement for everyone a restricted one (S3 user guide, "The meaning of public").
FIXED_VALUES = {
    "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
    "aws:userid", "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:sourceorgid",
    "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}  # fmt: skip
PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")


def owner_of(bucket: str) -> str | None:
    """The account of a bucket, None where there is none."""
    entry = s3_backends.bucket_accounts.get(bucket)
    return entry[1] if entry else None


def find_bucket(bucket: str) -> Any:
    owner = owner_of(bucket)
    return s3_backends[owner]["aws"].buckets.get(bucket) if owner else None


def visible_policy(world: World, bucket: str) -> Any:
    """A bucket's policy as other services see it by now."""
    found = find_bucket(bucket)
    return world.visibility.seen("bucket", bucket, _policy(found) or "{}")


def _policy(bucket: Any) -> str | None:
    return bucket.policy.decode() if bucket is not None and bucket.policy else None


@guard("s3")
def access(call: Call) -> None:
    """Another account's bucket needs its policy's leave; ExpectedBucketOwner is honoured; denials bind the owner too.

    S3 user guide, "Verifying bucket ownership with bucket owner condition" (bucket-owner-condition.html) and "How
    Amazon S3 authorizes a request" (how-s3-evaluates-access-control.html).
    """
    name = call.params.get("Bucket")
    owner = owner_of(name) if name else None
    if not name or owner is None or call.operation == "CreateBucket":
        return
    expected = call.params.get("ExpectedBucketOwner")
    denied = AwsError("AccessDenied", "Access Denied", 403)
    if expected and expected != owner:
        raise denied
    key = call.params.get("Key")
    resource = f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}"
    context = {
        "aws:PrincipalArn": call.principal.identity_arn,
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalOrgID": organization_id(call.account),
        "aws:PrincipalIsAWSService": "false",
        "aws:SecureTransport": "true",  # the emulator stands for HTTPS, also where it is reached without
        "aws:RequestedRegion": call.region,
    }
    action = f"s3:{ACTIONS.get(call.operation, call.operation)}"
    decision = evaluate(_policy(find_bucket(name)) or "{}", call.principal, action, resource, context)
    if decision == "deny" or (owner != call.account and decision != "allow"):
        raise denied
    call.acts_in = owner


@rule("s3", "CreateBucket")
def create_bucket(call: Call) -> Response:
    """New buckets are encrypted, closed to the public and enforce the owner, as since April 2023.

    S3 user guide, "Default settings for new S3 buckets FAQ" (create-bucket-faq.html) and "Setting default server-side
    encryption" (bucket-encryption.html).
    """
    name, existed = call.params["Bucket"], owner_of(call.params["Bucket"]) is not None
    ownership = call.params.get("ObjectOwnership") or "BucketOwnerEnforced"
    if call.params.get("ACL") in PUBLIC_ACLS and ownership == "BucketOwnerEnforced":
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise AwsError("InvalidBucketAclWithObjectOwnership", text)
    response = call.forward()
    if response.ok and not existed:
        bucket = find_bucket(name)
        bucket.ownership_rule = ownership
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
        bucket.encryption = {"Rule": default}
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    return response


@rule("s3", "DeleteBucket")
def delete_bucket(call: Call) -> Response:
    """What is kept beside moto's bucket goes with it (API_DeleteBucket.html)."""
    response = call.forward()
    if response.ok:
        call.world.documents.pop((LIFECYCLE, call.params["Bucket"]), None)
        call.world.visibility.forget("bucket", call.params["Bucket"])
    return response


@rule("s3", "PutBucketAcl")
def put_bucket_acl(call: Call) -> Response:
    """With the owner enforced there are no ACLs (about-object-ownership.html)."""
    bucket = find_bucket(call.params["Bucket"])
    if bucket is not None and bucket.ownership_rule == "BucketOwnerEnforced":
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    return call.forward()


@rule("s3", "PutBucketPolicy", "DeleteBucketPolicy")
def write_policy(call: Call) -> Response:
    """A policy is well formed, about this bucket, and not public where that is blocked.

    API_PutBucketPolicy.html (MalformedPolicy); "Blocking public access to your Amazon S3 storage"
    (access-control-block-public-access.html); 20 KB at most (example-bucket-policies.html).
    """
    name = call.params["Bucket"]
    bucket = find_bucket(name)
    if bucket is not None and call.operation == "PutBucketPolicy":
        text = call.params.get("Policy") or ""
        problem = check_document(text, BUCKET, [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"])
        if problem:
            raise AwsError("MalformedPolicy", problem)
        block = bucket.public_access_block
        if block is not None and block.block_public_policy and is_public(text):
            raise AwsError(
                "AccessDenied",
                f"User: {call.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
                f'"arn:aws:s3:::{name}" because public policies are prevented by the BlockPublicPolicy setting in '
                "S3 Block Public Access.",
                403,
            )
    before = _policy(bucket)
    response = call.forward()
    if response.ok:
        call.world.visibility.wrote("bucket", name, before or "{}", _policy(bucket) or "{}")
        # moto answers a body where AWS has none
        return Response(204, [], b"")
    return response


def is_public(document: Any) -> bool:
    """Whether a statement lets everyone in, with no condition on a fixed value."""
    for entry in statements(document):
        principal = entry.get("Principal")
        named = as_list(principal.get("AWS")) if isinstance(principal, dict) else [principal]
        if entry.get("Effect") != "Allow" or "*" not in named:
            continue
        keys = {key.lower() for pairs in (entry.get("Condition") or {}).values() for key in pairs}
        if not keys & FIXED_VALUES:
            return True
    return False
