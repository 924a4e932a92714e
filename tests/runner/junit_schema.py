"""The JUnit XML format as Jenkins and its relatives read it (jenkinsci/xunit-plugin, junit-10.xsd), as a table:
element -> attributes (True: required) and children. Reading the schema itself would need a library for this alone."""

from xml.etree.ElementTree import Element

_TEXT = {"message": False, "type": False}

SCHEMA: dict[str, tuple[dict[str, bool], tuple[str, ...]]] = {
    "testsuites": (
        {"name": False, "time": False, "tests": False, "failures": False, "disabled": False, "errors": False},
        ("testsuite",),
    ),
    "testsuite": (
        {
            **{"name": True, "tests": True, "failures": False, "errors": False, "group": False, "time": False},
            **{"skipped": False, "timestamp": False, "hostname": False, "id": False, "package": False, "file": False},
        },
        ("testsuite", "properties", "testcase", "system-out", "system-err"),
    ),
    "testcase": (
        {"name": True, "assertions": False, "time": False, "timestamp": False, "classname": True, "status": False},
        ("skipped", "error", "failure", "system-out", "system-err"),
    ),
    "failure": (_TEXT, ()),
    "error": (_TEXT, ()),
    "skipped": (_TEXT, ()),
    "system-out": ({}, ()),
    "system-err": ({}, ()),
}

_NUMBERS = {"tests", "failures", "errors", "skipped"}


def problems(element: Element) -> list[str]:
    """All that the schema forbids in an element and what is in it."""
    attributes, children = SCHEMA[element.tag]
    found = [f"{element.tag} has no {name}" for name, needed in attributes.items() if needed and not element.get(name)]
    for name, value in element.attrib.items():
        if name not in attributes:
            found.append(f"{element.tag} has an attribute {name}")
        elif name in _NUMBERS and not value.isdigit():
            found.append(f"{element.tag}: {name} is {value}")
        elif name == "time":
            float(value)
    if children and (element.text or "").strip():
        found.append(f"{element.tag} has text")
    for child in element:
        found += problems(child) if child.tag in children else [f"{element.tag} has a {child.tag}"]
    return found
