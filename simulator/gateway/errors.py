"""The error catalogue, and the envelope in which an error is answered (lisoloo-api 5; decisions D1 to D3).

`CATALOGUE` is the only place that knows the codes: the validation, the answers, the docs and the tests read it.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Language = Literal["en", "fr"]


class Text(NamedTuple):
    """A sentence in both languages (decision D29)."""

    en: str
    fr: str

    def say(self, language: Language, *values: object) -> str:
        return (self.fr if language == "fr" else self.en).format(*values)


class Code(NamedTuple):
    """One row of the catalogue."""

    code: str
    symbol: str
    status: int
    text: Text
    retry_after: int | None = None
    """Seconds; a code with them is retryable, no other is (decision D2)."""

    @property
    def retryable(self) -> bool:
        return self.retry_after is not None


UNDOCUMENTED = "UNDOCUMENTED"

_CAUSELESS = Text(
    "Error {0}, which the documentation does not explain", "Erreur {0}, que la documentation n'explique pas"
)
_KEY = Text("Missing or invalid app-key", "Clé app-key absente ou invalide")


def _undocumented(code: str, status: int) -> Code:
    return Code(code, UNDOCUMENTED, status, Text(_CAUSELESS.en.format(code), _CAUSELESS.fr.format(code)))


GROUP_STATUS = {"10": 403, "11": 400, "12": 400, "13": 403, "14": 500, "15": 502}
"""The HTTP status of a code that has none of its own: by its group. 15xx: the carrier behind the gateway failed."""

CATALOGUE: dict[str, Code] = {
    row.code: row
    for row in (
        Code("1001", "INVALID_APP_KEY", 401, _KEY),
        Code("1002", "APP_KEY_MISSING", 401, _KEY),
        Code(
            "1003",
            "APP_NOT_ALLOWED",
            403,
            Text("This address may not use the app-key", "Cette adresse n'est pas autorisée pour cette clé app-key"),
        ),
        Code("1004", "APP_SUSPENDED", 403, Text("The app-key is suspended", "La clé app-key est suspendue")),
        Code("1005", "APP_EXPIRED", 403, Text("The app-key has expired", "La clé app-key a expiré")),
        Code("1101", "INVALID_RECIPIENTS", 400, Text("Invalid recipient list", "Liste de destinataires invalide")),
        Code("1102", "INVALID_MESSAGE", 400, Text("Invalid message text", "Texte du message invalide")),
        Code("1103", "INVALID_SENDER_ID", 400, Text("Invalid sender ID", "Identifiant d'expéditeur invalide")),
        Code("1104", "INVALID_PHONE_NUMBER", 400, Text("Invalid phone number", "Numéro de téléphone invalide")),
        Code("1105", "INVALID_SENDING_TYPE", 400, Text("Invalid sending type", "Type d'envoi invalide")),
        Code("1106", "INVALID_SCHEDULED_DATE", 400, Text("Invalid scheduled date", "Date programmée invalide")),
        Code("1107", "INVALID_RECURRING_SCHEDULE", 400, Text("Invalid recurring schedule", "Récurrence invalide")),
        Code("1108", "INVALID_CALLBACK_URL", 400, Text("Invalid callback URL", "URL de rappel invalide")),
        Code(
            "1109",
            "MISSING_REQUIRED_FIELD",
            400,
            Text("A required field is missing", "Un champ obligatoire est absent"),
        ),
        Code("1110", "INVALID_FIELD_FORMAT", 400, Text("Invalid field format", "Format de champ invalide")),
        _undocumented("1201", 400),
        Code("1202", "INSUFFICIENT_BALANCE", 402, Text("Insufficient balance", "Solde insuffisant")),
        Code("1203", "RECIPIENT_LIMIT_EXCEEDED", 400, Text("Too many recipients", "Trop de destinataires")),
        _undocumented("1204", 400),
        _undocumented("1205", 400),
        Code("1301", "RATE_LIMIT_EXCEEDED", 429, Text("Rate limit exceeded", "Limite de requêtes dépassée"), 60),
        Code("1302", "SUSPICIOUS_ACTIVITY", 403, Text("Suspicious activity", "Activité suspecte")),
        _undocumented("1303", 403),
        _undocumented("1304", 403),
        _undocumented("1305", 403),
        Code("1401", "INTERNAL_SERVER_ERROR", 500, Text("Internal server error", "Erreur interne du serveur"), 30),
        Code("1402", "SERVICE_UNAVAILABLE", 503, Text("Service unavailable", "Service indisponible"), 30),
        _undocumented("1403", 500),
        _undocumented("1404", 500),
        _undocumented("1405", 500),
        _undocumented("1501", 502),
        Code(
            "1502",
            "SMS_REJECTED_BY_CARRIER",
            502,
            Text("The carrier rejected the message", "L'opérateur a rejeté le message"),
        ),
        Code(
            "1503",
            "SMS_TIMEOUT",
            502,
            Text("No final receipt came in time", "Aucun accusé final n'est arrivé à temps"),
        ),
        _undocumented("1504", 502),
        _undocumented("1505", 502),
    )
}


def lookup(code: str) -> Code:
    """The row of `code`; one outside the catalogue gets a row as the undocumented ones have."""
    return CATALOGUE.get(code) or _undocumented(code, GROUP_STATUS.get(code[:2], 400))


class Problem(NamedTuple):
    """One entry of `details`: what is wrong with which field."""

    code: str
    field: str
    text: Text
    values: tuple[object, ...] = ()

    def as_detail(self, language: Language) -> dict[str, str]:
        message = self.text.say(language, *self.values)
        return {"field": self.field, "message": message, "code": lookup(self.code).symbol}


class ApiError(Exception):
    """The request is answered with an error. `status` differs from the code's own only where no code fits; `close`
    ends the connection, too."""

    def __init__(
        self,
        code: str,
        problems: Sequence[Problem] = (),
        *,
        retry_after: int | None = None,
        status: int | None = None,
        text: Text | None = None,
        headers: dict[str, str] | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(code)
        row = lookup(code)
        self.code = row
        self.problems = problems
        self.retry_after = row.retry_after if retry_after is None else retry_after
        self.status = row.status if status is None else status
        self.text = text or row.text
        self.headers = headers or {}
        self.close = close


class NotFound(Exception):
    """The message is not there, or not yours: `{"detail": "Message not found"}` (decision D1)."""


def envelope(error: ApiError, language: Language, timestamp: str, request_id: str) -> dict[str, Any]:
    """The body of an error answer (lisoloo-api 5.1)."""
    return {
        "success": False,
        "status_code": error.status,
        "error_code": error.code.code,
        "message": error.text.say(language),
        "details": [problem.as_detail(language) for problem in error.problems] or None,
        "timestamp": timestamp,
        "request_id": request_id,
        "retryable": error.code.retryable,
        "retry_after": error.retry_after,
    }
