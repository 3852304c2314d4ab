"""A test send while it happens: its machine, its clock, the stages told so far, and the first that failed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from wizard.check.finding import Finding, LeftMail, Stage, Verdict
from wizard.check.known_failures import Explanation, explain
from wizard.check.log_reader import MailLog, open_log
from wizard.check.mail_log import LogLine
from wizard.check.mailbox import Place, is_there, places_for
from wizard.check.marker import new_marker
from wizard.check.postfix_settings import settings_of
from wizard.check.waiting import Watch
from wizard.machine.machine import Machine
from wizard.problem import Trouble
from wizard.words import _

TellStage = Callable[[Stage], None]


@dataclass
class Send:
    """All that the stages of one test send share; `marker` is the Message-ID of its mail."""

    machine: Machine
    tell: TellStage
    watch: Watch
    settings: Mapping[str, str]
    log: MailLog
    marker: str
    stages: list[Stage] = field(default_factory=list)
    failed: Stage | None = None
    places: tuple[Place, ...] = ()
    places_before: frozenset[Place] = frozenset()
    missing_above: tuple[PurePosixPath, ...] = ()
    left: list[LeftMail] = field(default_factory=list)
    last_lines: tuple[LogLine, ...] = ()

    def stage(self, name: str, verdict: Verdict, what: str = "", lines: Iterable[object] = (), hint: str = "") -> Stage:
        """Tells a stage; the first that is bad, or that could not be told, is kept as the one that failed."""
        told = Stage(name, verdict, self.watch.seconds, tuple(str(line) for line in lines), what, hint)
        self.stages.append(told)
        worse = self.failed is not None and self.failed.verdict is Verdict.UNKNOWN and verdict is Verdict.BAD
        if worse or (self.failed is None and verdict in {Verdict.BAD, Verdict.UNKNOWN}):
            self.failed = told
        self.tell(told)
        return told

    @property
    def arrived(self) -> Stage | None:
        """The stage in which the mail was seen, or handed to what shows nothing; None when any stage was bad."""
        if any(stage.verdict is Verdict.BAD for stage in self.stages):
            return None
        seen = {Verdict.GOOD, Verdict.DOUBTFUL}
        return next((stage for stage in self.stages if stage.name == "mailbox" and stage.verdict in seen), None)

    @property
    def failed_words(self) -> str:
        """What the first stage that failed says, and an empty text where none did."""
        return self.failed.what if self.failed is not None else ""

    def good(self, name: str, what: str = "", lines: Iterable[object] = ()) -> Stage:
        """Tells a stage that went well."""
        return self.stage(name, Verdict.GOOD, what, lines)

    def bad(self, name: str, what: str, words: Iterable[str], lines: Iterable[object] = (), hint: str = "") -> Stage:
        """Tells a stage that failed; where `words` are those of a known failure, its meaning comes with it."""
        known = explain(words)
        if known is None:
            return self.stage(name, Verdict.BAD, what, lines, hint or self.look_yourself)
        return self.stage(name, Verdict.BAD, f"{what} {known.what}", lines, known.hint)

    @property
    def look_yourself(self) -> str:
        """The hint when nothing better is known."""
        return _("Look into the log: {place}").format(place=self.log.place)

    def log_lines(self) -> tuple[LogLine, ...]:
        """What Postfix logged since the send began."""
        self.last_lines = self.log.lines()
        return self.last_lines

    def complaints(self, *programs: str) -> tuple[LogLine, ...]:
        """The complaints that these programs logged since the send began, all programs when none is named."""
        return tuple(line for line in self.log_lines() if line.complains and (not programs or line.program in programs))

    def wait_for_complaints(self, *programs: str, patience: float = 2.0) -> tuple[LogLine, ...]:
        """The complaints that explain a refusal, waited for a little, since the log may come after the reply."""

        def look() -> bool | None:
            told = any(line.program in programs and "reject: " in line.message for line in self.log_lines())
            return True if told or self.complaints(*programs) else None

        self.watch.until(look, min(patience, self.watch.patience))
        return self.complaints(*programs)

    def finding_of_failure(self, about: str) -> Finding:
        """The finding that names the first stage that failed; `about` says which send it was."""
        if self.failed is None:
            return Finding(Verdict.UNKNOWN, about, hint=self.look_yourself, left=tuple(self.left))
        what = _("{about} The first stage that failed is “{stage}”: {what}").format(
            about=about, stage=self.failed.name, what=self.failed.what
        )
        evidence = "\n".join(self.failed.lines)
        return Finding(self.failed.verdict, what, evidence, self.failed.hint, left=tuple(self.left))


def begin_send(machine: Machine, tell: TellStage, patience: float) -> Send:
    """Opens the log before anything is sent, and looks which mailboxes are there. Raises Trouble."""
    watch = Watch(patience)
    settings = settings_of(machine.output_of)
    log = open_log(machine, settings, watch.began_at)
    send = Send(machine, tell, watch, settings, log, new_marker(settings["myhostname"]))
    try:
        send.places = places_for(machine, "root", settings)
        send.places_before = frozenset(place for place in send.places if is_there(machine, place))
    except Trouble:
        pass  # an alias table that cannot be read fails in the stage that needs it, with the words of Postfix
    return send


def postfix_runs(send: Send) -> bool:
    """Tells whether the mail system runs at all (postfix(1): status); mail sent to a stopped one waits unseen."""
    status = send.machine.output_of("postfix", "status")
    if status.ok:
        send.good("master", _("Postfix runs."))
        return True
    unit = send.machine.unit("postfix.service")
    lines = (
        *filter(None, status.error_text.splitlines()),
        f"postfix.service: {unit.active_state} ({unit.sub_state}), {unit.result}".rstrip(", "),
    )
    known = explain(str(line) for line in send.complaints("master", "postfix-script")) or _not_running()
    send.stage("master", Verdict.BAD, known.what, lines, known.hint)
    return False


def _not_running() -> Explanation:
    return Explanation(
        "not_running",
        _("Postfix does not run."),
        _("Start it with `systemctl start postfix`; if it ends again, `journalctl -u postfix` says why."),
    )
