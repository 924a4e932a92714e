"""`/docs`: the OpenAPI document as a page to read. One file of HTML, with nothing to fetch: it works offline."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from simulator.engine.settings import GatewaySettings
from simulator.gateway.errors import CATALOGUE
from simulator.gateway.openapi import BASE_PATH, MISTAKES, document, error_example

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --ink: light-dark(#1c2126, #e4e7ea);
  --dim: light-dark(#59636e, #9aa4ae); --page: light-dark(#fff, #14181c); --link: light-dark(#0b57a4, #78b4f0); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 5rem; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .4rem; } h2 { font-size: 1.25rem; margin: 3rem 0 .6rem; }
h2, h3 { scroll-margin-top: 1rem; } h3 { margin: 2.4rem 0 .3rem; font-size: 1.05rem; }
h3 code { background: none; padding: 0; font-size: 1.05rem; } h4 { margin: 1.2rem 0 .3rem; font-size: .9rem; }
p { margin: .4rem 0; } a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
code, pre { font: .88em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
code { background: var(--soft); border-radius: 3px; padding: .08em .3em; overflow-wrap: break-word; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 5px; margin: .4rem 0; padding: .7rem .9rem;
  overflow-x: auto; }
td:nth-child(4) { min-width: 13rem; } pre code { background: none; padding: 0; overflow-wrap: normal; }
nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .1rem 1.5rem; padding: .8rem 0;
  margin: 1rem 0; border: solid var(--line); border-width: 1px 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; font-size: .85em; } td:first-child { white-space: nowrap; }
.dim { color: var(--dim); } summary { cursor: pointer; color: var(--dim); margin: .3rem 0; }
.method { display: inline-block; min-width: 4.2rem; font: 700 .8em ui-monospace, "DejaVu Sans Mono", monospace; }
.GET { color: light-dark(#0b6b3a, #5fd08f); } .POST { color: light-dark(#8a4b00, #f0b060); }
.DELETE { color: light-dark(#a5202a, #ff8a8f); }
"""


@lru_cache(maxsize=4)
def page(settings: GatewaySettings) -> bytes:
    """The whole page for a gateway with these settings."""
    return _Page(document(settings)).html().encode()


