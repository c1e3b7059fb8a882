"""AWS Health events: nobody can put one (sources `aws.*` are AWS's own), so the emulator injects it.

AWS Health user guide, "Reference: AWS Health events Amazon EventBridge schema"
(aws-health-events-eventbridge-schema.html).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.events_delivery import dispatch
from emulator.world import World


def health_event(
    world: World,
    account: str,
    region: str = "us-east-1",
    service: str = "RISK",
    event_type_code: str = "AWS_RISK_CREDENTIALS_EXPOSED",
    category: str = "issue",
    description: str = "Credentials of this account were found in public.",
    entities: list[str] | None = None,
    **detail: Any,
) -> dict[str, Any]:
    """Takes an event along the rules of the account's default bus; returns it and what became of each target."""
    now = datetime.now(UTC)
    identifier = uuid.uuid4().hex
    stamp = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    name = f"arn:aws:health:{region}::event/{service}/{event_type_code}/{event_type_code}_{identifier[:12]}"
    event: dict[str, Any] = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "AWS Health Event",
        "source": "aws.health",
        "account": account,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": entities or [],
        "detail": {
            "eventArn": name,
            "service": service,
            "eventTypeCode": event_type_code,
            "eventTypeCategory": category,
            "eventScopeCode": "ACCOUNT_SPECIFIC",
            "communicationId": f"{identifier}-1",
            "startTime": stamp,
            "endTime": (now + timedelta(days=7)).strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "lastUpdatedTime": stamp,
            "statusCode": "open",
            "eventRegion": region,
            "eventDescription": [{"language": "en_US", "latestDescription": description}],
            "eventMetadata": {},
            "affectedEntities": [{"entityValue": entity, "status": "IMPAIRED"} for entity in entities or []],
            "affectedAccount": account,
            "page": "1",
            "totalPages": "1",
            **detail,
        },
    }
    return {"event": event, "deliveries": dispatch(world, account, region, "default", event)}
