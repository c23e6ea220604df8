"""Load that remembers what it was told, and checks it afterwards: `python -m tests.load --help`."""
