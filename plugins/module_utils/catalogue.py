# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every account default, in the order in which they are applied; a reverse assumption goes backwards."""

from __future__ import annotations

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.buckets import LogsBucket, RackspaceBucket
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.config_role import ConfigRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.dispatcher_role import DispatcherRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.dispatcher_rule import DispatcherRule
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.password_policy import PasswordPolicy
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.recorders import Recorder
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.roles import (
    CloudHealthRole,
    RackspaceRole,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.topics import (
    CloudTrailTopic,
    ConfigTopic,
    SupportEmergencyTopic,
    SupportStandardTopic,
    SupportTopic,
    SupportUrgentTopic,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.trails import Trail
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import AccountDefault

ACCOUNT_DEFAULTS: tuple[AccountDefault, ...] = (
    RackspaceRole(),
    PasswordPolicy(),
    CloudHealthRole(),
    LogsBucket(),
    RackspaceBucket(),
    ConfigRole(),
    DispatcherRole(),
    CloudTrailTopic(),
    ConfigTopic(),
    SupportTopic(),
    SupportStandardTopic(),
    SupportUrgentTopic(),
    SupportEmergencyTopic(),
    Trail(),
    Recorder(),
    DispatcherRule(),
)


def named(*names: str) -> tuple[AccountDefault, ...]:
    """Return the account defaults of these names, in the catalogue's order.

    Raises:
        KeyError: a name is not in the catalogue.
    """
    by_name = {default.name: default for default in ACCOUNT_DEFAULTS}
    chosen = {by_name[name] for name in names}
    return tuple(default for default in ACCOUNT_DEFAULTS if default in chosen)
