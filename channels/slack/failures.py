"""What Slack's errors mean for a message that was to be delivered. Pure.

Source: the errors of https://docs.slack.dev/reference/methods/chat.postMessage, conversations.open and
files.completeUploadExternal.
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import DeliveryFailed

RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_AUTHORITY = frozenset(
    {
        "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
        "no_permission", "org_login_required", "ekm_access_denied", "team_access_not_granted", "accesslimited",
        "not_allowed_token_type", "messages_tab_disabled", "access_denied",
    }
)  # fmt: skip
"""The app, not the customer, is in trouble: whoever runs the desk has to mend it, and what is said waits."""
_NOBODY = frozenset(
    {
        "user_not_found", "users_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot",
    }
)  # fmt: skip
"""The customer cannot be written to."""
_PLACE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "channel_is_archived"})
"""The place takes nothing more; of direct messages, there is no other place to reach the customer at."""
_DOUBT = frozenset({"fatal_error", "internal_error"})
""""It is possible some aspect of the operation succeeded before the error was raised"."""
_LATER = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})


def failure(status: int, answer: object, headers: Mapping[str, str], *, direct: bool) -> DeliveryFailed:
    """What to tell the deliver worker.

    status: of HTTP. answer: Slack's, decoded, if it was JSON. direct: it was to go to the direct messages.
    """
    error = str(answer.get("error") or "") if isinstance(answer, Mapping) else ""
    if status == 429 or error in RATE_LIMITED:
        return DeliveryFailed(error or "ratelimited", retry_after=seconds(headers))
    if status != 200 and not error:
        # A gateway that gave up waiting does not know what became of it.
        return DeliveryFailed(f"HTTP {status}", unknown=status == 504)
    if error in _AUTHORITY or error in _LATER:
        return DeliveryFailed(error)
    if error in _DOUBT:
        return DeliveryFailed(error, unknown=True)
    if error in _NOBODY or (direct and error in _PLACE):
        return DeliveryFailed(error, unreachable=True)
    return DeliveryFailed(error or "refused", permanent=True)


def seconds(headers: Mapping[str, str]) -> float:
    """How long Slack asks to wait."""
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        return 1.0
