"""The outbox: calls to Slack that the desk owes, and claims on them."""
