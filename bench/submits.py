"""Submits and receipts a second, as ratios to the least that an SMSC in Python can do (the floor)."""

import sys
from collections.abc import Iterator
from statistics import median

from bench.harness import Figure, Tools, at_least, free_port, running, simulator

MESSAGES, RECEIPTS = 500_000, 200_000
REPEATED = "4999"


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    floor_port = free_port()
    floor = [sys.executable, str(tools.floor), str(floor_port)]
    one, ten, repeated, receipts = [], [], [], []
    with running(floor, floor_port), simulator("--scenario", "bench/at-once.yaml") as server:
        tools.blast(server.port, MESSAGES, prefix=REPEATED)
        for _ in range(rounds):
            least = tools.blast(floor_port, MESSAGES, connections=1).rate
            one.append(tools.blast(server.port, MESSAGES, connections=1).rate / least)
            least = tools.blast(floor_port, MESSAGES).rate
            ten.append(tools.blast(server.port, MESSAGES).rate / least)
            repeated.append(tools.blast(server.port, MESSAGES, prefix=REPEATED).rate / least)
            found = tools.blast(server.port, RECEIPTS, receipts=True)
            receipts.append(found.receipt_rate / least)
    rate = median(ten) * least
    yield at_least("submits, 1 connection, of the floor", median(one), 0.40)
    yield at_least("submits, 10 connections, of the floor", median(ten), 0.45)
    yield at_least("the same, all equal to earlier messages", median(repeated), 0.45)
    yield at_least("receipts, 10 connections, of the floor, none lost or doubled", median(receipts), 0.20)
    yield Figure("submits a second, 10 connections", f"{rate:,.0f}")
    yield Figure("receipts a second, 10 connections", f"{median(receipts) * least:,.0f}")
