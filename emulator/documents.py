"""Names under which the world keeps what moto would drop of a request."""

ALTERNATE_CONTACT = "alternate contact"
CONTACT = "contact"
LIFECYCLE = "lifecycle"
RECORDER = "recorder"
