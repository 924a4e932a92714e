"""Rules: the first that matches decides."""

from collections import Counter

import pytest

from simulator.engine import Match, Outcomes, Path, Refusal, Rule, Rules, comparison, glob, regex

A, B, C = Path("a", []), Path("b", []), Path("c", [])

GLOBS = [
    (["+24399*0001"], "243998880001", True),
    (["+24399*0001"], "243998880002", False),
    (["+1*", "+44*"], "447700900123", True),
    (["+1*", "+44*"], "33612345678", False),
    (["*0001"], "15550001", True),
    (["15550001"], "15550001", True),
    (["+15550001"], "155500012", False),
    (["1555????"], "15551234", True),
    (["1555????"], "155512345", False),
    (["155[12]*9"], "15529", True),
    (["*"], "", True),
    ([], "1", False),
]


@pytest.mark.parametrize(("patterns", "number", "like"), GLOBS)
def test_a_number_is_like_a_pattern(patterns, number, like):
    assert glob(patterns, number=True)(number) is like


def test_a_pattern_for_text_keeps_its_plus_and_its_case():
    assert glob(["+A*"])("+Abc")
    assert not glob(["+A*"])("Abc")
    assert not glob(["+A*"])("+abc")


def test_a_regular_expression_is_searched_anywhere():
    assert regex("(?i)otp")("Your OTP is 1")
    assert not regex("^otp")("Your otp")


COMPARED = [("3", 3, True), (3, 4, False), ("==3", 3, True), ("!= 3", 3, False), (">1", 2, True), (">1", 1, False)]
COMPARED += [(">=880", 880, True), ("<=40", 41, False), ("<2.5", 2, True)]


@pytest.mark.parametrize(("text", "value", "holds"), COMPARED)
def test_a_number_is_compared(text, value, holds):
    assert comparison(text)(value) is holds


@pytest.mark.parametrize("text", ["", "many", ">", "=3", "-1", "1..2", "> >1"])
def test_what_is_no_comparison_is_refused(text):
    with pytest.raises(ValueError, match="is not a comparison"):
        comparison(text)


MATCHES = [
    ({"to": glob(["+1*"], number=True)}, True),
    ({"to": glob(["+44*"], number=True)}, False),
    ({"from_": glob(["4455"], number=True)}, True),
    ({"from_": glob(["66"], number=True)}, False),
    ({"text": regex("hell")}, True),
    ({"text": regex("heaven")}, False),
    ({"via": "http"}, True),
    ({"via": "smpp"}, False),
    ({"account": glob(["ac*"])}, True),
    ({"account": glob(["globex"])}, False),
    ({"encoding": "gsm7"}, True),
    ({"encoding": "ucs2"}, False),
    ({"segments": comparison(">1")}, True),
    ({"segments": comparison("1")}, False),
    ({"via": "http", "text": regex("hell")}, True),
    ({"via": "http", "text": regex("heaven")}, False),
]


@pytest.mark.parametrize(("conditions", "matches"), MATCHES)
def test_a_rule_applies_if_all_its_conditions_hold(conditions, matches, sms):
    message = sms("+15550001", "hello", source="+4455", segments=2)
    rules = Rules([Rule("1", A, Match(**conditions))], B)
    assert (rules.choose(message, "15550001", 0) is A) is matches


def test_a_rule_without_conditions_applies_always(sms):
    assert Rules([Rule("1", A, Match()), Rule("2", B)], C).choose(sms(), "1", 0) is A


def test_the_first_rule_that_matches_decides(sms):
    rules = Rules([Rule("1", A, Match(via="smpp")), Rule("2", B), Rule("3", C)], A)
    assert rules.choose(sms(), "1", 0) is B


def test_no_rule_that_matches_leaves_the_fallback(sms):
    assert Rules([Rule("1", A, Match(via="smpp"))], C).choose(sms(), "1", 0) is C


def test_a_rule_may_refuse(sms):
    refusal = Refusal(error_code="1201")
    assert Rules([Rule("1", refusal)], A).choose(sms(), "1", 0) is refusal


PICKED = [({"nth": 3}, [3]), ({"every": 2}, [2, 4, 6]), ({"first": 2}, [1, 2])]


@pytest.mark.parametrize(("counts", "picked"), PICKED)
def test_arrivals_are_counted(counts, picked, sms):
    rules = Rules([Rule("1", A, Match(**counts))], B)
    chosen = [rules.choose(sms(), "1", 0) for _ in range(6)]
    assert [number for number, path in enumerate(chosen, 1) if path is A] == picked


def test_only_arrivals_that_meet_the_other_conditions_are_counted(sms):
    rules = Rules([Rule("1", A, Match(nth=2, text=regex("otp")))], B)
    assert [rules.choose(sms("1", text), "1", 0) for text in ("otp", "hello", "otp", "otp")] == [B, B, A, B]


def test_an_arrival_that_an_earlier_rule_takes_is_not_counted(sms):
    rules = Rules([Rule("1", A, Match(text=regex("hello"))), Rule("2", B, Match(nth=1))], C)
    assert [rules.choose(sms("1", text), "1", 0) for text in ("hello", "otp", "otp")] == [A, B, C]


def test_fresh_rules_count_from_the_beginning(sms):
    rules = Rules([Rule("1", A, Match(nth=1)), Rule("2", B, Match(via="http"))], C)
    assert rules.choose(sms(), "1", 0) is A
    assert rules.choose(sms(), "1", 0) is B
    assert rules.fresh().choose(sms(), "1", 0) is A
    assert rules.choose(sms(), "1", 0) is B, "the old ones go on"


def test_outcomes_fall_by_weight():
    outcomes = Outcomes([(A, 90), (B, 8), (C, 2)])
    picked = Counter(outcomes.pick((number + 0.5) / 1000) for number in range(1000))
    assert (picked[A], picked[B], picked[C]) == (900, 80, 20)


def test_an_outcome_without_weight_never_comes():
    outcomes = Outcomes([(A, 0), (B, 1), (C, 0)])
    assert {outcomes.pick(uniform) for uniform in (0.0, 0.5, 1 - 2.0**-53)} == {B}


@pytest.mark.parametrize("weights", [[], [(A, 0)], [(A, 0), (B, 0.0)]])
def test_one_outcome_must_be_possible(weights):
    with pytest.raises(ValueError, match="all weights are 0"):
        Outcomes(weights)


def test_rules_with_other_names_draw_on_their_own(sms):
    rules = [Rule(name, Outcomes([(A, 1), (B, 1)])) for name in ("1", "2")]
    drawn = [[rule.choose(sms(), "1", luck << 57) for luck in range(64)] for rule in rules]
    assert drawn[0] != drawn[1]
    assert drawn[0] == [Rule("1", Outcomes([(A, 1), (B, 1)])).choose(sms(), "1", luck << 57) for luck in range(64)]


@pytest.mark.parametrize(("to", "path"), [("15550001", A), ("15510001", B), ("15550003", C), ("1", C), ("", C)])
def test_the_longest_suffix_decides_and_none_leaves_the_rule(to, path, sms):
    rules = Rules([Rule("magic", suffixes={"0001": A, "10001": B})], C)
    assert rules.choose(sms(), to, 0) is path
