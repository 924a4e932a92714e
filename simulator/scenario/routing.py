"""Rules as they are written: what a message must be like, and what becomes of it then."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from simulator.scenario import fields as f
from simulator.scenario.base import Model


def _expression(value: Any) -> str:
    text = f.to_text(value)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        where = f" at character {error.pos + 1}" if isinstance(error, re.error) and error.pos is not None else ""
        raise f.wrong(f"not a regular expression: {getattr(error, 'msg', error)}{where}") from None
    return text


class PatternModel(Model):
    """A test of a text: patterns in which `*` is any text and `?` one character, or a regular expression."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return value if isinstance(value, dict) else {"like": value}

    like: f.Texts | None = Field(None, description="a pattern, or a list of which one must fit")
    regex: Annotated[str, PlainValidator(_expression), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="a regular expression that is found somewhere in it"
    )


class MatchModel(Model):
    """Conditions; all that are given must hold."""

    kind: ClassVar[str] = "condition"

    to: PatternModel | None = Field(None, description="the destination: '+24399*', a list, or {regex: ...}")
    from_: PatternModel | None = Field(None, alias="from", description="the sender")
    text: PatternModel | None = Field(None, description="the message's text: '*OTP*', a list, or {regex: ...}")
    via: Annotated[str, *f.choice("door", "http", "smpp")] | None = Field(None, description="http or smpp")
    account: f.Texts | None = Field(None, description="the account's name, or a list")
    smsc: f.Texts | None = Field(None, description="the name of the SMSC to which it came, or a list")
    interface_version: f.ComparisonField | None = Field(
        None, description="of the SMPP session, as a number: 51 is 3.3, 52 is 3.4, 80 is 5.0; '<52'"
    )
    encoding: Annotated[str, *f.choice("encoding", "gsm7", "ucs2", "latin1", "binary")] | None = Field(
        None, description="gsm7, ucs2, latin1 or binary"
    )
    segments: f.ComparisonField | None = Field(None, description="how many segments: 2, '>1'")
    nth: f.Positive | None = Field(
        None, description="only the n-th recipient that gets here; follows the order of arrival"
    )
    every: f.Positive | None = Field(
        None, description="each n-th recipient that gets here; follows the order of arrival"
    )
    first: f.Positive | None = Field(
        None, description="the first n recipients that get here; follows the order of arrival"
    )


class RejectModel(Model):
    """The message is not taken: what either door answers."""

    error_code: f.ErrorCode | None = Field(None, description="the gateway's; default 1502")
    command_status: f.RefusingStatus | None = Field(
        None, description="the SMSC's, by name or number; default ESME_RSUBMITFAIL"
    )


class SuffixModel(Model):
    """What a magic suffix leads to: a path's name, or a refusal."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"path": value} if not isinstance(value, list) else value

    path: f.Name | None = Field(None, description="a path's name")
    reject: RejectModel | None = Field(None, description="a refusal")


class RuleModel(Model):
    """What becomes of the messages that match: give one of path, outcomes, reject and suffixes."""

    match: MatchModel | None = Field(None, description="which messages; without it, all")
    path: f.Name | None = Field(None, description="the path they take")
    outcomes: dict[str, f.Weight] | None = Field(None, description="paths with weights, drawn from the seed")
    reject: RejectModel | None = Field(None, description="they are refused")
    suffixes: dict[str, SuffixModel] | None = Field(
        None, description="the last digits of the destination decide: {'0001': delivered}; the longest wins"
    )
