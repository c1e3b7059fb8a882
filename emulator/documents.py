"""Names under which the world keeps what moto would drop of a request."""

CONTACT = "contact"
LIFECYCLE = "lifecycle"
RECORDER = "recorder"
