# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM roles of the account defaults: what all of them share, and the provider's own (B1, B3)."""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies, role_removal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Removed,
    Skip,
    State,
    Target,
    undoing,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import carries_our_tags, found, tag_list

Document = dict[str, Any]
RESERVED = ("/aws-service-role/", "/aws-reserved/")  # service-linked roles; those of IAM Identity Center (SSO)
MAX_PROOF = 20.0  # seconds; changes of IAM are seen after 2 to 30


class ServiceRole(AccountDefault):
    """A role whose trust policy is ours whole; of its permissions we own those that we name."""

    service = "iam"
    on_release = "remove"
    #: a run comes in by it: cut off before it has its policies, it must not admit the next run, to be denied
    opens_last = False
    not_yet = ("NoSuchEntity", "ConcurrentModification", "DeleteConflict")
    permissions: tuple[str, ...] = (
        "iam:GetRole",
        "iam:CreateRole",
        "iam:TagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:AttachRolePolicy",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:PutRolePolicy",
    )

    removal_permissions: tuple[str, ...] = (
        "iam:ListInstanceProfilesForRole",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:DetachRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
        "ec2:DescribeIamInstanceProfileAssociations",
    )

    @abstractmethod
    def role_name(self, target: Target) -> str:
        """Return the role's name."""

    @abstractmethod
    def trust(self, target: Target) -> Document:
        """Return the trust policy, external ids in clear."""

    def managed_policies(self, target: Target) -> list[str]:
        """Return the ARNs of the managed policies that the role has."""
        return []

    def inline_policies(self, target: Target) -> dict[str, Document]:
        """Return the role's inline policies by name."""
        return {}

    def observe(self, target: Target) -> Observed:
        """Return the role; it is ours if it carries our tag or trusts only whom we expect."""
        iam, name = target.client("iam"), self.role_name(target)
        role = found(iam.get_role, "NoSuchEntity", RoleName=name)
        if role is None:
            return Observed()
        role = role["Role"]
        attached = [
            policy["PolicyArn"]
            for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
            for policy in page["AttachedPolicies"]
        ]
        inline = [
            policy
            for page in iam.get_paginator("list_role_policies").paginate(RoleName=name)
            for policy in page["PolicyNames"]
        ]
        ours = self.inline_policies(target)
        documents = {
            policy: policies.canonical_document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            for policy in inline
            if policy in ours
        }
        state = self._state(name, role["AssumeRolePolicyDocument"], attached, documents, self.managed_policies(target))
        raw = {"role": role, "attached": attached, "inline": inline}
        return Observed(state, self._foreign(target, role), self._findings(target, role, attached, inline), raw)

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the role as it should be."""
        managed = self.managed_policies(target)
        inline = {name: policies.canonical_document(text) for name, text in self.inline_policies(target).items()}
        return self._state(self.role_name(target), self.trust(target), managed, inline, managed)

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create the role with our tag, or repair its trust and add what permissions it lacks."""
        iam, name, before = target.client("iam"), self.role_name(target), seen.state
        if before is None:
            trust = role_removal.ADMITS_NOBODY if self.opens_last else self.trust(target)
            iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=json.dumps(trust),
                Description=self.title,
                Tags=tag_list(target.options),
            )
            before = {**after, "trust": after["trust"] if not self.opens_last else []}
            before |= {"managed_policies": [], "inline_policies": {}}
        if seen.foreign:
            iam.tag_role(RoleName=name, Tags=tag_list(target.options))
        for policy in sorted(set(after["managed_policies"]) - set(before["managed_policies"])):
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        for policy, document in self.inline_policies(target).items():
            if before["inline_policies"].get(policy) != after["inline_policies"][policy]:
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        if before["trust"] != after["trust"]:
            self._replace_trust(target, name)
        return None

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say why the role is not provably the provider's: whom else it trusts, whatever its tags say."""
        if seen.raw is None or "role" not in seen.raw:
            return seen.foreign
        role = seen.raw["role"]
        name, trust = role["RoleName"], role["AssumeRolePolicyDocument"]
        if role["Path"].startswith(RESERVED):
            return f"role {name} is AWS's own ({role['Path']})"
        if role_removal.is_released(trust):
            return ""
        others = {principal for principal in policies.principals(trust) if not self._is_expected(target, principal)}
        if others:
            return f"role {name} trusts {', '.join(sorted(others))}"
        if carries_our_tags(target.options, role.get("Tags", [])):
            return ""
        return seen.foreign or self._unproven(target, seen)

    def _is_expected(self, target: Target, principal: str) -> bool:
        """Tell whether the role may trust a principal and still be the provider's."""
        return principal in policies.principals(self.trust(target))

    def _unproven(self, target: Target, seen: Observed) -> str:
        """Say what the trust in whom we expect does not prove yet; for a role without our tag."""
        return ""

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return nothing: the role goes with its policies, unless an instance or something kept works with it."""
        users = target.account.uses.get(seen.raw["role"]["Arn"]) if "role" in seen.raw else None
        if users:
            return Skip(f"stays with the account: {', '.join(sorted(users))} works with it")
        used = role_removal.running_instances(target, self.role_name(target))
        return Skip(f"kept: instances run with it: {', '.join(used)}") if used else None

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return the role and those of its instance profiles that go with it."""
        if seen.raw is None or "role" not in seen.raw:
            return []
        return [seen.raw["role"]["Arn"], *role_removal.own_profiles(target, self.role_name(target))]

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Delete the role with its policies; it leaves its instance profiles first."""
        role_removal.delete_role(target, self.role_name(target))
        return Removed()

    def _replace_trust(self, target: Target, name: str) -> None:
        """Replace the trust policy; that of the role we came in by only if it lets us in again, or it is put back."""
        iam, trust = target.client("iam"), self.trust(target)
        if target.clients.account_role() != name:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
            return
        advice = "Check provider_trusted_principals and account_external_id"
        try:
            target.clients.check_way_in(trust)
        except AccessError as error:
            raise AccountsError(f"the trust policy of {name} was not replaced: {error}. {advice}") from error
        former = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        try:
            target.clients.prove_way_in(min(MAX_PROOF, target.options["wait_timeout"] / 6))
        except Exception as error:
            with undoing():
                iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(former))
            raise AccountsError(
                f"the new trust policy of {name} locked this run out ({error}); the former one was put back. {advice}"
            ) from error

    @staticmethod
    def _state(
        name: str, trust: Document, managed: list[str], inline: dict[str, Any], ours: list[str]
    ) -> dict[str, Any]:
        return {
            "role_name": name,
            "trust": policies.without_external_ids(policies.canonical_document(trust)),
            "managed_policies": sorted(set(managed) & set(ours)),
            "inline_policies": inline,
        }

    def _foreign(self, target: Target, role: Document) -> str:
        if carries_our_tags(target.options, role.get("Tags", [])):
            return ""
        expected, found_trust = self.trust(target), role["AssumeRolePolicyDocument"]
        trusted, ours = policies.principals(found_trust), policies.principals(expected)
        if not trusted or trusted - ours:
            others = ", ".join(sorted(trusted - ours)) or "nobody"
            return f"role {role['RoleName']} exists and trusts {others}"
        stricter = policies.restrictions(found_trust) - policies.restrictions(expected)
        if stricter:
            return f"role {role['RoleName']} exists and its trust is restricted by {', '.join(sorted(stricter))}"
        return ""

    def _findings(self, target: Target, role: Document, attached: list[str], inline: list[str]) -> tuple[str, ...]:
        name = self.role_name(target)
        others = sorted(set(attached) - set(self.managed_policies(target)))
        others += sorted(set(inline) - set(self.inline_policies(target)))
        findings = [f"role {name} also has policy {other}, which is not ours" for other in others]
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if boundary:
            findings.append(f"role {name} has the permissions boundary {boundary}, which limits what it may do")
        return tuple(findings)


class RackspaceRole(ServiceRole):
    """The role for ongoing access to the account.

    A reverse assumption removes it last, by ``last_role``: it is the way in for everything else.
    """

    name = "rackspace_role"
    title = "Ongoing access of the provider"
    section = "iam"
    requirement = "B1"
    opens_last = True
    options = {
        "provider_trusted_principals": {"type": "list", "elements": "str", "default": []},
        "role_managed_policies": {
            "type": "list",
            "elements": "str",
            "default": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        },
        "role_policy": {"type": "json"},
        "rotate_external_id": {"type": "bool", "default": False},
    }

    def role_name(self, target: Target) -> str:
        """Return the role's name, by default Rackspace."""
        return str(target.options["provider_role_name"])

    def trust(self, target: Target) -> Document:
        """Return the trust in the provider's account, or in its named principals, with the external id."""
        account = f"arn:{target.account.partition}:iam::{target.options['provider_account_id']}:root"
        external_id = target.options.get("external_id")
        condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
        principals = target.options["provider_trusted_principals"] or [account]
        return trust_policy({"AWS": principals}, condition)

    def managed_policies(self, target: Target) -> list[str]:
        """Return the policies that the provider works with, AdministratorAccess by default."""
        partition = target.account.partition
        return [arn.replace("arn:aws:", f"arn:{partition}:", 1) for arn in target.options["role_managed_policies"]]

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the role; one that asks for another external id is re-keyed only on demand.

        A mistyped external id would find another way in and lock every other run out of every account.
        """
        wanted = super().desired(target, seen)
        if seen.state and not seen.foreign and not target.options["rotate_external_id"]:
            asks = policies.condition_values({"Statement": seen.state["trust"]}, policies.EXTERNAL_ID)
            ours = target.options.get("external_id")
            if asks and (not ours or policies.fingerprint(ours) not in asks):
                raise AccountsError(
                    f"role {self.role_name(target)} asks for another external id than account_external_id or "
                    "provider_external_id says; correct it, or, where it is to be replaced, say "
                    "provider_external_id_rotate: true (option rotate_external_id)"
                )
        return wanted

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return that it stays for now: the run works through it."""
        return Skip("the run works through it; it goes last, in the phase last_role")

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return nothing: it is not what the cleanup removes."""
        return []

    def _is_expected(self, target: Target, principal: str) -> bool:
        """Tell whether it is a trusted principal, or one of any account of the provider."""
        return super()._is_expected(target, principal) or role_removal.is_providers(target, principal)

    def inline_policies(self, target: Target) -> dict[str, Document]:
        """Return the provider's own policy, where one is given."""
        policy = target.options.get("role_policy")
        return {self.role_name(target): policies.parse(policy)} if policy else {}


