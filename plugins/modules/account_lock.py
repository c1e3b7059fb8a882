#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_lock
version_added: 0.1.0
short_description: Let one run at a time work on an AWS account
description:
  - Takes a lock on an account for the whole run of a playbook, and gives it back. Another run that wants the same
    account is refused, with who holds it, since when, and how to break the lock.
  - The lock is a file in O(path) on the controller. With O(bucket) it is also an object in the provider's account, so
    that runs on different controllers exclude each other.
  - A lock whose owner is gone is taken over, and C(took_over) says from whom. On the same machine the owner is gone
    when there is no process any more with its ID and start time. Elsewhere it is gone when it did not renew the lock
    for O(timeout) seconds.
  - The owner is the process of the run, C(ansible-playbook), not that of the module. It is found among the parents of
    the module, so that the lock outlives the task and not the run.
  - In check mode nothing is taken, renewed or given back, and another's lock is no error. C(locked_by) says who holds
    it.
options:
  state:
    description:
      - With V(present) the lock is taken, or renewed where O(run) holds it already.
      - With V(absent) it is given back. A lock of another run stays.
    type: str
    choices:
      - present
      - absent
    default: present
  run:
    description:
      - The ID of the run, which is the same in all its tasks and that of no other run.
    type: str
    required: true
  path:
    description:
      - The folder of the lock's file, which is C(<account_id>.lock). It is made where it is missing.
      - A relative path starts at the folder of the playbook.
    type: path
    required: true
  bucket:
    description:
      - The name of a bucket of the account O(provider_account_id). By default there is no object, only the file.
      - It needs C(s3:GetObject), C(s3:PutObject) and C(s3:DeleteObject) on the object and C(s3:ListBucket) on the
        bucket.
    type: str
  bucket_region:
    description:
      - The region of the bucket.
    type: str
    default: us-west-2
  bucket_prefix:
    description:
      - What the key of the object begins with. The rest of it is C(<account_id>.lock).
    type: str
    default: locks/
  timeout:
    description:
      - How many seconds after it was last renewed the lock of a run on another machine counts as left behind.
      - Choose it longer than the longest time between two tasks that renew it.
    type: int
    default: 7200
attributes:
  check_mode:
    support: full
    details:
      - It reads the lock and writes nothing.
  diff_mode:
    support: none
    details:
      - A lock is no setting of the account.
  idempotent:
    support: full
    details:
      - A lock that the run holds already is renewed, which counts as no change.
notes:
  - Processes are told apart by their ID and start time, and machines by their host name and, where the system has
    one, the ID of their boot. Containers that share a folder are told apart by the namespace of their processes.
  - The account itself is not called. Without O(bucket) nothing is.
  - A lock that cannot be read is never taken over.
seealso:
  - name: Conditional requests
    description: Amazon S3 User Guide, on objects that are written only if they are absent or unchanged.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Lock the account, first of all
  rackspace.aws_accounts.account_lock:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    run: "{{ run_id }}"
    path: "{{ inventory_dir }}/locks"

- name: Unlock the account, in the section always of the block that does the work
  rackspace.aws_accounts.account_lock:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    run: "{{ run_id }}"
    path: "{{ inventory_dir }}/locks"
    state: absent

- name: Lock the account for the runs of all controllers
  rackspace.aws_accounts.account_lock:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    run: "{{ run_id }}"
    path: "{{ inventory_dir }}/locks"
    bucket: example-locks
    bucket_region: eu-west-1
    timeout: 3600

- name: See who holds it
  rackspace.aws_accounts.account_lock:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    run: nobody
    path: "{{ inventory_dir }}/locks"
  check_mode: true
  register: lock
"""

RETURN = r"""
---
changed:
  description: Whether the lock was taken, taken over or given back, or in check mode would be.
  returned: always
  type: bool
  sample: true
failed:
  description: Whether the module failed.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, who holds the lock, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): another run works on it: run 20251121T143501-app1-prod of ops on controller1
    (process 4711, since 2025-11-21T14:35:02+00:00, last seen 2025-11-21T14:35:02+00:00); nothing was written. Wait
    until that run is over; only if it is certain that it does not work any more: delete
    /srv/journal/locks/111111111111.lock
held:
  description: Whether this run holds the lock now.
  returned: success
  type: bool
  sample: true
took_over:
  description: The former owner, in the shape of C(locked_by), where its lock was left behind. It is null elsewhere.
  returned: success
  type: dict
  sample: null
locked_by:
  description: The other run that holds the lock. It is null where none does, and empty where the lock cannot be read.
  returned: success, or when another run holds it
  type: dict
  contains:
    host:
      description: The name of its machine.
      returned: always
      type: str
      sample: controller1
    boot:
      description: The ID of the machine's boot. It is empty where the system has none.
      returned: always
      type: str
      sample: 5d9c1c3e-6f0e-4b8e-9d4b-2b9f0a7c1e55
    pid_namespace:
      description: The namespace of its process ID. It is empty where the system has none.
      returned: always
      type: str
      sample: pid:[4026531836]
    pid:
      description: The ID of the process of its run.
      returned: always
      type: int
      sample: 4711
    started:
      description: When that process was started, in the words of the system.
      returned: always
      type: str
      sample: 1812345 ticks after boot
    run:
      description: The ID of the run.
      returned: always
      type: str
      sample: 20251121T143501-app1-prod
    user:
      description: Whose run it is.
      returned: always
      type: str
      sample: ops
    at:
      description: When it took the lock.
      returned: always
      type: str
      sample: "2025-11-21T14:35:02+00:00"
    renewed_at:
      description: When it renewed the lock.
      returned: always
      type: str
      sample: "2025-11-21T14:35:02+00:00"
account:
  description: The account that the lock is for.
  returned: success
  type: dict
  contains:
    id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "111111111111"
    name:
      description: What messages call the account beside its ID.
      returned: always
      type: str
      sample: app1-prod
api_calls:
  description: How many calls of AWS's APIs it took. Without O(bucket) it takes none.
  returned: success
  type: int
  sample: 0
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_lock import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
