"""The web chat: a WebSocket with resume on this side, the widget (``static/``) in the customer's browser."""
