"""The engine itself: takes messages, answers what has become of them, and tells the doors when something observable
happens.

The cost of a message is constant: one hash, one plan (often shared), one entry in a dictionary, and one in the calendar
if somebody watches.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from simulator.engine.calendar import Entry
from simulator.engine.causes import CANCELLED, CAUSES, DEFAULT_CAUSE, TIMEOUT, Cause
from simulator.engine.chance import Chance
from simulator.engine.clock import Clock
from simulator.engine.equals import Equals
from simulator.engine.messages import BatchRecipient, Message, Recipient, Terms, Watch
from simulator.engine.paths import Path
from simulator.engine.plans import Plan, Step
from simulator.engine.remembered import Ended, Lot, Remembered, Teller
from simulator.engine.retention import Retention
from simulator.engine.rules import Refusal, Rules
from simulator.engine.statuses import TERMINAL, Status, route
from simulator.engine.units import DAY, LONGEST

WAITING = Plan((Step(0, Status.SCHEDULED), Step(LONGEST, Status.EXPIRED, DEFAULT_CAUSE[Status.EXPIRED])))
"""The plan of a recipient that waits for its dispatch."""

MOST_TERMS = 1024

KEEP = 1_000_000
"""How many messages are remembered, unless another number is set."""


class Door(Protocol):
    """What brought a message in, and wants to hear of it."""

    def announce(self, happened: Sequence[tuple[Recipient, Step]]) -> None:
        """Steps of this door's recipients that have just happened, in order. Those that the door didn't ask for by its
        messages' `watch` may be among them: an observer asked."""


class Observer(Protocol):
    """Somebody who sees everything: a journal, a live page."""

    def accepted(self, message: Message) -> None: ...

    def refused(self, message: Message, refusal: Refusal) -> None: ...

    def happened(self, steps: Sequence[tuple[Recipient, Step]]) -> None: ...


class IllegalTransition(ValueError):
    """The status graph doesn't allow this change."""


