"""What is kept between runs: the ledger, and the answers of last time."""

from collections.abc import Mapping

from wizard import places
from wizard.apply.runs import PRIVATE_FILE, ensure_folder
from wizard.ask.answers import read_answers
from wizard.ask.question import Answer
from wizard.machine.machine import FileState, Look, Machine
from wizard.plan.ledger import Ledger, read_ledger
from wizard.plan.profile import Profile
from wizard.problem import BadInput


def kept_ledger(look: Look) -> Ledger:
    """The ledger, empty on a machine that the wizard never changed; raises Trouble when it is damaged."""
    state = look.file(places.LEDGER)
    return read_ledger(state.content) if state is not None else Ledger()


def keep_ledger(machine: Machine, ledger: Ledger) -> None:
    """Writes the ledger."""
    ensure_folder(machine, places.STATE)
    machine.write_file(places.LEDGER, FileState(content=ledger.render(), mode=PRIVATE_FILE))


def kept_answers(look: Look, profiles: Mapping[str, Profile]) -> tuple[str, Mapping[str, Answer]]:
    """The profile and answers of last time; none where there are none, or where they no longer fit the questions."""
    state = look.file(places.ANSWERS)
    if state is None:
        return "", {}
    try:
        return read_answers(state.content.decode("utf-8", "replace"), profiles)
    except BadInput:
        return "", {}


def keep_answers(machine: Machine, text: str) -> None:
    """Writes the answers for next time; secrets are not among them."""
    ensure_folder(machine, places.STATE)
    machine.write_file(places.ANSWERS, FileState(content=text.encode(), mode=PRIVATE_FILE))
