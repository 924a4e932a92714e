"""The JSON Schema of the scenario language, generated from the models: what editors complete and check with.

Pydantic gives the long form of everything. What it can't know is added here: what may be written instead of a mapping
(the models' `shorthand`), that exactly one key is wanted, and which names are built in.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from simulator.scenario import fields
from simulator.scenario.load import builtin_paths
from simulator.scenario.model import ScenarioModel
from simulator.scenario.steps import WALKABLE

FILE = Path(__file__).parent / "schema.json"
"""The schema as it is shipped; a test holds it to the models."""

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number"]}
_STRING: Schema = {"type": "string"}

_ALONE: Schema = {"minProperties": 1, "maxProperties": 1}

_ONE_KEY = ("StepModel", "TrafficModel", "DelayModel", "PatternModel")


def json_schema() -> Schema:
    """The JSON Schema of a scenario file."""
    schema: Schema = json.loads(schema_text())
    return schema


@cache
def schema_text() -> str:
    """The same, as it is shipped."""
    schema = ScenarioModel.model_json_schema(by_alias=True)
    definitions: dict[str, Schema] = schema.pop("$defs")
    for name in _ONE_KEY:
        definitions[name] |= _ALONE
    for definition in [*definitions.values(), schema]:
        for name, field in definition.get("properties", {}).items():
            _tidy(name, field)
    definitions["DelayModel"]["properties"].pop("exactly")
    _name_paths(definitions)
    for name, short in _short_forms(definitions).items():
        long = definitions[name]
        description = long.pop("description", "")
        definitions[name] = {"description": description, "anyOf": [*short, long]}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "carrier-sim scenario, version 1",
        "description": schema.pop("description"),
    }
    schema.pop("title")
    return json.dumps({**head, **schema, "$defs": definitions}, indent=1, ensure_ascii=False) + "\n"


def _tidy(name: str, field: Schema) -> None:
    """Drop what only pydantic needs: titles, defaults that are shown in the descriptions, and `null`s."""
    field.pop("title", None)
    field.pop("default", None)
    options = field.get("anyOf")
    if options is not None and name != "timeout":
        kept = [option for option in options if option != {"type": "null"}]
        if len(kept) == 1:
            field.pop("anyOf")
            field |= kept[0]
        else:
            field["anyOf"] = kept


def _name_paths(definitions: dict[str, Schema]) -> None:
    """Wherever a path is named, offer the built-in ones."""
    named = {"anyOf": [{"enum": sorted(builtin_paths())}, _STRING]}
    for model in ("RuleModel", "SuffixModel"):
        field = definitions[model]["properties"]["path"]
        field.pop("type")
        field |= named
    outcomes = definitions["RuleModel"]["properties"]["outcomes"]
    outcomes["properties"] = dict.fromkeys(sorted(builtin_paths()), outcomes["additionalProperties"])
    outcomes["minProperties"] = 1
    ways = ("path", "outcomes", "reject", "suffixes")
    definitions["RuleModel"]["oneOf"] = [{"required": [way]} for way in ways]


def _short_forms(definitions: dict[str, Schema]) -> dict[str, list[Schema]]:
    """Model -> what may be written instead of a mapping."""
    step = definitions["StepModel"]["properties"]
    for name in WALKABLE:
        step[name]["anyOf"] = [{"$ref": step[name].pop("$ref")}, {"type": "null"}]
    patterns: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
    formats: Schema = definitions["MessageIdModel"]["properties"]["format"]
    receipt: Schema = {"enum": list(fields.STATS)}
    count = fields.COMPARISON_SCHEMA
    pauses = definitions["PausesModel"]["properties"]["each"]["anyOf"]
    by_id = ("Unbind", "Drop", "StopReading", "Cancel", "Pause", "Resume", "Query")
    return {
        **{name: [_TEXT] for name in by_id},
        "WebhookModel": [_STRING],
        "MessageIdModel": [{"enum": formats["enum"]}],
        "DelayModel": [fields.DELAY_SCHEMA],
        "GoModel": [fields.DELAY_SCHEMA],
        "PausesModel": pauses,
        "StepModel": [{"enum": [*WALKABLE, "timeout"]}],
        "PatternModel": [patterns],
        "SuffixModel": [{"anyOf": [{"enum": sorted(builtin_paths())}, _STRING]}],
        "Wait": [fields.DURATION_SCHEMA],
        "ReceiptExpectation": [receipt],
        "ReceiptsExpectation": [{"type": "array", "items": {"$ref": "#/$defs/ReceiptExpectation"}}, count],
        "WebhooksExpectation": [definitions["WebhooksExpectation"]["properties"]["each"], count],
    }
