"""Names under which the world keeps what moto would drop of a request."""

ALTERNATE_CONTACT = "alternate contact"
CONTACT = "contact"
EVENT_SUBSCRIPTIONS = "event subscriptions"
GROUP_NOTIFICATIONS = "notifications of Auto Scaling groups"
LIFECYCLE = "lifecycle"
RECORDER = "recorder"
VAULT_POLICY = "policy of a backup vault"
