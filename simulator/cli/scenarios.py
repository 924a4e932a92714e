"""`carrier-sim scenarios`: what is shipped, one line each."""

import typer


def scenarios() -> None:
    """List the shipped scenarios. Each name works for `serve --scenario` and `run`."""
    from simulator.scenario import shipped

    listed = shipped()
    width = max(len(name) for name, _, _ in listed)
    for name, description, _ in listed:
        typer.echo(f"{name:<{width}}  {description}")
