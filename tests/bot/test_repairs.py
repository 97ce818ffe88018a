"""Each repair of Rasa, held against Rasa's own behaviour, in the engine's environment."""

from __future__ import annotations

import textwrap

import pytest

from tests.engine_process import in_engine

pytestmark = [pytest.mark.slow, pytest.mark.rasa]


def check(script: str) -> None:
    in_engine(textwrap.dedent(script))


def test_rasa_comes_up_without_tensorflow_and_says_so_when_it_is_needed() -> None:
    check("""
        import sys
        from bot.repairs import Inert, leave_out_tensorflow
        leave_out_tensorflow()
        import rasa.core.agent, rasa.engine.recipes.default_components
        stand_ins = [each for name, each in sys.modules.items() if name.partition(".")[0] == "tensorflow"]
        assert stand_ins and not any(getattr(each, "__file__", None) for each in stand_ins)
        try:
            Inert().anything
        except AttributeError as error:
            assert "left out" in str(error)
        else:
            raise SystemExit("nothing was raised")
    """)


def test_tensorflow_stays_for_components_that_compute_with_it() -> None:
    check("""
        from bot.repairs import needs_tensorflow
        assert needs_tensorflow({"pipeline": [{"name": "DIETClassifier"}], "policies": []})
        assert needs_tensorflow({"pipeline": [], "policies": [{"name": "rasa.core.policies.ted_policy.TEDPolicy"}]})
        assert not needs_tensorflow({"pipeline": [{"name": "RegexEntityExtractor"}]})
        assert not needs_tensorflow({"pipeline": [], "policies": [{"name": "RulePolicy"}]})
        assert not needs_tensorflow({})
    """)


def test_event_types_are_found_as_before_but_looked_for_once() -> None:
    check("""
        from bot.repairs import leave_out_tensorflow, remember_event_types
        leave_out_tensorflow()
        from rasa.shared.core import events
        from rasa.shared.utils.common import all_subclasses
        names = [each.type_name for each in all_subclasses(events.Event) if getattr(each, "type_name", None)]
        before = {name: events.Event.resolve_by_type(name) for name in names}
        remember_event_types()
        assert {name: events.Event.resolve_by_type(name) for name in names} == before
        looked = []
        events.rasa.shared.utils.common.all_subclasses = looked.append
        assert events.Event.resolve_by_type("user") is events.UserUttered
        assert looked == []
        try:
            events.Event.resolve_by_type("topic-that-is-none")
        except (ValueError, TypeError):
            pass
        else:
            raise SystemExit("an unknown event was accepted")
    """)


def test_actions_are_validated_as_before() -> None:
    check("""
        import jsonschema
        from bot.repairs import leave_out_tensorflow, validate_actions_once
        leave_out_tensorflow()
        from rasa.core.actions.action import RemoteAction
        slot = {"event": "slot", "name": "x", "value": 1}
        good = [{"events": [], "responses": []}, {"events": [slot], "responses": [{}]}, {}]
        bad = [{"events": {}}, {"responses": ["text"]}, {"events": [{"event": 1}]}, []]
        def accepts(result):
            try:
                return RemoteAction("a", None)._validate_action_result(result)
            except jsonschema.ValidationError:
                return False
        before = [accepts(each) for each in good + bad]
        validate_actions_once()
        assert [accepts(each) for each in good + bad] == before == [True] * 3 + [False] * 4
    """)


def test_rasas_debug_events_are_not_printed() -> None:
    printed = in_engine(
        textwrap.dedent("""
            from bot.repairs import log_warnings_only
            log_warnings_only()
            import structlog
            structlog.get_logger().debug("parsed", text="the secret is hunter2")
            structlog.get_logger().warning("worth knowing")
        """)
    )
    assert printed == ""


def test_the_sentences_are_read_once_however_they_are_asked_for() -> None:
    check("""
        from bot.repairs import leave_out_tensorflow, read_sentences_once
        leave_out_tensorflow()
        from rasa.shared.importers import importer
        from rasa.shared.nlu.training_data.message import Message
        from rasa.shared.nlu.training_data.training_data import TrainingData
        class Sentences(importer.TrainingDataImporter):
            def __init__(self):
                self.read = 0
            def get_nlu_data(self, language="en"):
                self.read += 1
                return TrainingData([Message.build("my printer is broken", "printer")])
            def get_domain(self):
                return importer.Domain.empty()
            def get_stories(self, exclusion_percentage=None):
                return importer.StoryGraph([])
            def get_conversation_tests(self):
                return importer.StoryGraph([])
            def get_config(self):
                return {}
            def get_config_file_for_auto_config(self):
                return None
        def reading():
            sentences = Sentences()
            combined = importer.CombinedDataImporter([sentences])
            whole = importer.E2EImporter(importer.ResponsesSyncImporter(combined))
            whole.get_domain()
            first = whole.get_nlu_data().fingerprint()
            assert whole.get_nlu_data(language="en").fingerprint() == first
            return first, sentences.read
        before, times = reading()
        assert times > 1
        read_sentences_once()
        assert reading() == (before, 1)
    """)


def test_a_model_is_packed_quickly_and_unpacked_as_before() -> None:
    check("""
        import tempfile
        from pathlib import Path
        from bot.repairs import leave_out_tensorflow, pack_quickly
        leave_out_tensorflow()
        from rasa.engine.storage import local_model_storage as storage
        def packed(folder):
            (folder / "part").mkdir(parents=True)
            (folder / "part" / "weights").write_bytes(bytes(range(256)) * 100)
            with storage.TarSafe.open(folder / "model.tar.gz", "w:gz") as tar:
                tar.add(folder / "part", arcname="")
            with storage.TarSafe.open(folder / "model.tar.gz", "r:gz") as tar:
                assert isinstance(tar, storage.TarSafe)
                tar.extractall(folder / "out")
            assert (folder / "out" / "weights").read_bytes() == bytes(range(256)) * 100
            return (folder / "model.tar.gz").read_bytes()[8]  # RFC 1952: 2 says that the compressor did its utmost
        with tempfile.TemporaryDirectory() as folder:
            assert packed(Path(folder) / "before") == 2
            pack_quickly()
            assert packed(Path(folder) / "after") != 2
    """)
