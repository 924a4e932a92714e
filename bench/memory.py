"""How much memory a remembered message takes, and whether memory stays flat once as many are there as are kept."""

from collections.abc import Iterator

from bench.harness import Figure, Tools, at_most, simulator

MILLION = 1_000_000


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    del rounds  # memory is no matter of luck
    with simulator("--keep", str(MILLION)) as server:
        before = server.resident
        tools.blast(server.port, MILLION)
        yield at_most("bytes a remembered message, of 1,000,000", (server.resident - before) / MILLION, 350, "{:.0f}")
    with simulator("--keep", "100000") as server:
        found = []
        for _ in range(10):
            tools.blast(server.port, MILLION)
            found.append(server.resident / 2**20)
    early, late = max(found[:3]), max(found[3:])
    what = f"MiB with --keep 100000 after 10,000,000 messages ({early:.0f} after three)"
    yield at_most(what, late, early * 1.05, "{:.0f}")
