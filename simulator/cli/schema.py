"""`carrier-sim schema`: the JSON Schema of a scenario, for editors."""

import typer


def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from simulator.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)
