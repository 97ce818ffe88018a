"""Tells Rasa of the procedures: names of actions, slots and intents for the domain; a test story for every way through.

Texts stay out of the domain: it is read slowly at every start, and grows with every sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.procedures.loader import load
from bot.procedures.model import Catalogue
from bot.procedures.names import OUTCOME_SLOT, STATE_SLOT, action_names
from bot.procedures.stories import stories

_SLOT = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}


class ProcedureImporter(TrainingDataImporter):
    """config.yml: `importers: [{name: RasaFileImporter}, {name: bot.importer.ProcedureImporter}]`."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
        procedures: str = "data/procedures",
        texts: str = "bot/texts",
    ) -> None:
        self._procedures, self._texts = Path(procedures), Path(texts)

    def catalogue(self) -> Catalogue:
        """Reads the files anew; raises CatalogueError."""
        return load(self._procedures, self._texts)

    def get_domain(self) -> Domain:
        """Names only."""
        catalogue = self.catalogue()
        intents = sorted(intent for procedure in catalogue.procedures.values() for intent in procedure.intents)
        slots = {name: dict(_SLOT) for name in (STATE_SLOT, OUTCOME_SLOT)}
        return Domain.from_dict({"intents": intents, "actions": action_names(catalogue), "slots": slots})

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """None: the policy does not learn."""
        return StoryGraph([])

    def get_conversation_tests(self) -> StoryGraph:
        """A story for every way through every procedure."""
        return StoryGraph(YAMLStoryReader().read_from_parsed_yaml(stories(self.catalogue())))

    def get_config(self) -> Dict[str, Any]:
        """None."""
        return {}

    def get_config_file_for_auto_config(self) -> Optional[str]:
        """None."""
        return None

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """None: what customers say is in data/nlu."""
        return TrainingData()