class _Page:
    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described
        self._components = described["components"]
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        ]

    def html(self) -> str:
        info = self._described["info"]
        parts = [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">',
            f"<title>{_text(info['title'])}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_text(info['title'])}</h1><p>{_marked(info['description'])}</p>",
            f"<p>Base path: <code>{BASE_PATH}</code> ({_text(self._described['servers'][0]['description'])}). "
            'For machines: <a href="/openapi.json">openapi.json</a>, OpenAPI 3.1.</p>',
            *self._navigation(),
            *self._conventions(),
            '<h2 id="endpoints">Endpoints</h2>',
            *(line for row in self._operations for line in self._operation(*row)),
            *self._errors(),
            *self._webhooks(),
            "</body></html>",
        ]
        return "\n".join(parts)

    def _navigation(self) -> Iterator[str]:
        yield "<nav>"
        for method, path, operation in self._operations:
            yield f'<a href="#{operation["operationId"]}">{_method(method)} {_text(path)}</a>'
        yield '<a href="#errors">Errors</a><a href="#webhooks">Webhooks</a></nav>'

    def _conventions(self) -> Iterator[str]:
        """What goes along with requests and answers."""
        yield '<h2 id="headers">Headers</h2>'
        key = self._components["securitySchemes"]["appKey"]
        language = self._components["parameters"]["AcceptLanguage"]
        rows = [
            ("app-key", "request", key["description"]),
            ("Content-Type", "request", "`application/json`, or none."),
            (language["name"], "request", language["description"]),
            *((name, "answer", header["description"]) for name, header in self._components["headers"].items()),
        ]
        yield _table(("header", "of the", ""), ((_code(name), where, _marked(text)) for name, where, text in rows))

    # ---- endpoints ----

    def _operation(self, method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
        yield f'<h3 id="{operation["operationId"]}">{_method(method)} {_code(path)}</h3>'
        yield f"<p><b>{_text(operation['summary'])}.</b> {_marked(operation['description'])}</p>"
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        examples = {} if body is None else {name: row["value"] for name, row in body["examples"].items()}
        yield _pre(self._curl(method, path, operation, next(iter(examples.values()), None)))
        if body is not None:
            yield "<h4>Body</h4>"
            yield _table(("field", "type", "", ""), self._body_fields(body["schema"]))
            for name, value in examples.items():
                yield _details(f"Example: {name}", _json(value))
        yield "<h4>Answers</h4>"
        yield _table(("status", "", "headers"), self._answers(operation["responses"]))
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                media = answer["content"]["application/json"]
                yield _details(f"{status}: example", _json(media["example"]))
                yield _details(f"{status}: fields", _table(("field", "type", "", ""), self._fields(media["schema"])))

    def _curl(self, method: str, path: str, operation: dict[str, Any], body: object) -> str:
        url = f"$BASE_URL{BASE_PATH}{path.replace('{message_id}', '$MESSAGE_ID')}"
        lines = [f'curl {"" if method == "GET" else f"-X {method} "}"{url}"']
        if "security" not in operation:
            lines.append('  -H "app-key: $APP_KEY"')
        if body is not None:
            lines += ["  -H 'Content-Type: application/json'", f"  -d '{json.dumps(body)}'"]
        return " \\\n".join(lines)

    def _answers(self, responses: dict[str, Any]) -> Iterator[tuple[str, ...]]:
        for status, answer in responses.items():
            text = _marked(answer["description"])
            for code in CATALOGUE:
                text = text.replace(f"{code} ", f'<a href="#e{code}">{code}</a> ').replace(
                    f"{code}: ", f'<a href="#e{code}">{code}</a>: '
                )
            yield status, text, ", ".join(_code(name) for name in answer.get("headers", {}))

    # ---- errors and webhooks ----

    def _errors(self) -> Iterator[str]:
        yield '<h2 id="errors">Errors</h2>'
        yield _table(("field", "type", "", ""), self._fields({"$ref": "#/components/schemas/Error"}))
        yield _details("Example", _json(error_example("1104")))
        yield "<h4>Codes</h4>"
        yield _table(
            ("code", "symbol", "HTTP", "retryable", "message", ""),
            (
                (
                    f'<span id="e{row.code}">{row.code}</span>',
                    _text(row.symbol),
                    str(row.status),
                    f"after {row.retry_after} s" if row.retryable else "no",
                    f'{_text(row.text.en)}<br><span class="dim" lang="fr">{_text(row.text.fr)}</span>',
                    _details("example", _json(error_example(row.code))) if row.code in MISTAKES else "",
                )
                for row in CATALOGUE.values()
            ),
        )

    def _webhooks(self) -> Iterator[str]:
        webhooks = self._described["webhooks"]
        first = next(iter(webhooks.values()))["post"]
        yield f'<h2 id="webhooks">Webhooks</h2><p>{_marked(first["description"])}</p>'
        yield f"<p>{_text(self._components['securitySchemes']['webhookBasic']['description'])} "
        yield "<code>Authorization: Basic</code> goes along.</p>"
        if "parameters" in first:
            rows = [(_code(row["name"]), _marked(row["description"])) for row in first["parameters"]]
            yield _table(("header", ""), rows)
        answers = ((status, _marked(row["description"])) for status, row in first["responses"].items())
        yield _table(("your answer", ""), answers)
        for event, methods in webhooks.items():
            media = methods["post"]["requestBody"]["content"]["application/json"]
            yield f"<h3>{_code(event)}</h3><p>{_marked(methods['post']['summary'])}</p>"
            yield _pre(_plain(media["example"]))
            yield _details("fields", _table(("field", "type", "", ""), self._fields(media["schema"])))

    # ---- schemas ----

    def _body_fields(self, schema: dict[str, Any]) -> list[tuple[str, ...]]:
        """The fields of all kinds of a request in one table: each as the kind has it that takes it."""
        found: dict[str, tuple[str, ...]] = {}
        for kind in self._resolve(schema)["oneOf"]:
            for name, types, need, text in self._fields(kind):
                before = found.get(name)
                if before is None:
                    found[name] = name, types, need, text
                elif before[1] == "null":
                    found[name] = name, types, before[3], text
                elif types not in ("null", before[1]):
                    found[name] = name, f"{before[1]} {types}", before[2], f"{before[3]} {text}"
        return list(found.values())

    def _fields(self, schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, ...]]:
        """(name, type, required, text) of each field, those of nested objects included."""
        schema = self._resolve(schema)
        required = schema.get("required", ())
        for name, given in schema.get("properties", {}).items():
            inner = self._resolve(given)
            text = given.get("description") or inner.get("description", "")
            yield _code(prefix + name), self._type(inner), "required" if name in required else "", _marked(text)
            if "properties" in inner:
                yield from self._fields(inner, f"{prefix}{name}.")
            elif "properties" in (items := self._resolve(inner.get("items", {}))):
                yield from self._fields(items, f"{prefix}{name}[].")

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            found: dict[str, Any] = self._components["schemas"][schema["$ref"].rpartition("/")[2]]
            return found
        return schema

    def _type(self, schema: dict[str, Any]) -> str:
        if "const" in schema:
            return _code(json.dumps(schema["const"]))
        if "enum" in schema:
            return " ".join(_code(json.dumps(value)) for value in schema["enum"])
        kind = schema.get("type", "object")
        kinds = [kind] if isinstance(kind, str) else kind
        text = " or ".join(kinds)
        if "array" in kinds and "items" in schema:
            items = self._resolve(schema["items"])
            text = text.replace("array", f"array of {items.get('type', 'object')}")
            if "pattern" in items:
                text += " " + _code(items["pattern"])
        limits = ("minItems", "maxItems"), ("minLength", "maxLength")
        for least, most in limits:
            if most in schema:
                text += f", {schema[least]} to {schema[most]}"
        if schema.get("minimum"):
            text += f", from {schema['minimum']}"
        if "pattern" in schema and "format" not in schema:
            text += " " + _code(schema["pattern"])
        elif "format" in schema:
            text += f", {schema['format']}"
        return text


# ---- pieces of HTML ----


def _text(text: object) -> str:
    return escape(str(text))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _marked(text: str) -> str:
    """Escaped, with `code` in backquotes."""
    parts = text.split("`")
    return "".join(_code(part) if number % 2 else escape(part) for number, part in enumerate(parts))


def _method(method: str) -> str:
    return f'<span class="method {quote(method)}">{method}</span>'


def _plain(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _json(value: object) -> str:
    return _pre(_plain(value))


def _pre(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _details(summary: str, inner: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{inner}</details>"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
