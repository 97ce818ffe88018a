"""The technicians' web console: server-rendered pages, kept fresh by htmx and server-sent events."""
