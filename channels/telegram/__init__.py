"""Telegram: a bot that customers write to in private chats, by long polling or a webhook."""
