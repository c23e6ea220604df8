"""The one way through a module: check mode, diff, errors and secrets are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ansible.module_utils.basic import AnsibleModule

from .connection import parse
from .errors import RequestError, StorageError

if TYPE_CHECKING:
    from .client import Store

State = TypeVar("State")
Params = Mapping[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Step(Generic[State]):
    """One write. `verb` is what `apply` looks at, `sentence` what an operator reads, `after` the state it leads to."""

    verb: str
    sentence: str
    after: State | None


class Resource(Protocol[State]):
    """A kind of thing in the store. `None` is the state of a thing that does not exist."""

    noun: str

    def desired(self, params: Params) -> State | None:
        """Pure: what the options ask for."""

    def current(self, api: Store, params: Params) -> State | None:
        """Reads only."""

    def steps(self, current: State | None, desired: State | None) -> list[Step[State]]:
        """Pure: what leads from one to the other, in order. An option that was left out is not compared."""

    def apply(self, api: Store, step: Step[State], params: Params) -> None:
        """The only writer."""

    def show(self, state: State | None, params: Params) -> Result:
        """What is returned and compared in the diff. Never a secret."""


def fold(steps: Sequence[Step[State]], state: State | None) -> State | None:
    """The state that the steps would lead to."""
    return steps[-1].after if steps else state


def run(resource: Resource[State], spec: Mapping[str, Any]) -> None:
    """Bring one resource to its desired state."""
    module = _module(spec)

    def converge() -> Result:
        desired = resource.desired(module.params)
        api = connect(module.params, read_only=module.check_mode)
        before = resource.current(api, module.params)
        steps = resource.steps(before, desired)
        if module.check_mode:
            after = fold(steps, before)
        else:
            for step in steps:
                resource.apply(api, step, module.params)
            after = resource.current(api, module.params) if steps else before
        old, new = resource.show(before, module.params), resource.show(after, module.params)
        return {
            "changed": bool(steps),
            "actions": [step.sentence for step in steps],
            "diff": {"before": old, "after": new},
            resource.noun: new,
        }

    _finish(module, converge)


def report(noun: str, spec: Mapping[str, Any], answer: Callable[[Params], Result]) -> None:
    """Return what a pure function makes of the options."""
    module = _module(spec)
    _finish(module, lambda: {"changed": False, "actions": [], noun: answer(module.params)})


def report_on_store(noun: str, spec: Mapping[str, Any], answer: Callable[[Store, Params], Result]) -> None:
    """Return what can be said about the store. In check mode the store cannot be written to, not even for a moment."""
    module = _module(spec)

    def ask() -> Result:
        api = connect(module.params, read_only=module.check_mode)
        return {"changed": False, "actions": [], noun: answer(api, module.params)}

    _finish(module, ask)


def connect(params: Params, *, read_only: bool) -> Store:
    """The store that the options name. The SDK is looked for here, so that modules that need no store need no SDK."""
    try:
        from .client import MinioStore
    except ImportError as error:
        raise RequestError(
            f"The Python that runs this module lacks a package ({error}): run it on the controller, with the Python of"
            " the project's virtual environment",
            code="NoSDK",
        ) from error
    return MinioStore(parse(params), read_only=read_only)


def _module(spec: Mapping[str, Any]) -> AnsibleModule:
    return AnsibleModule(argument_spec=dict(spec), supports_check_mode=True)


def _finish(module: AnsibleModule, work: Callable[[], Result]) -> None:
    # Ansible masks the values of no_log options by itself. What sits inside a dictionary has to be named.
    module.no_log_values.update(hidden_values(module.params))
    try:
        result = work()
    except StorageError as error:
        details = {"code": error.code, "status": error.status, "request_id": error.request_id}
        module.fail_json(msg=error.message, error=details, **error.result)
    module.exit_json(**result)


SECRET_WORDS = ("password", "secret", "token", "private")


def is_secret(name: str) -> bool:
    """Whether the value under this name must never be shown."""
    return any(word in name.lower() for word in SECRET_WORDS)


def hidden_values(value: object) -> set[str]:
    """Values of all keys that name a secret, however deep."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if is_secret(str(key)) and isinstance(inner, str) and inner:
                found.add(inner)
            else:
                found |= hidden_values(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            found |= hidden_values(inner)
    return found
