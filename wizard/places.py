"""Every path of our own: where the state of the wizard is kept, and where its own data files lie."""

from pathlib import Path, PurePosixPath

# FHS 3.0, 5.8: state that persists between runs. Mode 0700: snapshots hold copies of files with secrets.
STATE = PurePosixPath("/var/lib/postwizard")
RUNS = STATE / "runs"
LEDGER = STATE / "ledger.json"
ANSWERS = STATE / "answers.toml"
# Mail that was taken out of the mail store; below STATE, so that only root can enter it.
MAIL_ARCHIVES = STATE / "archived-mail"
# FHS 3.0, 3.15: gone after a boot, as a lock must be.
RUNTIME = PurePosixPath("/run/postwizard")
LOCK = RUNTIME / "lock"
STAGE = RUNTIME / "stage"

TEMPLATES = Path(__file__).parent.parent / "templates"
# A freshly installed Arch without Postfix, for a machine in memory where there is none to copy.
FRESH_ARCH = Path(__file__).parent / "machine" / "fresh_arch.json"
