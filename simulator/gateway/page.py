from simulator.engine.settings import GatewaySettings


def page(settings: GatewaySettings) -> bytes:
    return b""
