"""Sets the stage: the scenario's world as the runner needs it, with every webhook pointed at its listener."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.app import Simulator
from simulator.engine import Account, WebhookTarget
from simulator.runner.listener import WEBHOOK, Listener
from simulator.runner.problems import RunError
from simulator.scenario import Place, Scenario
from simulator.smsc import Smsc

OWN_ACCOUNT = Account("client", api_key="sk_test_" + "0" * 32, system_id="client")
"""Who sends where the scenario names no accounts: any credentials would do, but reports and rules want a name."""

INSTANT = "instant"


def clock_of(scenario: Scenario, clock: str | None) -> str:
    """The clock of a run: the one asked for; else the scenario's, unless that is the default one, `real`: a run wants
    its result, not the wait."""
    if clock is not None:
        return clock
    return scenario.world.clock if scenario.world.clock != "real" else INSTANT


def with_listener(scenario: Scenario, listener: Listener) -> Scenario:
    """The same scenario, all of whose events come to the listener."""
    accounts = tuple(_pointed(account, listener) for account in scenario.world.accounts or (OWN_ACCOUNT,))
    # free ports, whatever the scenario says: several runs may go on at once on one machine
    smscs = tuple(replace(settings, port=None, tls=None) for settings in scenario.world.smscs)
    return replace(scenario, world=replace(scenario.world, accounts=accounts, smscs=smscs))


def _pointed(account: Account, listener: Listener) -> Account:
    hook = account.webhook
    username, password = (hook.username, hook.password) if hook is not None else (None, None)
    listener.expect_credentials(account.name, username, password)
    if account.api_key is None:
        return account
    return replace(account, webhook=WebhookTarget(listener.url(WEBHOOK, account.name), username, password))


def smsc_of(sim: Simulator, account: Account) -> Smsc:
    """Where an account binds: the first SMSC that takes it, or else the first, which refuses it."""
    for smsc in sim.smscs:
        if smsc.settings.accounts is None or account.name in smsc.settings.accounts:
            return smsc
    return sim.smsc


def account_for(accounts: Sequence[Account], name: str | None, via: str, place: Place) -> Account:
    """Who does something over `via`: the one that is named, or the first that can. Raises RunError."""
    for account in accounts:
        able = account.api_key if via == "http" else account.system_id
        if name is None and able is None:
            continue
        if name is None or account.name == name:
            if able is None:
                need = "api_key" if via == "http" else "system_id"
                raise RunError(f"the account '{account.name}' has no {need}: it can't use {via}", place)
            return account
    raise RunError(f"no account '{name}'" if name else f"no account can use {via}", place)
