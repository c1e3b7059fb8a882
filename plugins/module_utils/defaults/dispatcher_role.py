# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The role and the policy with which EventBridge delivers AWS Health RISK events (B14)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming, policies, role_removal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.roles import ServiceRole, service_trust
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Observed, Removed, Skip, State, Target

MAX_VERSIONS = 5  # of a managed policy; IAM quotas


class DispatcherRole(ServiceRole):
    """Trusts EventBridge for the dispatcher's rule; its managed policy has its name and allows delivery.

    Source: EventBridge User Guide, "Cross-account targets" and "Confused deputy prevention".
    """

    name = "dispatcher_role"
    title = "Response to AWS Health RISK events"
    section = "risk_events"
    requirement = "B14"
    required = False
    options = {
        **naming.DISPATCHER,
        "dispatcher_trusted_principals": {"type": "list", "elements": "str", "default": []},
        "dispatcher_policy": {"type": "json"},
    }
    permissions = (
        *ServiceRole.permissions,
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:CreatePolicy",
        "iam:TagPolicy",
        "iam:ListPolicyVersions",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicyVersion",
    )
    removal_permissions = (*ServiceRole.removal_permissions, "iam:DeletePolicyVersion", "iam:DeletePolicy")

    def role_name(self, target: Target) -> str:
        """Return the role's name, by default rackspace-dispatcher."""
        return str(target.options["dispatcher_name"])

    def trust(self, target: Target) -> dict[str, Any]:
        """Return the trust in EventBridge for this one rule, and in further principals by option."""
        name, account = self.role_name(target), target.account
        rule = f"arn:{account.partition}:events:{target.options['events_region']}:{account.id}:rule/{name}"
        condition = {"StringEquals": {"aws:SourceAccount": account.id}, "ArnEquals": {"aws:SourceArn": rule}}
        document = service_trust("events.amazonaws.com", condition)
        others = target.options["dispatcher_trusted_principals"]
        if others:
            document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": others}, "Action": "sts:AssumeRole"})
        return document

    def managed_policies(self, target: Target) -> list[str]:
        """Return the ARN of the policy of the same name."""
        return [f"arn:{target.account.partition}:iam::{target.account.id}:policy/{self.role_name(target)}"]

    def policy(self, target: Target) -> dict[str, Any]:
        """Return the policy: delivery to the target, and what the option adds to it."""
        arn = naming.dispatcher_target_arn(target.options, target.account.partition)
        action = "events:PutEvents" if arn.split(":")[2] == "events" else "sqs:SendMessage"
        statements = [{"Effect": "Allow", "Action": action, "Resource": arn}]
        statements += policies.parse(target.options.get("dispatcher_policy"))["Statement"]
        return {"Version": policies.VERSION, "Statement": statements}

    def observe(self, target: Target) -> Observed:
        """Return the role with its policy; a policy of that name that differs and lacks our tag is foreign."""
        seen = super().observe(target)
        policy = self._read_policy(target)
        document = policy["document"] if policy else None
        seen = replace(seen, foreign=seen.foreign or self._foreign_policy(target, policy))
        state = None if seen.state is None else {**seen.state, "policy": document}
        return replace(seen, state=state, raw={**(seen.raw or {}), "policy": policy})

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the role with its policy as they should be."""
        role = super().desired(target, seen)
        if isinstance(role, Skip):
            return role
        return {**role, "policy": policies.canonical_document(self.policy(target))}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Make the policy, then the role that it is attached to."""
        policy = (seen.raw or {}).get("policy")
        if policy is None or policy["document"] != after["policy"]:
            self._put_policy(target, exists=policy is not None)
        return super().put(target, seen, after)

    def _foreign_policy(self, target: Target, policy: dict[str, Any] | None) -> str:
        """Say why the policy of that name is not ours: it differs and lacks our tag."""
        if policy is None or policy["document"] == policies.canonical_document(self.policy(target)):
            return ""
        ours = naming.carries_our_tags(target.options, policy["tags"])
        return "" if ours else f"policy {self.role_name(target)} exists and differs"

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say why role or policy is not the provider's alone: the policy may serve somebody else's role too."""
        policy = seen.raw["policy"]
        attached = self.managed_policies(target)[0] in seen.raw.get("attached", ())
        if policy and policy["uses"] > int(attached):
            return f"policy {self.role_name(target)} is attached to something else too"
        return self._foreign_policy(target, policy) or super().not_removable(target, seen)

    def _unproven(self, target: Target, seen: Observed) -> str:
        """EventBridge is everybody's: without our tag only the trust in our one rule proves that the role is ours."""
        trust = policies.canonical_document(seen.raw["role"]["AssumeRolePolicyDocument"])
        ours = policies.canonical_document(self.trust(target))
        return "" if trust == ours else f"role {self.role_name(target)} trusts more than the rule of that name"

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return the role, and its policy, which may be all that is left."""
        policy = self.managed_policies(target) if (seen.raw or {}).get("policy") else []
        return [*super().resources(target, seen), *policy]

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Delete the policy, then the role: cut off between them, the role shows that something is left."""
        iam, name, arn = target.client("iam"), self.role_name(target), self.managed_policies(target)[0]
        if "role" in seen.raw:
            role_removal.strip(iam, name)
        versions = naming.found(iam.list_policy_versions, "NoSuchEntity", PolicyArn=arn) or {"Versions": []}
        for version in versions["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        naming.found(iam.delete_policy, "NoSuchEntity", PolicyArn=arn)
        return super().remove(target, seen, after) if "role" in seen.raw else Removed()

    def _read_policy(self, target: Target) -> dict[str, Any] | None:
        iam, arn = target.client("iam"), self.managed_policies(target)[0]
        policy = naming.found(iam.get_policy, "NoSuchEntity", PolicyArn=arn)
        if policy is None:
            return None
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["Policy"]["DefaultVersionId"])
        return {
            "document": policies.canonical_document(version["PolicyVersion"]["Document"]),
            "tags": policy["Policy"].get("Tags", []),
            "uses": policy["Policy"]["AttachmentCount"] + policy["Policy"].get("PermissionsBoundaryUsageCount", 0),
        }

    def _put_policy(self, target: Target, exists: bool) -> None:
        iam, arn, document = target.client("iam"), self.managed_policies(target)[0], json.dumps(self.policy(target))
        if not exists:
            iam.create_policy(
                PolicyName=self.role_name(target), PolicyDocument=document, Tags=naming.tag_list(target.options)
            )
            return
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        spare = sorted((v for v in versions if not v["IsDefaultVersion"]), key=lambda version: version["CreateDate"])
        if len(versions) >= MAX_VERSIONS:
            iam.delete_policy_version(PolicyArn=arn, VersionId=spare[0]["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        iam.tag_policy(PolicyArn=arn, Tags=naming.tag_list(target.options))
