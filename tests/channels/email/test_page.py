"""The local mailbox page: for a person who only tries it, on this machine and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Router

from channels.contract import Button, Rejected, RejectReason
from channels.email.channel import EmailChannel, create
from tests.accessibility import violations_of
from tests.browser import open_page
from tests.channels.email.letters import letter
from tests.channels.memory_log import MemoryLog
