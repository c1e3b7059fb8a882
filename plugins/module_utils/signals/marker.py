# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The marked message: what is published to a topic to see whether it arrives, and how it is known again.

A reader of the queue knows it by the field ``marker`` of its text, or by the message attribute of the name ATTRIBUTE.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

MARKER = "rackspace.aws_accounts/signal_check"
ATTRIBUTE = "rackspace.aws_accounts.signal_check"
SUBJECT = "Test of rackspace.aws_accounts"
TEXT = (
    "This is a test of rackspace.aws_accounts, which checks whether signals of this account arrive. Nothing is wrong, "
    "and nothing has to be done."
)


def new_id() -> str:
    """Return an id that no other marked message has."""
    return uuid.uuid4().hex


def publication(path: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of sns:Publish for a path: its account_id, region, topic_arn, marker and sent_at."""
    told = {name: path[name] for name in ("account_id", "region", "topic_arn", "sent_at")}
    content = {"marker": MARKER, "id": path["marker"], **told, "text": TEXT}
    return {
        "TopicArn": path["topic_arn"],
        "Subject": SUBJECT,
        "Message": json.dumps(content),
        "MessageAttributes": {ATTRIBUTE: {"DataType": "String", "StringValue": path["marker"]}},
    }


def id_of(body: str) -> str | None:
    """Return the id of a marked message in a queue, inside SNS's envelope or raw; None of any other message."""
    content = _object(body)
    if content.get("marker") != MARKER:
        content = _object(content.get("Message"))
    found = content.get("id") if content.get("marker") == MARKER else None
    return found if isinstance(found, str) else None


def _object(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
