"""The intent classifier as a component of Rasa's graph.

Graph components need real types at run time (Rasa reads their annotations), hence no `from __future__ import
annotations` here.
"""

import inspect
from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import text_model
from bot.text_model import Settings, TextModel


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TextIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks all intents for a message; a weak best one yields to the fallback intent, which then leads the ranking.

    Configuration: `threshold` (the least probability that counts as understood), `fallback_intent`,
    `inverse_regularisation`, `noisy_copies`, `noise`, `seed` (see `bot.text_model.Settings`).
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Nothing: it reads the text itself and needs no tokenizer or featurizer."""
        return []

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes training notice a changed model behind this component; Rasa looks at this file only."""
        return inspect.getsource(text_model)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The settings of `bot.text_model`, and when to give up."""
        return {
            "inverse_regularisation": 20.0,
            "noisy_copies": 2,
            "noise": 0.1,
            "seed": 20,
            "threshold": 0.4,
            "fallback_intent": "nlu_fallback",
        }

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[TextModel] = None
    ) -> None:
        self._config = config
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
    ) -> "TextIntentClassifier":
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
    ) -> "TextIntentClassifier":
        """Called by Rasa when a trained model is loaded."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TextModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example that has an intent and a text, and keep the model in the archive."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        settings = Settings(**{name: self._config[name] for name in Settings.__dataclass_fields__})
        self._model = TextModel.train(
            [example.get(TEXT) for example in examples], [example.get(INTENT) for example in examples], settings
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `intent` and `intent_ranking` (all intents, best first) on each message that has none yet."""
        for message in messages:
            if message.get(INTENT, {}).get("name"):
                continue  # set by Rasa's own handler of "/intent" messages, which only tests can send
            ranking = self._rank(message.get(TEXT) or "")
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> List[Dict[str, Any]]:
        ranked = self._model.rank(text) if self._model else []
        ranking = [{"name": name, "confidence": chance} for name, chance in ranked]
        if not ranked or ranked[0][1] < self._config["threshold"]:
            ranking.insert(0, {"name": self._config["fallback_intent"], "confidence": self._config["threshold"]})
        return ranking
