"""The lexicon as a component of Rasa's graph: facts that customers mention by the way become entities.

Graph components need real types at run time (Rasa reads their annotations), hence no `from __future__ import
annotations` here.
"""

from typing import Any, Dict, List, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.lexicon import Lexicon, Mention


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LexiconEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Adds what `bot/lexicon.yml` finds in a message to its entities."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Nothing: it reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """There is nothing to set."""
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LexiconEntityExtractor":
        """Called by Rasa before training and when a trained model is loaded."""
        return cls()

    def __init__(self) -> None:
        self._lexicon = Lexicon.read()

    def process(self, messages: List[Message]) -> List[Message]:
        """Extend `entities` of each message by {entity, value, start, end, extractor}."""
        for message in messages:
            found = [as_entity(mention) for mention in self._lexicon.find(message.get(TEXT) or "")]
            entities = self.add_extractor_name(found)
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)
        return messages


def as_entity(mention: Mention) -> Dict[str, Any]:
    """As Rasa spells entities."""
    return {"entity": mention.entity, "value": mention.value, "start": mention.start, "end": mention.end}
