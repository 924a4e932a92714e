"""carrier-sim: a fake SMS gateway and a fake SMSC over one engine. `Simulator` is where to begin in Python."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.app import Simulator

__version__ = "0.1.0"
__all__ = ["Simulator", "__version__"]


def __getattr__(name: str) -> Any:
    # on demand: whoever only wants the engine or the protocol need not load both doors
    if name == "Simulator":
        from simulator.app import Simulator

        return Simulator
    raise AttributeError(f"module 'simulator' has no attribute '{name}'")