class CloudHealthRole(ServiceRole):
    """The role by which CloudHealth reads the account; tampering with it can cause overbilling (B3)."""

    name = "cloudhealth_role"
    title = "Read access of CloudHealth"
    section = "iam"
    requirement = "B3"
    required = False
    drift_means = "CloudHealth bills by what it reads through this role: changed or missing, it can cause overbilling"
    options = {
        "cloudhealth": {
            "type": "dict",
            "apply_defaults": True,
            "options": {
                "role_name": {"type": "str", "default": "CloudHealth-Role"},
                "account_id": {"type": "str", "default": "454464851268"},
                "external_ids": {"type": "list", "elements": "str", "no_log": True, "default": []},
                "policy": {"type": "json"},
            },
        }
    }

    def role_name(self, target: Target) -> str:
        """Return the role's name, by default CloudHealth-Role."""
        return str(target.options["cloudhealth"]["role_name"])

    def trust(self, target: Target) -> Document:
        """Return the trust in CloudHealth's account, with the tenant's external ids."""
        settings = target.options["cloudhealth"]
        account = f"arn:{target.account.partition}:iam::{settings['account_id']}:root"
        condition = {"Condition": {"StringEquals": {"sts:ExternalId": settings["external_ids"]}}}
        return trust_policy({"AWS": [account]}, condition)

    def _unproven(self, target: Target, seen: Observed) -> str:
        """CloudHealth has other customers: only the tenant's external ids prove that the role is the provider's."""
        asks = policies.condition_values(seen.raw["role"]["AssumeRolePolicyDocument"], policies.EXTERNAL_ID)
        if asks and asks <= set(target.options["cloudhealth"]["external_ids"]):
            return ""
        return f"role {self.role_name(target)} does not ask for an external id of cloudhealth.external_ids"

    def inline_policies(self, target: Target) -> dict[str, Document]:
        """Return the tenant's policy."""
        policy = target.options["cloudhealth"].get("policy")
        return {self.role_name(target): policies.parse(policy)} if policy else {}

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the role, or a skip where the tenant's external ids or policy are not known."""
        settings = target.options["cloudhealth"]
        missing = [name for name in ("external_ids", "policy") if not settings.get(name)]
        if missing:
            return Skip(f"cloudhealth has no {' and no '.join(missing)}; they are per tenant and never guessed")
        return super().desired(target, seen)


def service_trust(service: str, condition: Document) -> Document:
    """Return the trust in an AWS service, confined by a condition against the confused deputy."""
    return trust_policy({"Service": [service]}, {"Condition": condition})


def trust_policy(principal: Document, condition: Document) -> Document:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}
    return {"Version": policies.VERSION, "Statement": [statement]}
