"""The intent classifier as a component of Rasa's graph.

Graph components need real types at run time (Rasa reads their annotations), hence no `from __future__ import
annotations` here.
"""

import inspect
from dataclasses import asdict
from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import ranking, text_model
from bot.ranking import IntentRanker, Limits, label_of
from bot.segments import Segmenter
from bot.text_model import Settings, TextModel
from bot.topics import Topics


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TextIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks all intents for a message; a weak topic yields to the fallback intent, which then leads the ranking.

    Where several clauses of a message could be problems of their own, it ranks each of them too (`segments`). Mails
    (metadata `style: letter`) are read as such: see `IntentRanker.letter`.
    Configuration: `threshold` and `fallback_intent` (see `bot.ranking.Limits`), and all of `bot.text_model.Settings`.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Nothing: it reads the text itself and needs no tokenizer or featurizer."""
        return []

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes training notice a changed model behind this component; Rasa looks at this file only."""
        return inspect.getsource(text_model) + inspect.getsource(ranking)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The settings of `bot.text_model`, and when to give up."""
        return {**asdict(Settings()), "threshold": Limits().threshold, "fallback_intent": Limits().fallback}

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[TextModel] = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model
        self._ranker = None
        if model is not None:
            limits = Limits(config["threshold"], config["fallback_intent"])
            self._ranker = IntentRanker(model, Topics.read(), Segmenter.read(), limits)

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
            [example.get(TEXT) for example in examples], [_label(example) for example in examples], settings
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `intent`, `intent_ranking` (all intents, best first) and `segments` on each message that has none yet."""
        for message in messages:
            if message.get(INTENT, {}).get("name") or self._ranker is None:
                continue  # set by Rasa's own handler of "/intent" messages, which only tests can send
            text = message.get(TEXT) or ""
            letter = (message.get(METADATA) or {}).get("style") == "letter"
            ranked = self._ranker.letter(text) if letter else self._ranker.ranking(text)
            message.set(INTENT, ranked[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranked, add_to_output=True)
            segments = self._ranker.letter_segments(text) if letter else self._ranker.segments(text)
            message.set("segments", segments, add_to_output=True)
        return messages


def _label(example: Message) -> str:
    metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
    return label_of(example.get(INTENT), metadata.get("topic"))
