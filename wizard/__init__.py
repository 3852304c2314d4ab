"""postwizard: sets up, changes and repairs a Postfix mail system, one previewed and reversible step at a time."""

__version__ = "0.1.0"
