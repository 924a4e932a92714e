"""The steps of a path, as they are written: a status, alone or with a delay and an error; attempts; timeout."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from simulator.engine import Choice, Exponential, LogNormal, Normal, Status
from simulator.engine.delays import NOTHING, Delay, Fixed, Uniform
from simulator.engine.units import LONGEST
from simulator.scenario import fields as f
from simulator.scenario.base import Model
from simulator.scenario.errors import shown

WALKABLE = tuple(status.value for status in Status if status not in (Status.NONE, Status.PENDING, Status.SCHEDULED))
"""What a step may name, apart from `pending`, where each path begins anyway."""


class NormalModel(Model):
    """The normal distribution, cut off at `min` and `max`."""

    mean: f.Duration = Field(description="the middle")
    sd: f.Duration = Field(description="standard deviation: two thirds are nearer to the mean")
    min: f.Duration = Field(0, description="never shorter than this")
    max: f.Duration = Field(LONGEST, description="never longer than this")


class ExponentialModel(Model):
    """The exponential distribution: mostly short, sometimes long."""

    mean: f.Duration = Field(description="the average")
    min: f.Duration = Field(0, description="never shorter than this")
    max: f.Duration = Field(LONGEST, description="never longer than this")


class LogNormalModel(Model):
    """The log-normal distribution: what measured network delays look like."""

    median: f.Duration = Field(description="half are shorter")
    sigma: f.Sigma = Field(description="standard deviation of the logarithm; 0.5: most are within a factor of 3")
    min: f.Duration = Field(0, description="never shorter than this")
    max: f.Duration = Field(LONGEST, description="never longer than this")


class UniformModel(Model):
    """All from `min` to `max` are as likely."""

    min: f.Duration = Field(0, description="the shortest")
    max: f.Duration = Field(description="the longest")


def _choice(value: Any) -> list[tuple[int, float]]:
    if isinstance(value, list):
        value = {f.to_text(item): 1 for item in value}
    if not isinstance(value, dict) or not value:
        raise f.wrong("expected durations with weights: {1s: 90, 30s: 10}")
    options = f.pairs(value, f.to_duration, f.number(0, 1e12))
    if not any(weight for _, weight in options):
        raise f.wrong("all weights are 0: at least one delay must be possible")
    return options


class DelayModel(Model):
    """How long a step takes: a duration, a range, or one named distribution."""

    kind: ClassVar[str] = "distribution"

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"exactly": value} if isinstance(value, str | int | float) else value

    exactly: Annotated[Delay | None, PlainValidator(f.delay_of), WithJsonSchema(f.DELAY_SCHEMA)] = Field(
        None, description="a duration, or a range a..b"
    )
    normal: NormalModel | None = Field(None, description="the normal distribution")
    exponential: ExponentialModel | None = Field(None, description="the exponential distribution")
    lognormal: LogNormalModel | None = Field(None, description="the log-normal distribution")
    uniform: UniformModel | None = Field(None, description="all in a range are as likely")
    choice: Annotated[
        list[tuple[int, float]] | None,
        PlainValidator(_choice),
        WithJsonSchema({"type": ["object", "array"]}),
    ] = Field(None, description="one of several durations, by weight: {1s: 90, 30s: 10}")

    def problem(self) -> str | None:
        """What is wrong with the whole of it."""
        if len(self.model_fields_set) != 1:
            return f"expected one distribution, not {len(self.model_fields_set)}: {', '.join(self.field_names()[1:])}"
        spread = self.normal or self.exponential or self.lognormal or self.uniform
        if spread is not None and spread.min > spread.max:
            return "'min' is more than 'max'"
        return None

    def delay(self) -> Delay:
        if self.exactly is not None:
            return self.exactly
        if (n := self.normal) is not None:
            return Normal(min=n.min, max=n.max, mean=n.mean, sd=n.sd)
        if (e := self.exponential) is not None:
            return Exponential(min=e.min, max=e.max, mean=e.mean)
        if (g := self.lognormal) is not None:
            return LogNormal(min=g.min, max=g.max, median=g.median, sigma=g.sigma)
        if (u := self.uniform) is not None:
            return Uniform(u.min, u.max) if u.min < u.max else Fixed(u.min)
        return Choice(tuple(self.choice)) if self.choice else NOTHING


class ErrorFields(Model):
    """Why a step fails: shared by all that may say so."""

    error: f.ErrorField | None = Field(None, description="a cause by name, or the gateway's error_code")
    err: f.Sixteen | None = Field(None, description="the network's number: err: of a receipt, and network_error_code")


class GoModel(ErrorFields):
    """Details of a step that reaches a status."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"after": value} if isinstance(value, str | int | float) else {} if value is None else value

    after: DelayModel | None = Field(None, description="how long after the step before; default at once")
    segments: f.Parts | None = Field(None, description="partially_delivered: how many segments arrive")


