"""The pictures of the README, made by the program itself: `python -m wizard.tui.pictures FOLDER`.

The machine is pretended and described in JSON; what a clock or a mail server would add is fixed, so that the same
program makes the same pictures.
"""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Mapping

from textual.pilot import Pilot

from wizard import places
from wizard.apply.events import Ending, Event, RunBegan, RunEnded, StepDone, StepSaid, StepStarted
from wizard.apply.execute import Outcome
from wizard.check.finding import Finding, Stage, Verdict
from wizard.machine.pretend_machine import PretendMachine
from wizard.plan.make_plan import Plan
from wizard.tui import commands
from wizard.tui.app import WizardApp
from wizard.tui.screens.apply import ApplyScreen
from wizard.tui.screens.mail_tests import MailTestsScreen
from wizard.tui.screens.preview import PreviewScreen
from wizard.tui.story import RunStory
from wizard.words import _

SIZE = (100, 30)
RUN_ID = "20260131T093000Z"
MACHINE = places.FRESH_ARCH
MAILBOX = "/var/spool/mail/admin"


async def take_pictures(machine_json: str) -> Mapping[str, str]:
    """The pictures by name, as SVG."""
    app = WizardApp(PretendMachine.from_json(machine_json), reduced=False)
    pictures: dict[str, str] = {}
    async with app.run_test(size=SIZE) as pilot:
        app.theme = "postwizard-dark"
        await _until(pilot, lambda: app.walk.beginning is not None)
        pictures["choose"] = await _picture(pilot)
        await pilot.press("enter")
        await _until(pilot, lambda: bool(app.screen.query("QuestionField.-current")))
        pictures["ask"] = await _picture(pilot)
        await pilot.press("f4")
        await _until(pilot, lambda: isinstance(app.screen, PreviewScreen) and app.walk.plan is not None)
        plan = app.walk.plan
        if plan is None:
            return pictures
        await _show_step_with_a_diff(pilot, plan)
        pictures["preview"] = await _picture(pilot)
        pictures["apply"] = await _apply(pilot, app, plan)
        pictures["tests"] = await _tests(pilot, app)
        commands.to_report(app)
        pictures["report"] = await _picture(pilot)
    return pictures


async def _show_step_with_a_diff(pilot: Pilot[int], plan: Plan) -> None:
    """Goes to the step that changes main.cf, down to its diff."""
    wanted = (place for place, step in enumerate(plan.steps) if "main.cf" in step.step.title)
    for _turn in range(next(wanted, 0)):
        await pilot.press("down")
    # Only what is laid out can be scrolled.
    await _picture(pilot)
    await pilot.press("pagedown")


async def _apply(pilot: Pilot[int], app: WizardApp, plan: Plan) -> str:
    """A run in the middle: told by hand, because a pretended machine is too fast to look at."""
    titles = tuple(planned.step.title for planned in plan.steps)
    now = min(3, len(titles))
    events: list[Event] = [RunBegan(RUN_ID, titles)]
    for number in range(1, now + 1):
        events.append(StepStarted(number, titles[number - 1]))
        if number < now:
            events.append(StepDone(number, 1.4 / number))
    events.append(StepSaid(now, _("{path} is written.").format(path="/etc/postfix/main.cf")))
    app.walk.story, app.walk.is_changing = RunStory.of(titles), True
    for event in events:
        app.walk.story.hear(event)
    commands.back_to_first(app)
    app.push_screen(ApplyScreen())
    picture = await _picture(pilot)
    for number in range(now, len(titles) + 1):
        app.walk.story.hear(StepStarted(number, titles[number - 1]))
        app.walk.story.hear(StepDone(number, 0.3))
    app.walk.story.hear(RunEnded(Ending.DONE))
    app.walk.story.end(Ending.DONE)
    app.walk.outcome, app.walk.is_changing = Outcome(Ending.DONE, RUN_ID), False
    return picture


async def _tests(pilot: Pilot[int], app: WizardApp) -> str:
    """The story of a mail that arrives, as a machine told it."""
    probe = next(iter(app.walk.present.profile.probes), None)
    app.walk.stages = [(probe.key if probe is not None else "", stage) for stage in recorded_stages()]
    arrived = _("A mail by SMTP to {recipient} arrived after {seconds:.1f} s. {place}")
    app.walk.findings = (
        Finding(Verdict.GOOD, arrived.format(recipient="root@localhost", seconds=0.2, place=MAILBOX), MAILBOX),
    )
    commands.back_to_first(app)
    app.push_screen(MailTestsScreen(begins=False))
    await _picture(pilot)
    await pilot.press("up", "up", "up")
    return await _picture(pilot)


def recorded_stages() -> tuple[Stage, ...]:
    """One test send by SMTP, as it went on a fresh machine; the words of Postfix are left as they are."""
    host, queue_id = "box.example.test", "4cXr5Q3JkCz1"
    dialogue = (
        f"   0.012 s  S: 220 {host} ESMTP Postfix",
        "   0.012 s  C: EHLO localhost",
        f"   0.013 s  S: 250-{host}",
        "   0.013 s  S: 250-PIPELINING",
        "   0.013 s  S: 250 CHUNKING",
        "   0.014 s  C: MAIL FROM:<root@localhost>",
        "   0.021 s  S: 250 2.1.0 Ok",
        "   0.021 s  C: RCPT TO:<root@localhost>",
        "   0.034 s  S: 250 2.1.5 Ok",
        "   0.034 s  C: DATA",
        "   0.035 s  S: 354 End data with <CR><LF>.<CR><LF>",
        "   0.041 s  C: .",
        f"   0.058 s  S: 250 2.0.0 Ok: queued as {queue_id}",
    )
    delivered = f"postfix/local[731]: {queue_id}: to=<admin@{host}>, relay=local, delay=0.1, status=sent"
    return (
        Stage("master", Verdict.GOOD, 0.01, (), _("Postfix runs.")),
        Stage("smtp", Verdict.GOOD, 0.06, dialogue, _("Written to the queue as {id}.").format(id=queue_id)),
        Stage("qmgr", Verdict.GOOD, 0.09, (), _("The queue manager works on it.")),
        Stage("local", Verdict.GOOD, 0.14, (f"{delivered} (delivered to mailbox)",)),
        Stage("mailbox", Verdict.GOOD, 0.2, (), MAILBOX),
    )


async def _until(pilot: Pilot[int], claim: Callable[[], bool]) -> None:
    for _turn in range(3000):
        await pilot.pause(0.01)
        if claim():
            return
    raise TimeoutError("the screen that is to be pictured did not come")


async def _picture(pilot: Pilot[int]) -> str:
    """The screen as SVG, once nothing is left to draw; without fonts from elsewhere, which no page would load."""
    app = pilot.app
    before = ""
    for _turn in range(100):
        await pilot.pause()
        svg = app.export_screenshot(title="postwizard")
        if svg == before:
            break
        before = svg
    svg = re.sub(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", "", before, flags=re.DOTALL)
    return svg.replace("font-family: Fira Code, monospace", "font-family: monospace").replace("Fira Code, ", "")


def main() -> int:
    """Writes the pictures into the folder that is named."""
    if len(sys.argv) != 2:
        sys.stderr.write("python -m wizard.tui.pictures FOLDER\n")
        return 2
    os.environ.update(TEXTUAL_ANIMATIONS="none", LC_ALL="C.UTF-8", TERM="xterm-256color")
    folder = MACHINE.cwd() / sys.argv[1]
    for name, svg in asyncio.run(take_pictures(MACHINE.read_text("utf-8"))).items():
        (folder / f"{name}.svg").write_text(svg, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
