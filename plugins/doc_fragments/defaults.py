# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Options of the account defaults (``options`` in module_utils/defaults), one part for what modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the account defaults; every part is used by name."""

    DOCUMENTATION = r"""
options: {}
"""

    RACKSPACE_ROLE = r"""
options:
  provider_trusted_principals:
    description:
      - The principals that may assume the role O(provider_role_name), as ARNs or account IDs.
      - If it is empty, the account O(provider_account_id) as a whole is trusted, and its own policies say who in it
        may.
    type: list
    elements: str
    default: []
  role_managed_policies:
    description:
      - The ARNs of the managed policies that the role O(provider_role_name) has.
      - In another partition than V(aws), ARNs of V(aws) are read as those of that partition.
      - Missing ones are attached. Others are reported as findings and stay.
    type: list
    elements: str
    default:
      - arn:aws:iam::aws:policy/AdministratorAccess
  role_policy:
    description:
      - A policy document, which the role O(provider_role_name) gets as an inline policy of its own name.
    type: json
  rotate_external_id:
    description:
      - Whether the external ID that the role O(provider_role_name) asks for is replaced by O(external_id).
      - Without it, a role that asks for another one is an error, because a mistyped external ID would lock every other
        run out.
    type: bool
    default: false
"""

    CLOUDHEALTH = r"""
options:
  cloudhealth:
    description:
      - The role by which CloudHealth reads the account.
      - Its external IDs and its policy belong to a tenant of CloudHealth and are never guessed. Without both of them
        the account default V(cloudhealth_role) is skipped, with that reason.
    type: dict
    suboptions:
      role_name:
        description:
          - The name of the role.
        type: str
        default: CloudHealth-Role
      account_id:
        description:
          - The ID of CloudHealth's own AWS account, which the role trusts.
        type: str
        default: "454464851268"
      external_ids:
        description:
          - The external IDs of the tenant, one of which has to be presented when the role is assumed.
          - They are never shown. Results have fingerprints in their place.
        type: list
        elements: str
        default: []
      policy:
        description:
          - The policy document that CloudHealth gives the tenant, which the role gets as an inline policy of its own
            name.
        type: json
"""

    CONFIG_ROLE = r"""
options:
  config_role_name:
    description:
      - The name of the IAM role that AWS Config assumes.
    type: str
    default: AWSConfig
"""

    DISPATCHER = r"""
options:
  dispatcher_name:
    description:
      - The name of the EventBridge rule for AWS Health RISK events, of the IAM role with which it delivers, and of
        the managed policy of that role. It is also the name of the queue that receives the events by default.
    type: str
    default: rackspace-dispatcher
  dispatcher_target_arn:
    description:
      - The ARN of the SQS queue or the EventBridge event bus that the rule delivers to.
      - By default it is the queue O(dispatcher_name) in O(events_region) of the account O(provider_account_id).
    type: str
"""

    DISPATCHER_ROLE = r"""
options:
  dispatcher_trusted_principals:
    description:
      - Further principals that may assume the role O(dispatcher_name), as ARNs, to respond to an event.
      - EventBridge may in any case, for the rule O(dispatcher_name) of this account and for no other.
    type: list
    elements: str
    default: []
  dispatcher_policy:
    description:
      - A policy document whose statements the managed policy O(dispatcher_name) has beside the delivery to the
        target.
      - This is what a response to an event may do in the account. By default it is nothing.
    type: json
"""

    HEALTH_SERVICES = r"""
options:
  health_services:
    description:
      - The services of AWS Health whose events the rule O(dispatcher_name) matches.
    type: list
    elements: str
    default:
      - RISK
"""

    PASSWORD_POLICY = r"""
options:
  minimum_password_length:
    description:
      - The least number of characters of a password. A policy that demands more is not weakened.
    type: int
    default: 12
  require_uppercase_characters:
    description:
      - Whether a password must have an uppercase letter. If V(false), the requirement is not added, and not taken
        away.
    type: bool
    default: true
  require_lowercase_characters:
    description:
      - Whether a password must have a lowercase letter. If V(false), the requirement is not added, and not taken
        away.
    type: bool
    default: true
  require_numbers:
    description:
      - Whether a password must have a digit. If V(false), the requirement is not added, and not taken away.
    type: bool
    default: true
  require_symbols:
    description:
      - Whether a password must have a symbol. If V(false), the requirement is not added, and not taken away.
    type: bool
    default: true
  password_reuse_prevention:
    description:
      - How many previous passwords of a user cannot be used again. AWS takes at most V(24).
    type: int
    default: 24
"""  # noqa: S105

    ACCOUNT_UUID = r"""
options:
  account_uuid:
    description:
      - The UUID of the account, in lowercase. The names of its buckets are made of it.
    type: str
    required: true
"""

    LOGS_BUCKET = r"""
options:
  logs_bucket_name:
    description:
      - The name of the bucket that AWS CloudTrail and AWS Config deliver to.
      - By default it is O(account_uuid) followed by V(-logs).
    type: str
"""

    RACKSPACE_BUCKET = r"""
options:
  rackspace_bucket_name:
    description:
      - The name of the provider's own bucket in the account.
      - By default it is V(rackspace-) followed by O(account_uuid).
    type: str
"""

    BUCKETS = r"""
options:
  bucket_region:
    description:
      - The region in which the buckets are created. A bucket cannot be moved later.
    type: str
    default: us-west-2
  expiration_days:
    description:
      - After how many days objects expire.
    type: int
    default: 365
  noncurrent_expiration_days:
    description:
      - After how many days objects that were deleted or overwritten are permanently removed.
    type: int
    default: 90
"""

    DELIVERIES = r"""
options:
  allow_cloudtrail_delivery:
    description:
      - Whether the policy of the logs bucket lets the trails O(trail_name) of this account write.
      - If V(false), the module's own statements for it are taken out of the policy.
    type: bool
    default: true
  allow_config_delivery:
    description:
      - Whether the policy of the logs bucket lets AWS Config write for this account.
      - If V(false), the module's own statements for it are taken out of the policy.
    type: bool
    default: true
"""

    TRAIL_NAME = r"""
options:
  trail_name:
    description:
      - The name of the AWS CloudTrail trail of every region. The policies of the logs bucket and of the CloudTrail
        topics admit trails of this name.
    type: str
    default: rackspace-cloudtrail
"""

    TRAIL = r"""
options:
  enable_log_file_validation:
    description:
      - Whether a trail delivers digest files, by which it can be proven that its log files were not changed.
      - If V(false), a trail that has it keeps it.
    type: bool
    default: true
"""

    RECORDER = r"""
options:
  recorder_name:
    description:
      - The name of a new configuration recorder and of a new delivery channel of AWS Config.
      - Neither can be renamed. The provider's recorder keeps the name that it has.
    type: str
    default: default
"""

    TOPICS = r"""
options:
  topic_names:
    description:
      - The names of the SNS topics, which are the same in every region.
    type: dict
    suboptions:
      cloudtrail:
        description:
          - The topic to which AWS CloudTrail announces the log files that it delivered.
        type: str
        default: rackspace-cloudtrail
      awsconfig:
        description:
          - The topic to which AWS Config announces what it recorded and delivered.
        type: str
        default: rackspace-awsconfig
      support:
        description:
          - The topic of alarms without an urgency of their own.
        type: str
        default: rackspace-support
      support_standard:
        description:
          - The topic of alarms of standard urgency.
        type: str
        default: rackspace-support-standard
      support_urgent:
        description:
          - The topic of urgent alarms.
        type: str
        default: rackspace-support-urgent
      support_emergency:
        description:
          - The topic of alarms that are emergencies.
        type: str
        default: rackspace-support-emergency
"""

    QUEUES = r"""
options:
  queue_names:
    description:
      - The names of the SQS queues in the account O(provider_account_id) that the topics are subscribed to. They are
        the same in every region.
    type: dict
    suboptions:
      cloudtrail:
        description:
          - The queue of the CloudTrail topics.
        type: str
        default: rackspace-cloudtrail
      awsconfig:
        description:
          - The queue of the AWS Config topics.
        type: str
        default: rackspace-awsconfig
      support:
        description:
          - The queue of the four support topics.
        type: str
        default: rackspace-support
  queue_regions:
    description:
      - Regions whose topics are served by the queue of another region, as a dictionary of the one to the other.
      - It is meant for regions that the account O(provider_account_id) has not enabled, for example V(af-south-1)
        served by V(eu-west-1).
      - SNS does not deliver from one opt-in region to another. The region that serves has to be one that AWS enables
        by default.
    type: dict
    default: {}
"""

    SUBSCRIPTIONS = r"""
options:
  subscription_owner:
    description:
      - Who subscribes the provider's queues to the topics.
      - With V(provider) it is the account O(provider_account_id), which owns the queues. Such a subscription needs no
        confirmation.
      - With V(account) it is the account that owns the topics. The subscription stays pending until the side of the
        queue confirms it.
      - In a region that the account O(provider_account_id) has not enabled it is always the account that owns the
        topics.
    type: str
    choices:
      - provider
      - account
    default: provider
"""

    MANAGED_ACCOUNTS = r"""
options:
  managed_account_ids:
    description:
      - The IDs of all accounts that are managed, each a string of 12 digits.
      - Their topics and dispatcher roles are admitted, and nobody else's.
      - An account that is admitted already and is not named is an error, unless O(remove_accounts=true).
    type: list
    elements: str
    required: true
  remove_accounts:
    description:
      - Whether accounts that are admitted and are not among O(managed_account_ids) are cut off.
      - Without it, such an account is an error and nothing is written, because an inventory of some accounts looks like
        one from which all others have gone.
    type: bool
    default: false
"""
