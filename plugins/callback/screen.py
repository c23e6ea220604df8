"""Print what a playbook says, and nothing of how it found out: for `make status` and `make env`."""

from __future__ import annotations

DOCUMENTATION = """
name: screen
type: stdout
short_description: Print messages and failures only
description:
  - Prints the text of debug tasks, and the message of a task that failed; nothing else.
"""

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "screen"

    def v2_runner_on_ok(self, result):
        if result.task.action in ("debug", "ansible.builtin.debug"):
            message = result.result.get("msg", "")
            for line in message if isinstance(message, list) else [message]:
                self._display.display(str(line))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            self._display.display(f"{result.host.get_name()}: {result.result.get('msg', 'failed')}", stderr=True)

    def v2_runner_on_unreachable(self, result):
        self._display.display(f"{result.host.get_name()}: {result.result.get('msg', 'unreachable')}", stderr=True)
