"""What is wrong with a file is told with its line and column, and with what would have been right."""

from textwrap import dedent

import pytest

from simulator.scenario import ScenarioErrors, load_text


def errors_of(yaml: str) -> list[str]:
    """Each error without the file's name: `line:column: message - hint`."""
    with pytest.raises(ScenarioErrors) as caught:
        load_text(yaml)
    return [str(error).removeprefix("<text>:") for error in caught.value.errors]


def rules(text: str) -> str:
    return "scenario: 1\nrules:\n" + text


def path(step: str) -> str:
    return f"scenario: 1\npaths:\n  p:\n  - {step}\n"


TABLE = {
    # the file as a whole
    "": "1:1: a scenario is a mapping that begins with 'scenario: 1', not an empty file",
    "- 1": "1:1: a scenario is a mapping that begins with 'scenario: 1', not a list",
    "name: x": "1:1: 'scenario' is missing",
    "scenario: 2": "1:11: unknown version '2' of the scenario language - this carrier-sim reads version 1",
    "scenario: 1\nnmae: x": "2:1: unknown field 'nmae' - did you mean 'name'?",
    "scenario: 1\nscenario: 1": "2:1: 'scenario' stands here twice: first in line 1",
    "scenario: 1\nrules: x": "2:8: expected a list, not 'x' - begin each of the rules with '- '",
    "scenario: 1\nrules:": "2:1: expected a list under 'rules', not nothing",
    "scenario: 1\n---\na: 1": "2:1: a second document begins here: one file holds one scenario",
    "scenario: 1\nseed: true": "2:7: expected a whole number from 0 to 9223372036854775807, not 'true'",
    "scenario: 1\nseed: -1": "2:7: expected a whole number from 0 to 9223372036854775807, not '-1'",
    "scenario: 1\nclock: reel": "2:8: unknown clock 'reel' - did you mean 'real'?",
    "scenario: 1\nclock: 0x": "2:8: unknown clock '0x' - write real, instant, manual, or a rate such as 60x",
    "scenario: 1\nstart: soon": "2:8: 'soon' is not an instant - write it as 2026-01-31T08:00:00Z",
    "scenario: 1\nname: [a]": "2:7: expected text, not a list",
    "scenario: 1\nname: true": (
        "2:7: expected text, not the truth value 'true' - put it into quotes if the word is meant"
    ),
    # YAML
    "a: b: c": (
        "1:5: not valid YAML: mapping values are not allowed in this context; text with ': ' in it needs quotes"
    ),
    "a: *b": "1:4: '*b' names nothing: no '&b' comes before it",
    "a: !!python/name:os.system x": (
        "1:4: the tag 'tag:yaml.org,2002:python/name:os.system' means nothing here: scenarios are plain YAML"
    ),
    # paths and steps
    path("delivrd"): "4:5: unknown status 'delivrd' - did you mean 'delivered'?",
    path("{sent: 1s, delivered: 2s}"): "4:16: one status at a time: 'sent' stands here already - begin it with '- '",
    path("sent: 5"): "4:11: '5' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d - did you mean '5s'?",
    path("sent: 5 sec"): "4:11: '5 sec' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d",
    path("sent: 2s..1s"): "4:11: the range '2s..1s' is empty - did you mean '1s..2s'?",
    path("sent: {aftr: 1s}"): "4:12: unknown field 'aftr' - did you mean 'after'?",
    path("sent: {after: {nromal: {}}}"): "4:20: unknown distribution 'nromal' - did you mean 'normal'?",
    path("sent: {after: {normal: {mean: 1s}}}"): "4:20: 'sd' is missing",
    path("sent: {after: {choice: {1s: 0}}}"): "4:28: all weights are 0: at least one delay must be possible",
    path("sent: {after: {uniform: {min: 2s, max: 1s}}}"): "4:19: 'min' is more than 'max'",
    path("sent: {error: absent_subscriber}"): "4:12: 'sent' is no failure: it has no error",
    path("undelivered: {error: absent_subscribr}"): (
        "4:26: unknown cause 'absent_subscribr' - did you mean 'absent_subscriber'?"
    ),
    path("undelivered: {error: 1599}"): (
        "4:26: unknown error_code '1599' - "
        "the catalogue has 1001-1005, 1101-1110, 1201-1205, 1301-1305, 1401-1405, 1501-1505"
    ),
    path("delivered: {segments: 2}"): "4:17: only 'partially_delivered' has segments that arrive",
    path("timeout: 5s"): (
        "4:14: 'timeout' takes no details: the gateway's hold says when it ends - set gateway: {hold: 24h}"
    ),
    path("attempts"): "4:5: 'attempts' needs 'fail' and 'every'",
    path("attempts: {fail: 0, every: 1s}"): "4:22: expected a whole number from 1 to 1000, not '0'",
    path("attempts: {fail: 1, every: [1s, x]}"): ("4:37: 'x' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d"),
    path("attempts: {fail: always, every: 1ms}"): ("4:5: attempts that always fail must wait at least 1s in between"),
    path("delivered\n  - sent"): "5:5: nothing can follow 'delivered', which is final",
    path("sent\n  - processing"): (
        "5:5: 'processing' can't follow 'sent': after it may come delivered, partially_delivered, unknown, "
        "undelivered, delivery_unknown, expired, rejected, failed"
    ),
    "scenario: 1\npaths: {p: []}": "2:9: expected a list of steps, not an empty list - begin each step with '- '",
    "scenario: 1\npaths: {p: sent}": "2:12: expected a list of steps, not 'sent' - begin each step with '- '",
    # rules
    rules("- path: delivrd"): "3:9: unknown path 'delivrd' - did you mean 'delivered'?",
    rules("- outcomes: {delivred: 1}"): "3:14: unknown path 'delivred' - did you mean 'delivered'?",
    rules("- outcomes: {delivered: 0, expired: 0}"): "3:13: all weights are 0: at least one outcome must be possible",
    rules("- outcomes: {delivered: -1}"): "3:25: expected a number from 0 to 1e+12, not '-1'",
    rules("- outcomes: {delivered: .nan}"): "3:25: expected a number from 0 to 1e+12, not '.nan'",
    rules("- outcomes: {delivered: true}"): "3:25: expected a number from 0 to 1e+12, not 'true'",
    rules("- {}"): "3:3: what becomes of the message? Give 'path', 'outcomes', 'reject' or 'suffixes'",
    rules("- {path: delivered, reject: {error_code: 1502}}"): "3:21: one outcome for a rule: it has 'path' already",
    rules("- reject: {command_status: ESME_RTROTTLED}"): (
        "3:28: unknown command_status 'ESME_RTROTTLED' - did you mean 'ESME_RTHROTTLED'?"
    ),
    rules("- reject: {command_status: 0}"): "3:28: ESME_ROK refuses nothing: name an error",
    rules("- reject: {}"): "3:11: a refusal says why: give 'error_code', 'command_status' or both",
    rules("- {match: {txt: a}, path: delivered}"): "3:12: unknown condition 'txt' - did you mean 'text'?",
    rules("- {match: {text: {regex: 'a('}}, path: delivered}"): (
        "3:26: not a regular expression: missing ), unterminated subpattern at character 2"
    ),
    rules("- {match: {segments: many}, path: delivered}"): (
        "3:22: 'many' is not a comparison: write a number, or one after <, <=, >, >=, == or !="
    ),
    rules("- {match: {nth: 1, every: 2}, path: delivered}"): (
        "3:20: one of nth, every and first: 'nth' is given already"
    ),
    rules("- suffixes: {abc: delivered}"): "3:14: the suffix 'abc' isn't 1 to 15 digits",
    rules("- path: delivered\n- path: expired"): (
        "4:3: this rule is never reached: rule 1 (<text>:3) takes all that it would"
    ),
    rules("- {match: {to: '+1*'}, path: delivered}\n- {match: {to: '+155*', via: smpp}, path: expired}"): (
        "4:3: this rule is never reached: rule 1 (<text>:3) takes all that it would"
    ),
    # accounts
    "scenario: 1\naccounts: [{name: a}]": (
        "2:12: nobody can use the account 'a' - give it an api_key (HTTP), a system_id (SMPP) or both"
    ),
    "scenario: 1\naccounts:\n- {name: a, api_key: k}\n- {name: b, api_key: k}": (
        "4:22: two accounts with the api_key 'k': the first is in line 3"
    ),
    "scenario: 1\naccounts:\n- {name: a, system_id: s}\n- {name: b, system_id: s}": (
        "4:24: two accounts with the system_id 's': the first is in line 3"
    ),
    "scenario: 1\naccounts: [{name: a, api_key: k, limits: {send: 60 a minute}}]": (
        "2:49: '60 a minute' is not a rate - write it as 60/min, 100/s, 5/h or 10/30s"
    ),
    "scenario: 1\naccounts: [{name: a, system_id: s, password: much-too-long}]": (
        "2:46: an SMPP password has 0 to 8 characters, not 13"
    ),
    "scenario: 1\naccounts: [{name: a, api_key: k, webhook: 'ftp://x'}]": (
        "2:43: 'ftp://x' is no http:// or https:// address"
    ),
    "scenario: 1\naccounts: [{name: a, api_key: k}]\nrules: [{match: {account: b}, path: delivered}]": (
        "3:27: unknown account 'b'"
    ),
    # settings
    "scenario: 1\nsmsc: {message_id: octal}": (
        "2:20: unknown message_id format 'octal' - write decimal, hex, HEX, uuid or text"
    ),
    "scenario: 1\nsmsc: {faults: []}": "2:8: unknown field 'faults'",
    "scenario: 1\ngateway: {hold: 0}": "2:17: a duration above 0 is needed here",
    "scenario: 1\ngateway: {carriers: {abc: x}}": "2:22: 'abc' is no number prefix",
}


