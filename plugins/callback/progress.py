"""Show that a long task advances: its name, and for how long it has been running."""

from __future__ import annotations

DOCUMENTATION = """
name: progress
type: aggregate
short_description: Tell that a long task is still running
description:
  - Prints the name of a task that takes long, and the seconds since it started, at regular times.
options:
  interval:
    description: Seconds between two lines; 0 prints none.
    type: int
    default: 20
    env: [{name: STORAGE_PROGRESS_SECONDS}]
"""

import threading
import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display=None):
        super().__init__(display)
        self._task = None
        self._since = self._due = 0.0
        self._interval = 0
        self._ended = threading.Event()

    def v2_playbook_on_start(self, playbook):
        self._interval = int(self.get_option("interval"))
        if self._interval > 0:
            threading.Thread(target=self._report, daemon=True).start()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._task, self._since = task, time.monotonic()
        self._due = self._since + self._interval

    def v2_playbook_on_stats(self, stats):
        self._ended.set()

    def _report(self):
        while not self._ended.wait(1):
            now = time.monotonic()
            if self._task is not None and now >= self._due:
                self._due = now + self._interval
                self._display.display(f"  … {self._task.get_name()}: running for {now - self._since:.0f} s")
