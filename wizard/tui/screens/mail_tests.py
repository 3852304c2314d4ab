"""Test sends: each test mail as a story, stage by stage, with what was said and when."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from wizard.tui import commands
from wizard.tui.in_words import verdict_class, verdict_in_words
from wizard.tui.journey import Leg
from wizard.tui.plain import plain
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from wizard.check.finding import Finding, Stage, Verdict


class MailTestsScreen(ListAndDetailScreen):
    """The test mails on their way, then what was found."""

    LEG: ClassVar[Leg | None] = Leg.TEST
    HELP: ClassVar[str] = _(
        "Real test mails are sent and followed: the conversation with the mail server, the queue, the delivery, and "
        "the file in the mailbox. Each stage has a verdict in words; beside or below stands what was said, with the "
        "time in seconds since the mail was sent. The findings come last. Something that could not be told is never "
        "called ok."
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
        rows = self.rows
        rows.show([*map(self._stage_row, self.walk.stages), *map(finding_row, self.walk.findings or ())])
        if self._follows:
            rows.go_to(self._place_to_look_at())
        self.query_one("#tests-line", Words).say(self._headline())
        self._show_detail()

    def _place_to_look_at(self) -> int:
        """The first thing that is not good, or the newest stage."""
        from wizard.check.finding import Verdict

        for place, (_probe, stage) in enumerate(self.walk.stages):
            if stage.verdict is Verdict.BAD:
                return place
        return max(0, len(self.walk.stages) - 1)

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

    def _stage_row(self, told: "tuple[str, Stage]") -> Content:
        _probe, stage = told
        return Content.assemble(
            verdict_mark(stage.verdict), plain(stage.name), plain(f"  {stage.seconds:.2f} s", "$quiet")
        )

    def _show_detail(self) -> None:
        stages, findings = self.walk.stages, self.walk.findings or ()
        place = self.rows.place
        if place < len(stages):
            probe, stage = stages[place]
            self.say_detail(_stage_words(self._probe_title(probe), stage))
        elif place - len(stages) < len(findings):
            self.say_detail(finding_words(findings[place - len(stages)]))
        elif self.walk.problem is not None:
            problem = self.walk.problem
            self.say_detail(plain(problem.what + (f"\n\nhint: {problem.hint}" if problem.hint else "")))
        else:
            self.say_detail(plain(_("Waiting for the first answer ..."), "$quiet"))

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


def _stage_words(title: str, stage: "Stage") -> Content:
    parts = [plain(title, "$quiet"), Content("\n"), plain(stage.name, "bold"), Content("\n\n")]
    for line in stage.lines:
        parts.extend((_dialogue(line), Content("\n")))
    if stage.what:
        parts.extend((Content("\n" if stage.lines else ""), verdict_mark(stage.verdict), plain(stage.what)))
    if stage.hint:
        parts.append(plain(f"\n\nhint: {stage.hint}"))
    return Content.assemble(*parts)


def _dialogue(line: str) -> Content:
    """What we sent and what was answered look different, beside their own marks."""
    stripped = line.lstrip("0123456789. s")
    if stripped.startswith((">", "C:", "->")):
        return plain(line, "$text-primary")
    return plain(line)
