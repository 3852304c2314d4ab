"""DNS records: what has to be in the zones, ready to copy, and what name servers answer."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from wizard import session
from wizard.preview_text import folded
from wizard.tui.background import in_background
from wizard.tui.plain import plain, shown
from wizard.tui.screens.list_and_detail import ListAndDetailScreen
from wizard.tui.screens.mail_tests import verdict_mark
from wizard.tui.screens.save_as import save_text
from wizard.tui.screens.wizard_screen import key
from wizard.tui.widgets.rows import Rows
from wizard.tui.widgets.words import Words
from wizard.words import _, ngettext

if TYPE_CHECKING:
    from wizard.check.dns_records import Compared, DnsReport
    from wizard.session import Session


class DnsScreen(ListAndDetailScreen):
    """All records in one text, then each with its verdict."""

    NAME: ClassVar[str] = _("DNS records")
    HELP: ClassVar[str] = _(
        "The first row has all records in the form of a zone file. Each row below is one of them, compared with what "
        "the servers of its zone and the resolver of this machine answer. c copies what the row wants, the first row "
        "all of it; whether your terminal takes it is for the terminal to say. w writes all of it to a file. Nothing "
        "is changed in the DNS: put the records in where your zone is kept, then look again with r. What could not be "
        "told is never called ok."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("c", "copy", _("Copy"), "c"),
        key("w", "save", _("Write to a file"), "w"),
        key("r,f5", "again", _("Look again"), "r"),
        key("escape", "back", _("Back"), "esc"),
    ]

    def __init__(self, conversation: "Session") -> None:
        super().__init__()
        self._conversation = conversation
        self._report: DnsReport | None = None

    def content(self) -> ComposeResult:
        """The list, and the record of the present row."""
        yield Words(id="dns-line", classes="headline")
        yield from self.columns()

    def on_mount(self) -> None:
        """Asks at once."""
        self.action_again()

    def action_again(self) -> None:
        """Asks the name servers, in a thread."""
        machine, conversation = self.walk.machine, self._conversation
        self._report, self.problem = None, ""
        self.show_walk()
        in_background(
            self.app, lambda: session.compare_names(conversation, machine), self._found, self.could_not, "dns"
        )

    def _found(self, report: "DnsReport | None") -> None:
        self._report = report
        if self.is_running:
            self.show_walk()

    def show_walk(self) -> None:
        """Shows what is known so far."""
        self.query_one("#dns-line", Words).say(self._headline())
        compared = self._report.compared if self._report is not None else ()
        whole = [plain(_("All records, to copy"), "bold")] if self._report is not None else []
        self.rows.show([*whole, *(_row(record) for record in compared)])
        self._show_present()

    def _headline(self) -> Content:
        if self.problem:
            return plain(self.problem, "$text-error")
        if self._report is None:
            return plain(_("Asking the name servers ..."))
        if failed := self._report.failed:
            words = ngettext("{count} record is missing or wrong", "{count} records are missing or wrong", failed)
            return plain(words.format(count=failed), "$text-error")
        from wizard.check.finding import Verdict

        if all(compared.verdict is Verdict.GOOD for compared in self._report.compared):
            return plain(_("All records are as they should be"), "$text-success")
        return plain(_("Nothing is wrong, but read what was found"), "$text-warning")

    @property
    def _present(self) -> "Compared | None":
        """The record of the present row; None on the first."""
        place = self.rows.place
        compared = self._report.compared if self._report is not None else ()
        return compared[place - 1] if 0 < place <= len(compared) else None

    def _show_present(self) -> None:
        present = self._present
        if self._report is None:
            self.say_detail("")
        elif present is None:
            lines = self._report.zone.splitlines()
            self.say_detail(Content("\n").join(self._folded(line) for line in lines))
        else:
            self.say_detail(self._words_of(present))

    def _words_of(self, compared: "Compared") -> Content:
        lines = [
            Content.assemble(verdict_mark(compared.verdict), plain(f"{compared.about} {compared.name}", "bold")),
            plain(shown(compared.what)),
        ]
        if compared.hint:
            lines.extend((Content(""), plain(_("hint: {text}").format(text=compared.hint))))
        for heading, texts in ((_("Wanted"), compared.wanted), (_("Found"), compared.seen)):
            if texts:
                lines.extend((Content(""), plain(heading, "bold $accent"), *(self._folded(text) for text in texts)))
        return Content("\n").join(lines)

    def _folded(self, line: str) -> Content:
        """A line of a zone file; what has no room goes on below, a little further in."""
        return plain("\n".join(folded(shown(line), self.detail_width, 4)), "$quiet" if line.startswith(";") else "")

    @on(Rows.Moved)
    def _moved(self) -> None:
        self._show_present()
        self.detail_home()

    def action_copy(self) -> None:
        """Copies what the present row wants, by the terminal (OSC 52)."""
        present = self._present
        text = "".join(f"{line}\n" for line in present.wanted) if present is not None else self._zone
        if text:
            self.app.copy_to_clipboard(text)
            self.app.notify(_("Copied, if your terminal allows it; w writes a file."))

    def action_save(self) -> None:
        """Writes all records to a file."""
        if self._zone:
            save_text(self.wizard, self.walk.machine, "/root/postwizard-dns.zone", self._zone)

    @property
    def _zone(self) -> str:
        return self._report.zone if self._report is not None else ""


def _row(compared: "Compared") -> Content:
    return Content.assemble(verdict_mark(compared.verdict), plain(f"{compared.about}  {compared.name}"))
