"""`traffic` and `expect` tied together: each name refers to something, each template can be filled in, and each sender
may send."""

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from simulator.engine import Account
from simulator.scenario.check import At, Checked
from simulator.scenario.errors import did_you_mean, shown
from simulator.scenario.expect import Expectation, InboundExpectation, MessageExpectation
from simulator.scenario.read import Unreadable, read_text
from simulator.scenario.templates import Template
from simulator.scenario.traffic import HTTP_ONLY, SMPP_ONLY, Action, Bind, Inbound, OnMessage, OnSession, Row, Send

Sender = TypeVar("Sender", Send, Inbound, Bind)


class Names:
    """The ids of one kind of item: those so far, and all of the file."""

    def __init__(self, kind: str, items: list[tuple[At, Any]], key: str) -> None:
        self.kind = kind
        self.first: dict[str, int] = {}  # id -> line
        self.all = {
            str(item[key]["id"])
            for _, item in items
            if isinstance(item, dict) and isinstance(item.get(key), dict) and "id" in item[key]
        }

    def define(self, name: str | None, at: At) -> None:
        if name is None:
            return
        line = at.sub("id").place().line
        if name in self.first:
            at.sub("id").wrong(f"two {self.kind} items with the id '{name}': the first is in line {self.first[name]}")
        self.first.setdefault(name, line)

    def refer(self, name: str, at: At, *, later: bool = False) -> None:
        """`later`: it may come after this item."""
        if name in self.first or (later and name in self.all):
            return
        if name in self.all:
            at.wrong(f"'{name}' comes only later: its {self.kind} item must stand before")
        else:
            at.wrong(f"no {self.kind} item has the id '{name}'", at.near(name, self.all))


