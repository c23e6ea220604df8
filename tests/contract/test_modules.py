"""What every module keeps: documentation that is true, no logic, no secret in sight, and a proof."""

import ast
import importlib

import pytest
import yaml

from plugins.module_utils.storage_server.connection import CONNECTION
from tests.harness import ROOT

MODULES = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
LOGIC = sorted((ROOT / "module_utils/storage_server").glob("*.py"))
CODE = [*sorted((ROOT / "library").glob("*.py")), *LOGIC]
MODULE_LINES, FILE_LINES, FUNCTION_LINES = 40, 300, 40


def module(name):
    return importlib.import_module(f"plugins.modules.{name}")


def documentation(name):
    return yaml.safe_load(module(name).DOCUMENTATION)


def described(options):
    """Options as the documentation has them, in the words of a spec."""
    plain = {}
    for name, option in (options or {}).items():
        plain[name] = {
            key: option[key] for key in ("type", "elements", "required", "default", "choices") if key in option
        }
        if "suboptions" in option:
            plain[name]["options"] = described(option["suboptions"])
    return plain


def declared(spec):
    """The same of a spec; what is said of secrets and of the environment is not part of it."""
    plain = {}
    for name, option in spec.items():
        plain[name] = {key: value for key, value in option.items() if key not in ("no_log", "fallback", "options")}
        if "options" in option:
            plain[name]["options"] = declared(option["options"])
    return plain


def every_option(spec):
    for name, option in spec.items():
        yield name, option
        yield from every_option(option.get("options", {}))


def names_in_code(path):
    """Names, attributes and arguments, without what is said in strings and comments."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("name", MODULES)
def test_the_documentation_is_the_spec(name):
    assert described(documentation(name)["options"]) == declared(module(name).SPEC)


@pytest.mark.parametrize("name", MODULES)
def test_the_documentation_is_complete(name):
    doc = documentation(name)
    assert doc["module"] == name
    assert {"check_mode", "diff_mode", "idempotent"} <= set(doc["attributes"])
    for option, entry in every_option(
        {k: {**v, "options": v.get("suboptions", {})} for k, v in doc["options"].items()}
    ):
        assert entry["description"], option
    returned = yaml.safe_load(module(name).RETURN)
    assert all(entry["description"] and entry["returned"] and entry["type"] for entry in returned.values())


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_accepted(name):
    options = set(module(name).SPEC)
    examples = [task[name] for task in yaml.safe_load(module(name).EXAMPLES) if name in task]
    assert examples
    for example in examples:
        assert set(example) <= options


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_no_logic(name):
    source = (ROOT / "library" / f"{name}.py").read_text()
    for text in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
        source = source.replace(getattr(module(name), text), "")
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= MODULE_LINES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_proved(name):
    assert (ROOT / f"tests/integration/test_{name}.py").is_file()


@pytest.mark.parametrize("name", MODULES)
def test_secrets_are_not_logged(name):
    for option, entry in every_option(module(name).SPEC):
        # What is chosen of a list that everybody can read is no secret.
        if any(word in option for word in ("secret", "password", "digest")) and "choices" not in entry:
            assert entry.get("no_log") is True, option


def test_the_connection_is_the_same_everywhere():
    connections = [
        {option: doc["options"][option] for option in CONNECTION}
        for doc in map(documentation, MODULES)
        if "endpoint" in doc["options"]
    ]
    assert len(connections) > 1
    assert all(connection == connections[0] for connection in connections)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_who_may_do_what(path):
    names = set(names_in_code(path))
    if not path.name.startswith("client"):
        assert not {"minio", "urllib3", "boto3"} & set(imports_of(path))
    if path.name != "runner.py":
        assert not {"exit_json", "fail_json", "check_mode"} & names


@pytest.mark.parametrize("path", LOGIC, ids=lambda path: path.stem)
def test_files_and_functions_stay_small(path):
    source = path.read_text()
    assert len(source.splitlines()) <= FILE_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name
