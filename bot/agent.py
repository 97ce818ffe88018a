"""Rasa's agent with our turns: it loads a TurnProcessor and lets a failing tracker store be a failure."""

from __future__ import annotations

from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain

from bot.processor import TurnProcessor


class FirstlineAgent(Agent):
    """What `load_agent` makes."""

    def load_model(self, model_path: Path | str, fingerprint: str | None = None) -> None:
        """Load the archive `model_path`. Raises what Rasa raises when it is no model."""
        self.processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses
        self._set_fingerprint(fingerprint)

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Domain | None) -> TrackerStore:
        """Use the store as it is.

        Rasa wraps it so that a conversation which cannot be read starts anew, and one which cannot be written lives on
        in memory: a customer would be asked everything again. A turn that cannot be stored has to fail instead.
        """
        if store is None:
            raise ValueError("endpoints.yml names no tracker store")
        return store


def load_agent(model: Path, endpoints_file: str) -> FirstlineAgent:
    """Load `model` with the stores, texts and actions that `endpoints_file` names."""
    endpoints = AvailableEndpoints.read_endpoints(endpoints_file)
    agent = FirstlineAgent(
        generator=endpoints.nlg,
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=endpoints.action,
    )
    agent.load_model(model)
    return agent