class Engine:
    """One simulation: messages in, their fates out."""

    def __init__(
        self,
        clock: Clock,
        rules: Rules,
        *,
        seed: int = 0,
        hold: int = DAY,
        keep: int = KEEP,
        keep_for: int | None = None,
    ) -> None:
        """`hold`: milliseconds until a message without a receipt fails (decision D30). At most `keep` messages are
        remembered, and none longer than `keep_for` milliseconds after its terminal status; both are looked at when a
        message comes. The rules count from the beginning (`nth`, `every`, `first`), whoever used them before."""
        self.clock = clock
        self.rules = rules.fresh()
        self.chance = Chance(seed)
        self.hold = hold
        self.messages = Remembered(self._complete)
        """By key, in order of arrival."""
        self.doors: dict[str, Door] = {}
        self.observers: list[Observer] = []
        self.on_force: list[Callable[[Recipient, Status, Cause | None], None]] = []
        """Called with each status that is forced, just before."""
        self.accepted = 0
        """Messages taken so far, forgotten ones included."""
        self.refused = 0
        self.retention = Retention(self.messages, keep, keep_for)
        self._equals = Equals(self.messages, keep)
        self._terms: dict[tuple[int, bool, int], Terms] = {}
        clock.calendar.walk = self._walk

    # ---- in ----

    def submit(
        self,
        message: Message,
        content: bytes,
        *,
        validity: int,
        start: int = 0,
        held: bool = False,
        waiting: bool = False,
        refused: list[tuple[int, Refusal]] | None = None,
    ) -> Refusal | None:
        """Take a message, or refuse it: then the rule's refusal is returned and nothing is kept.

        `content` is what its chance hangs on: account, source, destination and text. `validity` and `start` are
        milliseconds from now: when it expires, and when it begins (later than 0: scheduled). `held`: the hold
        ends it even while the carrier is still trying. `waiting`: a message with `parts` stays scheduled until it is
        dispatched (`dispatch`). One refused recipient refuses the message, unless there is a list for them, `refused`:
        it gets their indices, and only if nobody is left the message is refused.
        """
        now = self.clock.now()
        message.started_at = now
        first = self.chance.key(content)
        message.key = key = self._equals.key(first)
        refusal = self._choose(message, self._terms_of(validity, held, start), refused)
        if refusal is None and waiting:
            for part in message.parts or ():
                part.plan = WAITING
        if refusal is not None:
            self._equals.refused(first)
            self.refused += 1
            for observer in self.observers:
                observer.refused(message, refusal)
            return refusal
        self.retention.make_room(now, 1)
        self.messages[key] = message
        self.retention.came(message)
        self.accepted += 1
        if self.clock.jumps and not message.watch:
            message.watch = Watch.FINAL  # for somebody who asks now and then what has become of it
        if self.observers:
            message.watch = Watch.ALL
            for observer in self.observers:
                observer.accepted(message)
        if message.watch and not waiting:  # the end of WAITING is no date: an instant clock would go there
            for recipient in message.recipients:
                self._schedule(recipient)
        return None

    @property
    def takes_drafts(self) -> bool:
        """Whether `leave` may be used now: nobody watches what comes."""
        return not self.observers and self.retention.keep_for is None and not self.clock.jumps

    def leave(self, lot: Lot, contents: Sequence[bytes]) -> tuple[list[int], dict[int, Refusal]]:
        """Take messages as drafts, which `lot` has been given after those that came before. Returns their keys, and why
        some are refused, by their place among them.

        Their door's usual terms hold, and the chance of each hangs on its entry of `contents`. Between the message that
        is made of a draft when somebody asks and one that came by `submit` there is no difference. Only while
        `takes_drafts`.
        """
        now = self.clock.now()
        keys = self.chance.keys(contents)
        firsts = keys.copy()
        self._equals.tell_apart(keys)
        ends, refused = lot.look_ahead(keys, now, self.hold)
        taken: Sequence[int] = keys
        if refused:
            taken = [key for place, key in enumerate(keys) if place not in refused]
            for place in refused:
                self._equals.refused(firsts[place])
            self.refused += len(refused)
            lot.leave_out(refused)
        self.retention.make_room(now, len(taken))
        self.messages.leave(taken, lot)
        if taken and lot.gone == len(lot.keys):
            self.retention.lot_came(lot)
        lot.add(taken, now)
        self.accepted += len(taken)
        if ends:
            self.clock.calendar.add_all(ends)
        self.retention.make_room(now, 0)  # if these alone were more than are kept
        return keys, refused

    def message_of(self, draft: Ended) -> Message:
        """The message of a draft, even if it is forgotten."""
        key, lot, index, *_ = draft
        return self.find(key) or self._complete(lot, index)

    def _complete(self, lot: Lot, index: int) -> Message:
        """The message that a draft stands for."""
        lot.opened = True
        message = lot.make(index)
        message.key = key = lot.keys[index]
        message.started_at = lot.ats[index]
        path = lot.paths[index] if lot.paths else lot.rules.choose(message, message.to.removeprefix("+"), key)
        assert isinstance(path, Path)  # no Refusal: what is refused is no draft
        message.walk(path, self._terms_of(lot.validity))
        message.announced = 1
        if message.watch:
            message.due_at = message.final_at  # the draft's entry in the calendar is the message's now
        return message

    def _terms_of(self, validity: int, held: bool = False, start: int = 0) -> Terms:
        """The one object for all equal terms."""
        terms = self._terms.get((validity, held, start))
        if terms is None:
            if len(self._terms) > MOST_TERMS:
                self._terms.clear()
            terms = self._terms[validity, held, start] = Terms(validity, self.hold, held, start)
        return terms

    def _choose(self, message: Message, terms: Terms, refused: list[tuple[int, Refusal]] | None) -> Refusal | None:
        """Put each recipient on its path."""
        rules = self.rules
        parts = message.parts
        if parts is None:
            chosen = rules.choose(message, message.to.removeprefix("+"), message.key)
            if type(chosen) is Refusal:
                return chosen
            message.walk(chosen, terms)  # type: ignore[arg-type]  # no Refusal: a Path
            message.announced = 1
            return None
        for part in parts:
            chosen = rules.choose(message, part.to.removeprefix("+"), part.luck)
            if type(chosen) is Refusal:
                if refused is None:
                    return chosen
                refused.append((part.index, chosen))
                continue
            part.started_at = message.started_at
            part.walk(chosen, terms)  # type: ignore[arg-type]
            part.announced = 1
        if refused:
            without = {number for number, _ in refused}
            message.parts = [part for part in parts if part.index not in without]
            return None if message.parts else refused[0][1]
        return None

    def dispatch(self, message: Message, number: int, *, validity: int) -> None:
        """Let every recipient of a message that was submitted `waiting` start now, for the `number`-th time (from 0).

        The recipients are new ones: those of the dispatch before go on walking, but the message shows the latest
        (decision D21). A rule that refuses now fails them, as nobody is there to be told.
        """
        now = self.clock.now()
        before = message.finished_at()
        message.parts = [BatchRecipient(message, part.index, part.to, number) for part in message.parts or ()]
        for part in message.parts:
            chosen = self.rules.choose(message, part.to.removeprefix("+"), part.luck)
            part.started_at = now
            part.announced = 0
            if type(chosen) is Refusal:
                part.plan = Plan((Step(0, Status.PENDING), Step(0, Status.FAILED, CAUSES["rejected_by_carrier"])))
            else:
                part.walk(chosen, self._terms_of(validity, held=True))  # type: ignore[arg-type]  # no Refusal: a Path
            if message.watch:
                self._schedule(part)
        if (finished := message.finished_at()) < before:
            self.retention.expect_end(finished, message.key)

    # ---- out ----

    def find(self, key: int) -> Message | None:
        """The message with this key, if it is still remembered."""
        message: Message | None = self.messages.get(key)
        return message

    # ---- changes ----

    def force(self, recipient: Recipient, status: Status, cause: Cause | None = None) -> None:
        """Bring a recipient to `status` now. Raises IllegalTransition if it can't come there from where it is.

        After a status that is not terminal nothing more comes of itself, until the hold ends the message; one that is
        older than the hold gets another.
        """
        now = self.clock.now()
        elapsed = now - recipient.started_at
        current = recipient.plan.at(elapsed).status
        way = None if current in TERMINAL else route(current, status)
        if way is None:
            raise IllegalTransition(f"'{status}' can't follow '{current}'")
        for told in self.on_force:
            told(recipient, status, cause)
        following = [Step(elapsed, passed) for passed in way[:-1]]
        arrived = max(1, recipient.message.segments - 1) if status is Status.PARTIALLY_DELIVERED else None
        following.append(Step(elapsed, status, cause or DEFAULT_CAUSE.get(status), segments=arrived))
        if status not in TERMINAL:
            end = self.hold if elapsed < self.hold else elapsed + self.hold
            following.append(Step(end, Status.FAILED, TIMEOUT, silent=True))
        self._replan(recipient, recipient.plan.cut(elapsed, *following))

    def cancel(self, recipient: Recipient) -> None:
        """Take a recipient back: `failed`, because cancelled. Raises IllegalTransition if it is final already."""
        self.force(recipient, Status.FAILED, CANCELLED)

    def expire_at(self, recipient: Recipient, validity: int) -> None:
        """Give a recipient another validity: milliseconds after its start. Raises IllegalTransition if it is final.

        An earlier end than the plan's expires it then; a later one changes nothing, as the plan says what the carrier
        does.
        """
        elapsed = self.clock.now() - recipient.started_at
        plan = recipient.plan
        if plan.at(elapsed).status in TERMINAL:
            raise IllegalTransition("a final message has no validity any more")
        end = max(validity, elapsed)
        if plan.offsets[-1] > end:
            self._replan(recipient, plan.cut(end, Step(end, Status.EXPIRED, DEFAULT_CAUSE[Status.EXPIRED])))

    def reschedule(self, message: Message, start: int, *, validity: int) -> None:
        """Let a message with one destination that is still scheduled start at another time; both are milliseconds after
        it came. Raises IllegalTransition if it has started."""
        now = self.clock.now()
        if message.parts is not None or message.status_at(now) is not Status.SCHEDULED:
            raise IllegalTransition("only a scheduled message can get another time")
        chosen = self.rules.choose(message, message.to.removeprefix("+"), message.luck)
        if type(chosen) is Refusal:
            raise IllegalTransition("a rule refuses the message now")
        plan = chosen.plan(  # type: ignore[union-attr]  # no Refusal: a Path
            message.luck, validity=validity, hold=self.hold, held=False, segments=message.segments, start=start
        )
        self._replan(message, plan)

    def observe(self, message: Message, watch: Watch) -> None:
        """Announce other steps of a message from now on than before. Observers keep seeing all."""
        now = self.clock.now()
        message.watch = Watch.ALL if self.observers else watch
        for recipient in message.recipients:
            recipient.announced = len(recipient.plan.until(now - recipient.started_at))
            if message.watch is Watch.NOTHING and recipient.due_at != -1:
                self.clock.calendar.drop(recipient.due_at)
                recipient.due_at = -1
            elif message.watch:
                self._schedule(recipient)

    def _replan(self, recipient: Recipient, plan: Plan) -> None:
        if plan.offsets[-1] < recipient.plan.offsets[-1]:
            self.retention.expect_end(recipient.started_at + plan.offsets[-1], recipient.message.key)
        recipient.plan = plan
        if recipient.message.watch:
            self._schedule(recipient)

    # ---- what happens ----

    def _schedule(self, recipient: Recipient) -> None:
        """Put the next step that somebody wants to hear of into the calendar, in the place of the one there."""
        offsets = recipient.plan.offsets
        if recipient.announced >= len(offsets) or recipient.plan is WAITING:
            return  # the end of WAITING is no date to jump to
        watch = recipient.message.watch
        due = recipient.started_at + offsets[recipient.announced if watch is Watch.ALL else -1]
        if due != recipient.due_at:
            if recipient.due_at != -1:
                self.clock.calendar.drop(recipient.due_at)
            recipient.due_at = due
            self.clock.calendar.add(due, recipient)

    def _walk(self, recipients: list[Entry], at: int) -> None:
        """Announce what these recipients have come to by the instant `at`, in this order for each door."""
        told: dict[str, list[tuple[Recipient, Step]]] = {}
        ended: dict[Teller, list[Ended]] = {}
        for recipient in recipients:
            if type(recipient) is tuple:
                lot = recipient[1]
                found = self.messages.as_left(recipient[0]) if lot.opened else lot
                if found is lot or found is None:  # still a draft, or forgotten
                    if told:
                        self._tell(told)
                    entries = ended.get(lot.teller)
                    if entries is None:
                        entries = ended[lot.teller] = []
                    entries.append(recipient)
                    continue
                recipient = found  # type: ignore[assignment]  # no Lot: that of this key is `lot`
            if ended:
                self._tell_of_drafts(ended)
            assert isinstance(recipient, Recipient)
            if recipient.due_at != at:
                continue  # an older entry: the plan was cut
            message = recipient.message
            plan = recipient.plan
            offsets = plan.offsets
            happened = told.get(message.via)
            if happened is None:
                happened = told[message.via] = []
            if message.watch is Watch.FINAL:
                happened.append((recipient, plan.step(-1)))
                recipient.announced = len(offsets)
                recipient.due_at = -1
                continue
            elapsed = at - recipient.started_at
            number, total = recipient.announced, len(offsets)
            while number < total and offsets[number] <= elapsed:
                happened.append((recipient, plan.step(number)))
                number += 1
            recipient.announced = number
            recipient.due_at = -1
            self._schedule(recipient)
        self._tell_of_drafts(ended)
        self._tell(told)

    def _tell_of_drafts(self, ended: dict[Teller, list[Ended]]) -> None:
        """Announce what is in there, and empty it."""
        now = self.clock.now()
        for teller, entries in ended.items():
            teller.ended(entries, now)
        ended.clear()

    def _tell(self, told: dict[str, list[tuple[Recipient, Step]]]) -> None:
        """The same for messages, by their doors."""
        for via, happened in told.items():
            for observer in self.observers:
                observer.happened(happened)
            door = self.doors.get(via)
            if door is not None:  # else only observers want to know
                door.announce(happened)
        told.clear()
