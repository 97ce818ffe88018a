"""The commands of ``python -m firstline``, one module for each group.

A module's `add_commands` is called for every command: it imports nothing that is slow, and what runs imports what it
needs itself. `make run` shall be on its way at once.
"""

from __future__ import annotations

from firstline.commands import canned, category, channel, email, priority, process, team, technician, token, webhook

GROUPS = (process, technician, team, category, priority, canned, channel, email, token, webhook)
