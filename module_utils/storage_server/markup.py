"""XML as the server reads and writes it. Pure."""

from __future__ import annotations

from xml.etree import ElementTree


def parsed(content: bytes) -> ElementTree.Element:
    """Without namespaces: the server writes some files with and some without."""
    root = ElementTree.fromstring(content)  # noqa: S314 - the server's own, and it is trusted with much more
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def text(element: ElementTree.Element, path: str) -> str | None:
    return element.findtext(path)


def said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def add(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text or None
    return element
