"""Makes a conversation of the sample profile with typed lines, and keeps what it printed."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.line.sample import Here, Script, Typed, beginning, scripted
from wizard.command_line import Options, parse
from wizard.line.conversation import Conversation
from wizard.line.in_words import InWords
from wizard.line.plain_prompts import PlainPrompts
from wizard.line.printer import Printer
from wizard.line.stopping import Stopping
from wizard.report import Report
from wizard.session import Beginning

Hold = Callable[..., tuple[Report, str]]


@pytest.fixture
def hold() -> Hold:
    """Holds a plain conversation: typed lines and options in, the report and all that was printed out."""

    def held(
        typed: Sequence[str],
        *argv: str,
        script: Script | None = None,
        found: Beginning | None = None,
        root: bool = True,
        saved: list[str] | None = None,
        listen: bool = False,
    ) -> tuple[Report, str]:
        stream = io.StringIO()
        printer = Printer(stream)
        options: Options = parse([*argv])
        read = Typed(typed)
        stopping = Stopping(printer.sentence)
        if listen:
            stopping.listen()
        conversation = Conversation(
            machine=Here(root=root),  # type: ignore[arg-type]
            options=options,
            prompts=PlainPrompts(printer, read, read),
            printer=printer,
            voice=InWords(printer, printer),
            stopping=stopping,
            save_answers=(saved if saved is not None else []).append,
        )
        with scripted(script or Script()):
            known = found if found is not None else beginning()
            report = conversation.hold(replace(known, facts=replace(known.facts, is_root=root)))
            conversation.voice.report(report)
        return report, stream.getvalue()

    return held
