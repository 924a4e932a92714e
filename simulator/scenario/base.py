"""What all models of the scenario language share: strict fields, and errors written for people.

Each model turns its own errors into finished texts while it knows its fields, so that an unknown one can be answered
with the nearest that exists. The `loc` of an error stays pydantic's: the loader looks up where it stands in the file.
"""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from simulator.scenario.errors import did_you_mean, shown
from simulator.scenario.fields import AT_KEY

MISSING = "missing"


class Model(BaseModel):
    """One mapping of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: ClassVar[str] = "field"
    """What the keys are, for error messages."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        """Makes a mapping of what may be written instead of one."""
        return value

    @classmethod
    def field_names(cls) -> list[str]:
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _strict(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, cls):
            return value  # checked already
        if not isinstance(value, dict):
            value = cls.shorthand(value)
        if not isinstance(value, dict):
            raise PydanticCustomError("scenario", "{text}", {"text": cls._expected(value), "hint": None})
        known = cls.field_names()
        problems = [
            _problem(f"unknown {cls.kind} {shown(key)}", (key,), cls._near(key, known), AT_KEY)
            for key in value
            if key not in known
        ]
        try:
            made = handler({key: item for key, item in value.items() if key in known})
        except ValidationError as error:
            problems += [_told(line) for line in error.errors(include_url=False)]
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return made

    @classmethod
    def _near(cls, key: str, known: list[str]) -> str | None:
        near = did_you_mean(key, known)
        if near is not None or len(known) > 16:
            return near
        return f"known are {', '.join(known)}"

    @classmethod
    def _expected(cls, value: Any) -> str:
        names = cls.field_names()
        few = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
        return f"expected fields ({few}), not {shown(value)}"


def _problem(
    text: str, loc: tuple[str | int, ...], hint: str | None = None, kind: str = "scenario"
) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError(kind, "{text}", {"text": text, "hint": hint}),
        loc=loc,
        input=None,
    )


def _told(line: Any) -> InitErrorDetails:
    """An error of pydantic's own, in words for people."""
    context = line.get("ctx") or {}
    if "text" in context:
        return _problem(context["text"], line["loc"], context.get("hint"), line["type"])
    match line["type"]:
        case "missing":
            return _problem(f"'{line['loc'][-1]}' is missing", line["loc"], None, MISSING)
        case "list_type":
            return _problem(f"expected a list, not {shown(line['input'])}", line["loc"])
        case "dict_type":
            return _problem(f"expected a mapping, not {shown(line['input'])}", line["loc"])
        case "value_error":
            return _problem(str(context["error"]), line["loc"])
    return _problem(f"{line['msg']}, not {shown(line['input'])}", line["loc"])


def told(error: ValidationError) -> list[tuple[tuple[str | int, ...], str, str | None, str]]:
    """(loc, message, hint, kind) of each error."""
    found = []
    for line in error.errors(include_url=False):
        details = _told(line)
        context = details["type"].context or {}  # type: ignore[union-attr]
        found.append((line["loc"], context["text"], context["hint"], details["type"].type))  # type: ignore[union-attr]
    return found
