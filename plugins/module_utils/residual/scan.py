# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a scan is, where it searches, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Account, Memory
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import Match, Names

#: codes with which services say that a resource has no policy, or is gone since it was listed
ABSENT = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "DBClusterSnapshotNotFoundFault",
        "DBSnapshotNotFound",
        "EntityNotFoundException",
        "FileSystemNotFound",
        "InvalidAMIID.NotFound",
        "InvalidSnapshot.NotFound",
        "InvalidVpcEndpointServiceId.NotFound",
        "NoSuchAccessPoint",
        "NoSuchAccessPointPolicy",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "PolicyNotFound",
        "PolicyNotFoundException",
        "RegistryPolicyNotFoundException",
        "RepositoryNotFoundException",
        "RepositoryPolicyNotFoundException",
        "ResourceNotFoundException",
    }
)


@dataclass(frozen=True)
class Found:
    """What one resource says of those who are searched for: nothing, matches, or that it could not be read.

    Attributes:
        resource: its ARN, or a name in the form of one where AWS has none.
        kind: what of it was read, "bucket policy" for instance.
        region: where it is; "" where the search was.
        through: ARNs without which this lets nobody in: a role, an identity provider.
    """

    resource: str
    kind: str
    matches: tuple[Match, ...] = ()
    region: str = ""
    through: tuple[str, ...] = ()
    error: Exception | None = None

    def by(self, through: Iterable[str]) -> Found:
        """Return the same with what it lets somebody in through."""
        return replace(self, through=tuple(sorted(set(through))))

    def without(self, names: set[str]) -> Found:
        """Return the same without the matches that name nobody else."""
        return replace(self, matches=tuple(match for match in self.matches if set(match.names) - names))


class Clients(Protocol):
    """Where a search gets its clients from (see session.py)."""

    def client(self, service: str, region: str) -> Any:
        """Return the account's client of a service; the same object each time."""

    def provider_client(self, service: str, region: str) -> Any:
        """Return a client of the shared management services account."""

    @property
    def management(self) -> Any:
        """The session in the organization's management account."""


@dataclass(frozen=True)
class Wanted:
    """What is searched for beside names in documents.

    Attributes:
        names: accounts, organization, identity providers.
        provider_accounts: those of the accounts that are the provider's own, without third parties.
        ownership_tags: what carries all of them was made by the provider.
        role_name: the provider's role; an IAM user of that name is the provider's.
        provider_account_id: the shared management services account.
        management_account_id: the management account of the provider's organization, or "".
    """

    names: Names
    provider_accounts: frozenset[str] = frozenset()
    ownership_tags: Mapping[str, str] = field(default_factory=dict)
    role_name: str = ""
    provider_account_id: str = ""
    management_account_id: str = ""


@dataclass(frozen=True)
class Search:
    """One place in which a scan searches: a service in a region of the account, or globally."""

    account: Account
    region: str
    service: str
    clients: Clients
    wanted: Wanted
    memory: Memory
    home_region: str = "us-east-1"

    @property
    def names(self) -> Names:
        """Whom documents are searched for."""
        return self.wanted.names

    @property
    def client(self) -> Any:
        """The client of the scan's service here."""
        return self.of(self.service)

    def of(self, service: str) -> Any:
        """Return the account's client of another service, here."""
        return self.clients.client(service, self.home_region if self.region == GLOBAL else self.region)

    def elsewhere(self, region: str, service: str = "") -> Search:
        """Return the same search in another region, or of another service there."""
        return replace(self, region=region, service=service or self.service)

    def arn(self, resource: str, service: str = "", account: str | None = None) -> str:
        """Return the ARN of a resource here."""
        region = "" if self.region == GLOBAL else self.region
        owner = self.account.id if account is None else account
        return f"arn:{self.account.partition}:{service or self.service}:{region}:{owner}:{resource}"

    def pages(self, operation: str, key: str, size: int | None = None, **arguments: Any) -> Iterator[Any]:
        """List everything that an operation lists, page by page, beginning with one call.

        Args:
            key: of the answer, under which the entries are.
            size: of a page, for operations that list no further than one page where it is not asked for.
        """
        if self.client.can_paginate(operation):
            for page in self.client.get_paginator(operation).paginate(**arguments, PaginationConfig={"PageSize": size}):
                yield from page.get(key) or ()
            return
        while True:
            page = getattr(self.client, operation)(**arguments)
            yield from page.get(key) or ()
            if not page.get("NextToken"):
                return
            arguments["NextToken"] = page["NextToken"]

    def document(self, resource: str, kind: str, read: Callable[..., Any], *arguments: Any) -> Found:
        """Return what a policy says that ``read(client, *arguments)`` returns; by default it is given the resource."""
        given = arguments or (resource,)
        return self.look(resource, kind, lambda: self.names.in_document(read(self.client, *given)))

    def stated(self, resource: str, kind: str, document: Any) -> Found:
        """Return what a policy says that was listed with its resource."""
        return self.look(resource, kind, lambda: self.names.in_document(document))

    def grants(self, resource: str, kind: str, read: Callable[..., Any], *arguments: Any) -> Found:
        """Return what the pairs of principal and permission say that ``read(client, *arguments)`` returns."""
        given = arguments or (resource,)
        return self.look(resource, kind, lambda: self.names.in_grants(read(self.client, *given)))

    def gather(self, resource: str, kind: str, read: Callable[[], Iterable[Any]]) -> tuple[list[Any], Found]:
        """Return what ``read`` returns, read to its end, and whether it could be read."""
        entries: list[Any] = []

        def all_of_it() -> Iterable[Match]:
            entries.extend(read())
            return ()

        found = self.look(resource, kind, all_of_it)
        return entries, found

    @staticmethod
    def only(found: Found) -> Found:
        """Return what was found of the one resource of a scan; where it cannot be read, the scan cannot."""
        if found.error:
            raise found.error
        return found

    def look(self, resource: str, kind: str, matches: Callable[[], Iterable[Match]]) -> Found:
        """Return what was found of one resource; that it cannot be read hides no other (G5)."""
        region = self.region
        try:
            return Found(resource, kind, tuple(matches()), region)
        except Exception as error:
            if error_code(error) in ABSENT:
                return Found(resource, kind, (), region)
            return Found(resource, kind, (), region, error=error)


@dataclass(frozen=True)
class Scan:
    """One kind of resources that may let somebody in.

    Attributes:
        name: in results, and after ``unknown:`` in what is accepted.
        service: botocore's name of it.
        about: what is read, for the documentation.
        permissions: IAM actions that it needs.
        find: yields what it finds; raises where it cannot list.
    """

    name: str
    service: str
    about: str
    permissions: tuple[str, ...]
    find: Callable[[Search], Iterable[Found]]
    regional: bool = True
