"""The language of a message as a component of Rasa's graph.

Graph components need real types at run time, hence no `from __future__ import annotations` here.
"""

import inspect
import json
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import language_model
from bot.language_model import LanguageModel, Margins


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Sets `language` ("en" or "nl") on each message and lets it through to the parse data.

    Learns from examples whose intent block says `metadata: {language: …}`. At run time the message's own metadata says
    which language the conversation has so far; a short or ambiguous message keeps it.
    """

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes training notice a changed model behind this component; Rasa looks at this file only."""
        return inspect.getsource(language_model)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The margins of `bot.language_model.Margins`."""
        return dict(vars(Margins()))

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[LanguageModel] = None
    ) -> None:
        self._margins = Margins(**{name: config[name] for name in vars(Margins())})
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageDetector":
        """Called by Rasa before training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LanguageDetector":
        """Called by Rasa when a trained model is loaded."""
        with model_storage.read_from(resource) as folder:
            odds = json.loads((folder / "odds.json").read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, LanguageModel(odds))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that say their language, and keep the counts in the archive."""
        examples = [
            (example.get(TEXT), example.get(METADATA)[METADATA_INTENT]["language"])
            for example in training_data.training_examples
            if example.get(TEXT) and (example.get(METADATA) or {}).get(METADATA_INTENT, {}).get("language")
        ]
        self._model = LanguageModel.train(examples)
        with self._storage.write_to(self._resource) as folder:
            (folder / "odds.json").write_text(json.dumps(self._model.odds, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: the language is no feature of the intent."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `language` on each message."""
        for message in messages:
            known = (message.get(METADATA) or {}).get("language")
            if self._model:
                language = self._model.decide(message.get(TEXT) or "", known, self._margins)
                message.set("language", language, add_to_output=True)
        return messages
