"""`carrier-sim schema`: the JSON Schema of a scenario, for editors."""

import json

import typer


def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from simulator.scenario import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
