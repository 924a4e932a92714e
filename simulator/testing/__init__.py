"""carrier-sim in tests: `simulator.testing.plugin` is the pytest plugin, which pytest finds by itself."""
