"""What channels get of the settings, and what each lacks to be on."""

from __future__ import annotations

from pydantic import SecretStr

from channels import registry
from desk.model.channel import Installed
from firstline.settings import PREFIX, Settings


def channel_settings(settings: Settings) -> dict[str, str]:
    """What channels may know of the settings, as plain strings."""
    return {
        "secret_key": settings.secret_key.get_secret_value(),
        "web_origins": " ".join(settings.web_origins),
        "max_file": str(settings.max_file),
        **_mail_settings(settings),
        "telegram_token": _text(settings.telegram_token),
        "telegram_api_url": settings.telegram_api_url,
        "telegram_webhook_url": f"{settings.public_url}/channels/telegram/webhook" if settings.telegram_webhook else "",
        "public_url": settings.public_url,
        "slack_api_url": settings.slack_api_url,
        "slack_app_token": _text(settings.slack_app_token),
        "slack_bot_token": _text(settings.slack_bot_token),
        "slack_client_id": settings.slack_client_id or "",
        "slack_client_secret": _text(settings.slack_client_secret),
        "slack_signing_secret": _text(settings.slack_signing_secret),
    }


def _mail_settings(settings: Settings) -> dict[str, str]:
    return {
        "data_dir": str(settings.data_dir),
        "mail_from": settings.mail_from,
        "smtp_url": _text(settings.smtp_url),
        "mailboxes": _text(settings.mailboxes),
        "smtp_connections": str(settings.smtp_connections),
        "mail_listen": settings.mail_listen or "",
        "mail_addresses": " ".join(settings.mail_addresses),
        "mail_name": settings.mail_name,
        "mail_plus_addresses": "1" if settings.mail_plus_addresses else "",
        "mail_per_minute": str(settings.mail_per_minute),
        "mail_poll_seconds": str(settings.mail_poll_seconds),
        "mail_max": str(settings.mail_max_mb * 1_000_000),
        "mail_trusted_relays": " ".join(settings.mail_trusted_relays),
        "mail_ca_file": str(settings.mail_ca_file or ""),
    }


def _text(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def installed_channels(settings: Settings) -> list[Installed]:
    """Every channel there is, and what it lacks to be on."""
    given = channel_settings(settings)
    found, wanting = (
        {kind: tuple(PREFIX + name.upper() for name in names) for kind, names in lacking.items()}
        for lacking in (registry.missing(given), registry.wanting(given))
    )
    # Not a channel of customers', but a pipe all the same, that works or does not.
    found["slack_desk"] = found["slack"]
    return [Installed(kind, names, wanting.get(kind, ())) for kind, names in found.items()]
