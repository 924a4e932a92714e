"""What holds for every scenario, every message and every order of events, checked on random ones."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import (
    TERMINAL,
    TRANSITIONS,
    Attempts,
    Choice,
    Exponential,
    Fixed,
    Go,
    IllegalTransition,
    LogNormal,
    Normal,
    Outcomes,
    Path,
    PathError,
    Refusal,
    Rule,
    Status,
    Timeout,
    Uniform,
    Waits,
    Watch,
)
from simulator.engine.core import WAITING
from simulator.engine.statuses import route
from simulator.engine.units import DAY, HOUR, SECOND

S = Status

# ---- random scenarios ----

milliseconds = st.sampled_from([0, 1, 7, 50, SECOND, HOUR, DAY]) | st.integers(0, 2 * DAY)

delays = st.one_of(
    milliseconds.map(Fixed),
    st.tuples(milliseconds, milliseconds).map(lambda ends: Uniform(min(ends), max(ends))),
    st.builds(Normal, mean=milliseconds, sd=milliseconds),
    st.builds(Exponential, mean=milliseconds),
    st.builds(LogNormal, median=milliseconds, sigma=st.floats(0, 3)),
    st.lists(st.tuples(milliseconds, st.floats(0.1, 9)), min_size=1, max_size=3).map(lambda some: Choice(tuple(some))),
)


def waits(least: int) -> st.SearchStrategy[Waits]:
    pauses = st.integers(least, DAY)
    jitter = st.sampled_from([0.0, 0.1, 1.0])
    return st.one_of(
        st.builds(Waits, list=st.lists(pauses, min_size=1, max_size=3).map(tuple), jitter=jitter),
        st.builds(Waits, first=pauses, factor=st.floats(1, 4), max=st.none() | st.just(DAY), jitter=jitter),
    )


@st.composite
def legal_steps(draw, current=S.PENDING, most=5):
    """Steps that follow the table of transitions from `current` on, as an author may write them."""
    steps = []
    for _ in range(draw(st.integers(0, most))):
        if current in TERMINAL:
            break
        goals = [goal for goal in Status if route(current, goal) and goal not in (S.NONE, S.PENDING, S.SCHEDULED)]
        can_try = current is S.ENROUTE or S.ENROUTE in goals
        kind = draw(st.sampled_from(["go"] * 6 + ["timeout", "expired"] + ["attempts", "endless"] * can_try))
        if kind == "timeout":
            return [*steps, Timeout()]
        if kind == "expired":
            return [*steps, Go(S.EXPIRED, at_validity=True)]
        if kind == "endless":
            return [*steps, Attempts(None, draw(waits(HOUR)))]
        if kind == "attempts":
            then = draw(legal_steps(S.ENROUTE, 2))
            steps.append(Attempts(draw(st.integers(1, 5)), draw(waits(0)), then=tuple(then)))
            if then:  # what may follow depends on how they end: leave it
                return steps
            current = S.ENROUTE
        else:
            current = draw(st.sampled_from(goals))
            steps.append(Go(current, draw(delays), segments=draw(st.none() | st.integers(0, 5))))
    return steps


any_step = st.one_of(
    st.builds(Go, st.sampled_from(Status), delays, at_validity=st.booleans()),
    st.just(Timeout()),
    st.builds(Attempts, st.none() | st.integers(0, 5), waits(0)),
)
paths = legal_steps().map(lambda steps: Path("random", steps))
lucks = st.integers(0, (1 << 64) - 1)


@st.composite
def terms(draw):
    """On what terms a message is taken."""
    return {
        "validity": draw(milliseconds),
        "held": draw(st.booleans()),
        "start": draw(st.just(0) | milliseconds),
    }


def check(plan):
    """A plan begins at the beginning, takes legal transitions only, never goes back, and ends once."""
    assert plan.steps[0].offset == 0
    assert all(before.offset <= after.offset for before, after in zip(plan.steps, plan.steps[1:], strict=False))
    current = S.NONE
    for step in plan.steps:
        if step.attempt:
            assert step.status is current is S.ENROUTE
        else:
            assert step.status in TRANSITIONS[current], plan
            current = step.status
    assert current in TERMINAL
    assert plan.offsets == tuple(step.offset for step in plan.steps)


# ---- plans ----


@given(paths, lucks, terms(), milliseconds, st.integers(1, 9))
def test_every_plan_is_legal_and_ends_exactly_once(path, luck, terms, hold, segments):
    plan = path.plan(luck, hold=hold, segments=segments, **terms)
    check(plan)
    assert plan.steps[0].status is (S.SCHEDULED if terms["start"] else S.PENDING)
    for step in plan.steps:
        if step.status is S.PARTIALLY_DELIVERED:
            assert 1 <= step.segments <= segments
        else:
            assert step.segments is None


@given(paths, lucks, terms(), milliseconds)
def test_a_message_ends_with_its_validity_or_its_hold_at_the_latest(path, luck, terms, hold):
    plan = path.plan(luck, hold=hold, **terms)
    assert plan.final.offset <= max(terms["validity"], terms["start"] + hold)
    if terms["held"]:
        assert plan.final.offset <= terms["start"] + hold


@given(st.lists(any_step, max_size=5), lucks, terms())
def test_whatever_an_author_writes_is_either_refused_or_legal(steps, luck, terms):
    try:
        path = Path("random", steps)
    except PathError:
        return
    check(path.plan(luck, hold=DAY, **terms))


@given(legal_steps(), lucks, terms())
def test_the_same_path_and_luck_make_the_same_plan(steps, luck, terms):
    one, other = (Path("p", steps).plan(luck, hold=DAY, **terms) for _ in range(2))
    assert one.steps == other.steps


# ---- simulations ----


@dataclass
class Operation:
    after: int
    kind: str
    which: int
    status: Status = S.SENT
    validity: int = DAY
    terms: dict = field(default_factory=dict)
    watch: Watch = Watch.ALL
    many: int = 0


operations = st.lists(
    st.builds(
        Operation,
        after=milliseconds,
        kind=st.sampled_from(["submit", "submit", "force", "force", "cancel", "expire", "dispatch", "look"]),
        which=st.integers(0, 50),
        status=st.sampled_from(Status),
        validity=milliseconds,
        terms=terms(),
        watch=st.sampled_from(Watch),
        many=st.integers(0, 3),
    ),
    max_size=12,
)


class Run:
    """A simulation to which random things are done, and what must be true of it after each."""

    def __init__(self, sim):
        self.sim = sim
        self.recipients = []
        self.untold = {}  # of a submitted message the first step is not announced: the door itself brought it about
        self.ended = {}

    def do(self, operation):
        self.sim.go(operation.after)
        if operation.kind == "submit":
            self.submit(operation)
        elif self.recipients:
            recipient = self.recipients[operation.which % len(self.recipients)]
            before, was = recipient.plan, recipient.status_at(self.sim.clock.now())
            try:
                self.change(recipient, operation)
            except IllegalTransition:
                assert recipient.plan is before
            assert was not in TERMINAL or recipient.plan is before
        self.sim.go()
        self.check()

    def submit(self, operation):
        to = [f"+{number}" for number in range(operation.many)] or "+1"
        message = self.sim.send(to, watch=operation.watch, waiting=operation.many == 3, **operation.terms)
        self.follow(message, 1)

    def follow(self, message, untold):
        self.recipients += message.recipients
        self.untold |= {id(recipient): untold for recipient in message.recipients}

    def change(self, recipient, operation):
        engine = self.sim.engine
        if operation.kind == "force":
            engine.force(recipient, operation.status)
            assert recipient.status_at(self.sim.clock.now()) is operation.status
        elif operation.kind == "cancel":
            engine.cancel(recipient)
        elif operation.kind == "expire":
            engine.expire_at(recipient, operation.validity)
        elif operation.kind == "dispatch" and recipient.message.parts is not None:
            engine.dispatch(recipient.message, operation.which, validity=operation.validity)
            self.follow(recipient.message, 0)

    def check(self):
        now = self.sim.clock.now()
        for recipient in self.recipients:
            check(recipient.plan)
            history = recipient.history(now)
            status = recipient.status_at(now)
            assert status is history[-1][1].status
            if status in TERMINAL:
                assert self.ended.setdefault(id(recipient), history) == history
            watch = recipient.message.watch
            heard = self.sim.door.of(recipient)
            if watch is Watch.ALL:
                assert heard == history[self.untold[id(recipient)] :]
            elif watch is Watch.FINAL:
                assert heard == (history[-1:] if status in TERMINAL else [])
            else:
                assert heard == []
        assert [at for at, _, _ in self.sim.door.heard] == sorted(at for at, _, _ in self.sim.door.heard)


@settings(max_examples=250)
@given(st.lists(paths, min_size=1, max_size=3), operations, milliseconds.filter(bool))
def test_plan_history_status_and_announcements_agree_whatever_is_done_at_any_time(simulate, paths, operations, hold):
    sim = simulate(Rule("1", Outcomes([(path, 1) for path in paths])), hold=hold)
    run = Run(sim)
    for operation in operations:
        run.do(operation)
    sim.go(30 * DAY)
    run.check()
    assert all(who.status_at(sim.clock.now()) in TERMINAL or who.plan is WAITING for who in run.recipients)


@given(st.lists(paths, min_size=1, max_size=3), operations)
def test_when_all_has_happened_no_date_is_left_to_move_time_for(simulate, paths, operations):
    sim = simulate(Rule("1", Outcomes([(path, 1) for path in paths])))
    run = Run(sim)
    for operation in operations:
        run.do(operation)
        live = [who for who in run.recipients if who.message.watch and who.due_at != -1]
        assert sim.clock.calendar.wanted is bool(live)
        assert sim.clock.calendar.next_at == min((who.due_at for who in live), default=None)
    sim.go(30 * DAY)
    assert not sim.clock.calendar.wanted
    assert sim.clock.calendar.next_at is None


@given(paths, lucks, terms(), st.lists(milliseconds, max_size=20))
def test_an_observer_and_a_door_hear_the_same(simulate, listener, path, luck, terms, pauses):
    sim = simulate(path)
    observer = listener(sim.clock)
    sim.engine.observers.append(observer)
    message = sim.send(text=str(luck), **terms)
    for pause in pauses:
        sim.go(pause)
        now = sim.clock.now()
        assert sim.door.heard == observer.heard
        assert observer.of(message) == message.history(now)[1:]


# ---- fates ----

letters = st.tuples(
    st.sampled_from(["acme", "globex"]),
    st.sampled_from(["", "A"]),
    st.sampled_from(["+1", "+2"]),
    st.sampled_from(["a", "b"]),
)
lottery = Outcomes(
    [
        (Path("p", [Go(S.SENT, Uniform(0, HOUR)), Go(S.DELIVERED, Normal(mean=HOUR, sd=HOUR))]), 3),
        (Path("q", [Attempts(3, Waits(first=SECOND, factor=2.0, jitter=0.5), then=(Go(S.UNDELIVERED),))]), 2),
        (Refusal("1201"), 1),
    ]
)


def fates(sim, sms, letters):
    """What became of each message, by what it is: the equal ones in order."""
    found = {}
    for account, source, to, text in letters:
        message = sms(to, text, account=account, source=source)
        refusal = sim.submit(message)
        fate = refusal or (message.key, message.plan.steps)
        found.setdefault((account, source, to, text), []).append(fate)
    return found


@given(
    st.lists(letters, max_size=12).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), st.integers()
)
def test_any_order_of_arrival_gives_each_message_the_same_fate(simulate, sms, orders, seed):
    one, other = (fates(simulate(Rule("1", lottery), seed=seed), sms, order) for order in orders)
    assert one == other


@given(st.lists(letters, max_size=12), letters)
def test_what_other_accounts_send_changes_nothing_for_one(simulate, sms, some, mine):
    account = mine[0]
    alone = fates(simulate(Rule("1", lottery)), sms, [letter for letter in some if letter[0] == account])
    among = fates(simulate(Rule("1", lottery)), sms, some)
    assert alone == {letter: fate for letter, fate in among.items() if letter[0] == account}


@given(st.lists(letters, max_size=30))
def test_ids_are_unique_among_equal_messages_too(simulate, sms, some):
    sim = simulate()
    for account, source, to, text in some:
        sim.submit(sms(to, text, account=account, source=source))
    assert len(sim.engine.messages) == len(some) == sim.engine.accepted
    assert all(message.key == key for key, message in sim.engine.messages.items())


def test_ids_are_unique_among_many_messages(simulate):
    sim = simulate()
    assert len({sim.send(text=str(number), watch=Watch.NOTHING).key for number in range(20_000)}) == 20_000


def test_another_seed_is_another_fate(simulate, sms):
    many = [("acme", "", f"+{number}", "hello") for number in range(50)]
    one, other = (fates(simulate(Rule("1", lottery), seed=seed), sms, many) for seed in (1, 2))
    assert one != other


# ---- memory ----


@given(st.integers(1, 5), st.none() | st.integers(0, HOUR), paths, operations)
def test_what_is_remembered_is_bounded_and_only_finished_messages_go_while_there_are_any(
    simulate, keep, keep_for, path, operations
):
    sim = simulate(path, keep=keep, keep_for=keep_for)
    sent = 0
    for operation in operations:
        sim.go(operation.after)
        before, now = dict(sim.engine.messages), sim.clock.now()
        if operation.kind in ("submit", "look", "dispatch"):
            message = sim.send(text=str(sent), watch=operation.watch, **operation.terms)
            sent += 1
            check_forgotten(sim.engine, before, message, now)
        elif before:
            message = list(before.values())[operation.which % len(before)]
            if message.status_at(now) not in TERMINAL:
                sim.engine.cancel(message) if operation.kind == "cancel" else sim.engine.expire_at(message, 0)
        assert sim.engine.accepted == sent


def check_forgotten(engine, before, newest, now):
    assert engine.find(newest.key) is newest
    assert len(engine.messages) <= engine.retention.keep
    dropped = [message for key, message in before.items() if key not in engine.messages]
    if engine.retention.keep_for is None:
        assert len(dropped) == max(0, len(before) + 1 - engine.retention.keep)
    else:
        assert all(
            message is newest or message.finished_at() + engine.retention.keep_for > now
            for message in engine.messages.values()
        )
    if any(message.finished_at() > now for message in dropped):
        assert all(message is newest or message.finished_at() > now for message in engine.messages.values())