class Play:
    """Everything that `run` needs of a file."""

    def __init__(self, checked: Checked, accounts: tuple[Account, ...], folder: Path) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._known = [model.name for _, model in checked.accounts if model is not None]
        self._broken = any(model is None for _, model in checked.accounts)
        self._folder = folder
        data = checked.at.source.data
        items = data.get("traffic") if isinstance(data, dict) else None
        raw = [(at, item) for (at, _), item in zip(checked.traffic, items or [], strict=False)]
        self._sends, self._inbounds, self._binds = (Names(kind, raw, kind) for kind in ("send", "inbound", "bind"))
        self.traffic: list[Action] = []
        for at, model in checked.traffic:
            if model is None:
                self._note(at)
            elif (action := self._action(model.action, at.sub(model.name))) is not None:
                self.traffic.append(action)
        by_id = {action.id: action for action in self.traffic if isinstance(action, Send) and action.id is not None}
        self.expect: list[Expectation] = []
        for at, expectation in checked.expect:
            if expectation is not None:
                self._expectation(expectation, at, by_id)
                self.expect.append(expectation)

    # ---- traffic ----

    def _note(self, at: At) -> None:
        """Of an item that is wrong at least the id is known: what refers to it isn't wrong as well."""
        for names in (self._sends, self._inbounds, self._binds):
            name = at.sub(names.kind, "id").data
            if isinstance(name, str | int | float):
                names.first.setdefault(str(getattr(name, "text", name)), at.place().line)

    def _action(self, action: Action | None, at: At) -> Action | None:
        if action is None:
            at.wrong(f"'{at.loc[-1]}' needs to know what", key=True)
            return None
        if isinstance(action, Send):
            action = self._send(action, at)
        elif isinstance(action, Inbound):
            self._inbounds.define(action.id, at)
            for name, template in (("from", action.from_), ("to", action.to), ("message", action.message)):
                self._fillable(template, (), at.sub(name))
            action = self._with_account(action, at)
        elif isinstance(action, Bind):
            self._binds.define(action.id, at)
            action = self._with_account(action, at, "system_id")
        elif isinstance(action, OnSession):
            self._binds.refer(action.session, at.sub("session"))
        elif isinstance(action, OnMessage):
            self._sends.refer(action.message, at.sub("message"))
        action._place = at.place(key=True)
        return action

    def _send(self, send: Send, at: At) -> Send:
        self._sends.define(send.id, at)
        smpp = send.via == "smpp"
        for name in HTTP_ONLY if smpp else SMPP_ONLY:
            if name in send.model_fields_set:
                other = "http" if smpp else "smpp"
                at.sub(name).wrong(f"'{name}' is for messages via {other}: this one goes via {send.via}", key=True)
        if send.scheduled_dates is not None and send.recurring_schedule is not None:
            at.sub("recurring_schedule").wrong("a send is scheduled or recurring, not both", key=True)
        send = self._with_account(send, at, "system_id" if smpp else "api_key")
        rows = self._rows(send, at.sub("data"))
        send._rows = rows
        columns = tuple(rows[0]) if rows else ()
        if send.from_ is not None:
            self._fillable(send.from_, columns, at.sub("from"))
        for number, template in enumerate(send.to):
            self._fillable(template, columns, at.sub("to", number))
        self._fillable(send.message, columns, at.sub("message"))
        return send

    def _fillable(self, template: Template, columns: tuple[str, ...], at: At) -> None:
        for name in sorted(template.names - set(columns)):
            hint = did_you_mean(name, ("n", *columns))
            if not columns:
                at.wrong(f"'{{{name}}}' can't be filled in: there is no 'data'", hint or "write {{ }} for braces")
            else:
                at.wrong(f"no column '{name}' in the data", hint or f"its columns are {', '.join(columns[:12])}")

    def _with_account(self, item: Sender, at: At, credential: str | None = None) -> Sender:
        """The item with its account's name, where there is but one to choose from."""
        if not self._known:
            return item
        if item.account is None:
            able = [
                account.name
                for account in self._accounts.values()
                if credential is None or getattr(account, credential) is not None
            ]
            if len(able) == 1:
                return item.model_copy(update={"account": able[0]})
            if not self._broken:
                which = f"one of {', '.join(self._known[:12])}" if able else f"no account has an {credential}"
                at.wrong("'account' is missing: who does it?", which, key=True)
            return item
        account = self._accounts.get(item.account)
        if account is None:
            if not self._broken:
                at.sub("account").wrong(f"unknown account '{item.account}'", at.near(item.account, self._known))
        elif credential is not None and getattr(account, credential) is None:
            door = "SMPP" if credential == "system_id" else "HTTP"
            at.sub("account").wrong(f"the account '{account.name}' has no {credential}: it can't use {door}")
        return item

    def _rows(self, send: Send, at: At) -> tuple[Row, ...]:
        if send.data is None:
            return ()
        if isinstance(send.data, str):
            return self._csv(send.data, at)
        first = list(send.data[0])
        for number, row in enumerate(send.data):
            if set(row) != set(first):
                at.sub(number).wrong(f"row {number + 1} has other columns than the first: {', '.join(first)}")
        return tuple(send.data)

    def _csv(self, name: str, at: At) -> tuple[Row, ...]:
        try:
            table = csv.reader(StringIO(read_text(self._folder / name), newline=""), strict=True)
            header = next(table, [])
            if not header or len(set(header)) < len(header) or not all(header):
                at.wrong(f"the first line of {name} must name its columns, each once")
                return ()
            rows: list[Row] = []
            for values in table:
                if not values:
                    continue
                if len(values) != len(header):
                    at.wrong(f"{name}:{table.line_num}: {len(values)} values, but {len(header)} columns")
                    return ()
                rows.append(dict(zip(header, values, strict=True)))
        except Unreadable as error:
            at.wrong(f"can't read {shown(name)}: {error}")
            return ()
        except csv.Error as error:
            at.wrong(f"{name} is not CSV: {error}")
            return ()
        if not rows:
            at.wrong(f"{name} has no rows")
        return tuple(rows)

    # ---- expectations ----

    def _expectation(self, expectation: Expectation, at: At, sends: Mapping[str, Send]) -> None:
        if isinstance(expectation, InboundExpectation):
            self._inbounds.refer(expectation.inbound, at.sub("inbound"), later=True)
        if not isinstance(expectation, MessageExpectation):
            return
        if len(expectation.model_fields_set - {"message", "n"}) == 0:
            at.wrong("nothing is expected of it", "add 'status: delivered', or walks, receipts, webhooks, ...")
        self._sends.refer(expectation.message, at.sub("message"), later=True)
        send = sends.get(expectation.message)
        if send is None:
            return
        if expectation.n is not None and expectation.n > send.total:
            at.sub("n").wrong(f"no message {expectation.n}: '{expectation.message}' sends {send.total}")
        response = expectation.response
        if send.via == "http":
            if expectation.receipts is not None:
                at.sub("receipts").wrong("a message via http has no SMPP receipts: it has webhooks", key=True)
            if response is not None and response.command_status is not None:
                at.sub("response", "command_status").wrong("a message via http has an HTTP status", key=True)
        else:
            if expectation.webhooks is not None:
                at.sub("webhooks").wrong("a message via smpp has no webhooks: it has receipts", key=True)
            for name in ("status", "error_code"):
                if response is not None and getattr(response, name) is not None:
                    at.sub("response", name).wrong("a message via smpp has a command_status", key=True)
