"""Test sends: each test mail as a story, stage by stage, with what was said and when."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from wizard.in_words import verdict_in_words
from wizard.tui import commands
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.wizard_screen import key
from wizard.tui.verdict_colours import verdict_class
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from wizard.check.finding import Finding, Stage, Verdict


@dataclass(frozen=True)
class Heading:
    """A line above what belongs together: a test mail by the key of its probe, or the findings."""

    probe: str | None
    words: str


Entry: TypeAlias = "Heading | Stage | Finding"


class MailTestsScreen(ListAndDetailScreen):
    """The test mails on their way, then what was found."""

    LEG: ClassVar[Leg | None] = Leg.TEST
    HELP: ClassVar[str] = _(
        "Real test mails are sent and followed: the conversation with the mail server, the queue, the delivery, and "
        "the file in the mailbox. Each stage has a verdict in words; beside or below stands what was said, with the "
        "time in seconds since the mail was sent. The findings come last, and are gone to when all is over. Something "
        "that could not be told is never called ok."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "report", _("Report"), "enter"),
        key("r", "again", _("Send again"), "r"),
        key("escape", "back", _("To the start"), "esc"),
    ]

    def __init__(self, *, begins: bool = True) -> None:
        super().__init__()
        self._begins = begins
        self._follows = True

    def content(self) -> ComposeResult:
        """The stages and findings, and what was said in one of them."""
        yield Words(id="tests-line", classes="headline")
        yield from self.columns()

    def on_mount(self) -> None:
        """Sends at once."""
        if self._begins:
            self.walk.send_tests()

    def show_walk(self) -> None:
        """Shows the stages so far, and the findings once they are there."""
        entries = self._entries()
        self.rows.show([_row(entry) for entry in entries])
        if self._follows:
            self.rows.go_to(self._place_to_look_at(entries), top=not self.walk.is_testing)
        self.query_one("#tests-line", Words).say(self._headline())
        self._show_detail()

    def _entries(self) -> "list[Entry]":
        """The stages below the mail they belong to, then the findings."""
        entries: list[Entry] = []
        last_probe = None
        for probe, stage in self.walk.stages:
            if probe != last_probe:
                entries.append(Heading(probe, self._probe_title(probe)))
                last_probe = probe
            entries.append(stage)
        if self.walk.findings:
            entries.extend((Heading(None, _("What was found")), *self.walk.findings))
        return entries

    def _place_to_look_at(self, entries: "list[Entry]") -> int:
        """The first stage that failed; else the newest one or, when all is over, the first finding that is not good."""
        from wizard.check.finding import Finding, Stage, Verdict

        failed = (place for place, entry in enumerate(entries) if _is(entry, Stage, {Verdict.BAD}))
        unwell = (place for place, entry in enumerate(entries) if _is(entry, Finding, {*Verdict} - {Verdict.GOOD}))
        found = (place for place, entry in enumerate(entries) if isinstance(entry, Finding))
        places = [*failed, *unwell, *found]
        return places[0] if places else len(entries) - 1

    def _headline(self) -> Content:
        from wizard.check.finding import Verdict

        if self.walk.is_testing:
            return plain(_("Sending test mails ..."))
        if self.walk.findings is None:
            return plain(_("The tests could not be made"), "$text-error")
        bad = sum(finding.verdict is Verdict.BAD for finding in self.walk.findings)
        if bad:
            words = ngettext("{count} test failed", "{count} tests failed", bad).format(count=bad)
            return plain(words, "$text-error")
        if all(finding.verdict is Verdict.GOOD for finding in self.walk.findings):
            return plain(_("All is well"), "$text-success")
        return plain(_("Nothing failed, but read what was found"), "$text-warning")

    def _probe_title(self, probe_key: str) -> str:
        conversation = self.walk.conversation
        probes = conversation.profile.probes if conversation is not None else ()
        return next((probe.title for probe in probes if probe.key == probe_key), probe_key)

    def _show_detail(self) -> None:
        entries = self._entries()
        place = self.rows.place
        if place < len(entries):
            self.say_detail(self._words_of(entries[place]))
        elif self.walk.problem is not None:
            problem = self.walk.problem
            self.say_detail(plain(problem.what + (f"\n\nhint: {problem.hint}" if problem.hint else "")))
        else:
            self.say_detail(plain(_("Waiting for the first answer ..."), "$quiet"))

    def _words_of(self, entry: "Entry") -> Content:
        from wizard.check.finding import Finding, Stage

        match entry:
            case Stage():
                return _stage_words(entry)
            case Finding():
                return finding_words(entry)
            case Heading():
                told = [stage for probe, stage in self.walk.stages if probe == entry.probe]
                lines = [Content.assemble(verdict_mark(stage.verdict), plain(_in_short(stage))) for stage in told]
                lines.extend(finding_row(finding) for finding in self.walk.findings or () if entry.probe is None)
                return Content("\n").join((plain(entry.words, "bold"), Content(""), *lines))

    @on(Rows.Moved)
    def _moved(self) -> None:
        self._follows = False
        self._show_detail()
        self.detail_home()

    @on(Rows.Taken)
    def action_report(self) -> None:
        """The report, once the tests are over."""
        if self.walk.is_testing:
            self.wizard.say_testing()
        else:
            commands.to_report(self.wizard)

    def action_again(self) -> None:
        """Sends everything once more."""
        if not self.walk.is_testing:
            self._follows = True
            self.walk.send_tests()
            self.show_walk()

    def action_back(self) -> None:
        """To the first screen."""
        if self.walk.is_testing:
            self.action_report()
        else:
            commands.to_start(self.wizard)


def verdict_mark(verdict: "Verdict") -> Content:
    """The verdict in brackets."""
    return plain(f"[{verdict_in_words(verdict)}] ", verdict_class(verdict))


def finding_row(finding: "Finding") -> Content:
    """A finding as a line of a list."""
    return Content.assemble(verdict_mark(finding.verdict), plain(finding.what))


def finding_words(finding: "Finding") -> Content:
    """A finding with what was seen and what to do."""
    parts = [verdict_mark(finding.verdict), plain(finding.what, "bold")]
    if finding.evidence:
        parts.append(plain(f"\n\n{finding.evidence}"))
    if finding.hint:
        parts.append(plain(f"\n\nhint: {finding.hint}"))
    return Content.assemble(*parts)


def _in_short(stage: "Stage") -> str:
    return f"{stage.name}: {stage.what}" if stage.what else stage.name


def _is(entry: "Entry", kind: "type[Stage | Finding]", verdicts: "set[Verdict]") -> bool:
    return isinstance(entry, kind) and entry.verdict in verdicts


def _row(entry: "Entry") -> Content:
    """A line of the list; stages stand a little to the right, below their mail."""
    from wizard.check.finding import Finding, Stage

    match entry:
        case Stage():
            mark, seconds = verdict_mark(entry.verdict), plain(f"  {entry.seconds:.2f} s", "$quiet")
            return Content.assemble("  ", mark, plain(entry.name), seconds)
        case Finding():
            return finding_row(entry)
        case Heading():
            return plain(entry.words, "bold")


def _stage_words(stage: "Stage") -> Content:
    """What came of the stage, then what was said in it."""
    parts = [plain(stage.name, "bold"), Content("\n")]
    parts.extend((verdict_mark(stage.verdict), plain(stage.what)) if stage.what else ())
    if stage.hint:
        parts.append(plain(f"\nhint: {stage.hint}"))
    parts.append(Content("\n"))
    parts.extend(Content.assemble("\n", _dialogue(line)) for line in stage.lines)
    return Content.assemble(*parts)


def _dialogue(line: str) -> Content:
    """What we sent and what was answered look different, beside their own marks."""
    stripped = line.lstrip("0123456789. s")
    if stripped.startswith((">", "C:", "->")):
        return plain(line, "$text-primary")
    return plain(line)
