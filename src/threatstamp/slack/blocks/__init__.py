"""What the desk says, as Slack's text and Block Kit: a value in, a message out. One file a kind of saying."""
