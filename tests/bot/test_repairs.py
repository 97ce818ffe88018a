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
