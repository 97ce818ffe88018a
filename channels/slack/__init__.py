"""Slack: direct messages, assistant threads, mentions, commands and the Home tab."""