class PausesModel(Model):
    """The pauses between attempts: a duration, a list whose last entry goes on, or pauses that grow."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"each": value}

    each: f.Durations | None = Field(None, description="the pauses one by one; the last goes on")
    first: f.Duration | None = Field(None, description="the first pause")
    factor: f.Factor = Field(1.0, description="each pause is this much longer than the one before")
    max: f.Duration | None = Field(None, description="never longer than this")
    jitter: f.Share = Field(0.0, description="10%: up to a tenth more or less, drawn from the seed")


def _fail(value: Any) -> int | str:
    if value == "always":
        return "always"
    if isinstance(value, str):
        raise f.wrong(f"expected a whole number from 1 to 1000, or 'always', not {shown(value)}")
    return f.whole(1, 1000)(value)


class AttemptsModel(ErrorFields):
    """The carrier tries, fails, waits and tries again. Webhooks don't show it; a message's history does."""

    fail: Annotated[
        int | str,
        PlainValidator(_fail),
        WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000}, {"const": "always"}]}),
    ] = Field(description="how many attempts fail, or always: until the validity ends")
    every: PausesModel = Field(description="pauses: 20m, [20m, 80m], or {first, factor, max, jitter}")
    then: "list[StepModel]" = Field(default_factory=list, description="the steps after the last failed attempt")


def _nothing(value: Any) -> None:
    if value is not None:
        raise f.wrong("'timeout' takes no details: the gateway's hold says when it ends", "set gateway: {hold: 24h}")


class StepModel(Model):
    """One step: a status and how to get there, `attempts`, or `timeout`."""

    kind: ClassVar[str] = "status"

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {value: None} if isinstance(value, str) else value

    pending: GoModel | None = Field(None, description="where every path begins: need not be written")
    processing: GoModel | None = Field(None, description="the connector took the job")
    accepted: GoModel | None = Field(None, description="the SMSC took it")
    enroute: GoModel | None = Field(None, description="the operator is delivering")
    sent: GoModel | None = Field(None, description="the carrier confirmed dispatch")
    unknown: GoModel | None = Field(None, description="the state can't be determined for the time being")
    delivered: GoModel | None = Field(None, description="final: the handset has it")
    partially_delivered: GoModel | None = Field(None, description="final: some segments arrived")
    delivery_unknown: GoModel | None = Field(None, description="final: nobody knows")
    undelivered: GoModel | None = Field(None, description="final: the carrier could not deliver it")
    rejected: GoModel | None = Field(None, description="final: the carrier refused it")
    expired: GoModel | None = Field(None, description="final: too late; without a delay, when the validity ends")
    failed: GoModel | None = Field(None, description="final: a failure inside the gateway")
    attempts: AttemptsModel | None = Field(None, description="carrier-level retries")
    timeout: Annotated[None, PlainValidator(_nothing), WithJsonSchema({"type": "null"})] = Field(
        None, description="no receipt ever comes: the gateway's hold ends the message, error 1503"
    )

    @property
    def name(self) -> str:
        """The status, `attempts` or `timeout`."""
        return next(iter(self.model_fields_set))

    @classmethod
    def _expected(cls, value: Any) -> str:
        return f"expected a step such as 'sent' or 'delivered: 2s', not {shown(value)}"


AttemptsModel.model_rebuild()