@pytest.mark.parametrize(("yaml", "error"), TABLE.items(), ids=[error[:60] for error in TABLE.values()])
def test_each_mistake_is_told_at_its_place(yaml: str, error: str) -> None:
    found = errors_of(yaml)
    assert len(found) == 1
    assert found[0] == error or found[0].startswith(f"{error} - ")


def test_all_mistakes_are_told_in_one_go_in_the_order_of_the_file() -> None:
    found = errors_of(
        dedent("""\
            scenario: 1
            sed: 1
            accounts: [{name: a, api_key: k, balance: much}]
            paths:
              p: [delivrd]
            rules:
              - match: {txt: x}
                path: q
              - path: p
            expect:
              - {message: m, status: deliverd}
            """)
    )
    assert [error.split(":")[0] for error in found] == ["2", "3", "5", "7", "8", "11"]


def test_a_path_that_is_wrong_is_not_unknown_as_well() -> None:
    assert len(errors_of("scenario: 1\npaths: {p: [sentt]}\nrules: [{path: p}]")) == 1


def test_an_error_shows_its_line_with_a_caret_under_the_place() -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load_text("scenario: 1\nrules:\n  - path: delivrd\n", "my.yaml")
    assert str(caught.value) == (
        "my.yaml:3:11: unknown path 'delivrd' - did you mean 'delivered'?\n"  # as a compiler would say it
        "    - path: delivrd\n"
        "            ^"
    )


def test_the_caret_stands_right_behind_tabs_and_in_very_long_lines() -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load_text("scenario: 1\ndescription: " + "x" * 500 + "\nrules: [{match: {text: '" + "y" * 500 + "'}, path: q}]")
    _, line, caret = caught.value.render().split("\n")
    assert len(line) <= 170
    assert line[caret.index("^")] == "q"


def test_the_first_two_hundred_errors_are_told_and_the_rest_counted() -> None:
    found = errors_of(rules("".join(f"- {{match: {{to: '{n}'}}, path: x}}\n" for n in range(1000))))
    assert len(found) == 201
    assert found[-1].endswith("... and 800 more")


def test_a_path_that_no_rule_uses_is_no_error() -> None:
    assert load_text("scenario: 1\npaths: {spare: [sent, delivered]}").paths["spare"].name == "spare"


@pytest.mark.parametrize("picks", ["nth: 3", "every: 3", "first: 3"])
def test_a_rule_that_counts_leaves_messages_for_its_twin(picks: str) -> None:
    load_text(rules(f"- {{match: {{{picks}}}, path: delivered}}\n- {{match: {{{picks}}}, path: expired}}"))
