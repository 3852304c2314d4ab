"""What wizard.syntax reads and writes means to the real postconf, postmap and postalias what it means to us."""

import json
import os
import random
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from wizard.practice.practice_machine import PracticeMachine
from wizard.syntax.expand import RAW_PARAMETERS, CannotExpand, expand
from wizard.syntax.main_cf import MainCf, as_shown, unwritable
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.service import FIELDS, Service
from wizard.syntax.table_file import Form, TableFile, folded_key, stored_value

pytestmark = pytest.mark.real_machine

CORPUS = Path(__file__).parents[1] / "corpus"
CASES = sorted(folder.name for folder in CORPUS.iterdir() if folder.is_dir())
BENCH = "var/tmp/postwizard-syntax"
EMPTY_MASTER = b"# no services\n"
PLAIN_MAIN = b"compatibility_level = 3.6\n"


def decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


@dataclass
class Batch:
    """Folders to lay out, commands to run in each, and what came out, all in one go: a process per call is slow."""

    files: dict[str, bytes] = field(default_factory=dict)
    commands: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def folder(self, name: str, **files: bytes) -> str:
        for file, content in files.items():
            self.files[f"{name}/{file.replace('__', '.')}"] = content
        return name

    def run(self, folder: str, label: str, *argv: str) -> None:
        self.commands.append((folder, label, argv))

    def script(self) -> bytes:
        """Folders side by side: a Postfix program that ends with an error sleeps for a second first."""
        lines = [f"cd /{BENCH} || exit 1"]
        by_folder: dict[str, list[str]] = {}
        for folder, label, argv in self.commands:
            words = " ".join(shlex.quote(word.replace("@HERE@", f"/{BENCH}/{folder}")) for word in argv)
            out = shlex.quote(f"{folder}/{label}")
            by_folder.setdefault(folder, []).append(f"{words} >{out}.out 2>{out}.err </dev/null; echo $? >{out}.rc")
        for number, commands in enumerate(by_folder.values(), 1):
            lines.append("(" + "\n".join(commands) + "\n) &")
            if number % 48 == 0:
                lines.append("wait")
        lines.append("wait")
        return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


@dataclass
class Postfix:
    """A place with the real tools: a chroot folder for development, or the practice machine."""

    root: Path
    shell: Callable[[bytes], None]

    def do(self, batch: Batch) -> None:
        for name, content in batch.files.items():
            path = self.root / BENCH / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.shell(batch.script())

    def out(self, folder: str, label: str) -> str:
        return decoded((self.root / BENCH / folder / f"{label}.out").read_bytes())

    def err(self, folder: str, label: str) -> str:
        return decoded((self.root / BENCH / folder / f"{label}.err").read_bytes())

    def code(self, folder: str, label: str) -> int:
        return int((self.root / BENCH / folder / f"{label}.rc").read_text())


@pytest.fixture(scope="module")
def postfix(request: pytest.FixtureRequest) -> Iterator[Postfix]:
    """The tools in the folder POSTWIZARD_POSTFIX_ROOT names, or on one practice machine for all of these tests."""
    if folder := os.environ.get("POSTWIZARD_POSTFIX_ROOT"):

        def in_folder(script: bytes) -> None:
            subprocess.run(["chroot", folder, "sh", "-s"], input=script, check=True, timeout=1800)

        subprocess.run(["rm", "-rf", f"{folder}/{BENCH}"], check=True)
        yield Postfix(Path(folder), in_folder)
        return
    request.getfixturevalue("practice_tree")
    with PracticeMachine.fresh() as machine:
        for flags in ("-S", "-Sy"):
            installed = machine.run("pacman", flags, "--needed", "--noconfirm", "postfix", timeout=900)
            if installed.exit_code == 0:
                break
        assert installed.exit_code == 0, installed.stderr

        def on_machine(script: bytes) -> None:
            ran = machine.run("sh", "-s", stdin=script, timeout=1800)
            assert ran.exit_code == 0, ran.stderr

        yield Postfix(machine.root, on_machine)


def contents(case: str) -> tuple[bytes, bytes]:
    main, master = CORPUS / case / "main.cf", CORPUS / case / "master.cf"
    return (
        main.read_bytes() if main.exists() else PLAIN_MAIN,
        master.read_bytes() if master.exists() else EMPTY_MASTER,
    )


def pairs(output: str) -> dict[str, str]:
    lines = (line for line in output.split("\n") if line)
    return {name: value.removeprefix(" ") for name, _, value in (line.partition(" =") for line in lines)}


def json_pairs(output: str) -> dict[str, str]:
    return {name: value for line in output.split("\n") if line for name, value in json.loads(line).items()}


def own_pairs(file: MainCf, output: str) -> dict[str, str]:
    """Without config_directory, which postconf shows because of `-c`."""
    found = json_pairs(output)
    return {name: value for name, value in found.items() if name != "config_directory" or name in file.names()}


def unused(warnings: str) -> dict[str, str]:
    """Parameters that nothing refers to: postconf leaves them out of `-n` and names them in a warning instead."""
    found = re.findall(r"main\.cf: (?:unused parameter|read-only parameter assignment): ([^=\n]+)=(.*)", warnings)
    return {in_warnings(name): in_warnings(value) for name, value in found}


def in_warnings(text: str) -> str:
    """As warnings show a text: each byte that is not printable becomes a question mark."""
    return re.sub(rb"[^ -~]", b"?", text.encode("utf-8", "surrogateescape")).decode()


def refused_main(file: MainCf) -> bool:
    return any("will not start" in problem.what for _line, problem in file.problems())


def refused_master(file: MasterCf) -> bool:
    return any("valid" in problem.what or "eight fields" in problem.what for _line, problem in file.problems())


def as_postconf_prints(service: Service) -> str:
    """`postconf -M`, which puts braces around what has white space, but never around the first word after options."""
    line = ""
    for column, text in zip((0, 11, 17, 25, 33, 41, 49, 57), service.fields, strict=True):
        line = (line + " ").ljust(column) + text if line else text
    return line + command_arguments(service)


def command_arguments(service: Service) -> str:
    def braced(text: str) -> str:
        return f"{{{text}}}" if re.search(r"[ \t\r\n]", text) else text

    result, words, in_options = "", list(service.arguments), True
    while words:
        word = words.pop(0)
        was_in_options = in_options
        in_options = in_options and word.startswith("-") and word != "--"
        result += " " + (word if was_in_options else braced(word))
        if in_options and word.startswith("-o") and words:
            result += " " + braced(words.pop(0))
    return result


def check_main(postfix: Postfix, folder: str, file: MainCf) -> int:
    """Names, values and expanded values of one file; how many were compared."""
    if refused_main(file):
        assert postfix.code(folder, "n") != 0, folder
        assert "missing" in postfix.err(folder, "n")
        return 1
    assert postfix.code(folder, "n") == 0, (folder, postfix.err(folder, "n"))
    shown, left_out = own_pairs(file, postfix.out(folder, "n")), unused(postfix.err(folder, "n"))
    assert {in_warnings(name) for name in file.names()} == {*map(in_warnings, shown), *left_out}, folder
    for name in file.names():
        if name in shown:
            assert file.value(name) == shown[name], (folder, name)
        else:
            assert in_warnings(file.value(name) or "") == left_out[in_warnings(name)], (folder, name)
    count = 2 * len(file.names())
    assert {name: as_shown(file.value(name) or "") for name in shown}.items() <= pairs(
        postfix.out(folder, "nt")
    ).items()
    effective, expanded = json_pairs(postfix.out(folder, "all")), json_pairs(postfix.out(folder, "nx"))
    for name, value in shown.items():
        if "$process_id" in value:
            continue
        if name in RAW_PARAMETERS:
            assert expanded[name] == value, (folder, name)
        else:
            found = expand(value, lambda other: file.value(other) if other in file.names() else effective.get(other))
            assert found == expanded[name], (folder, name)
        count += 1
    return count


def check_master(postfix: Postfix, folder: str, file: MasterCf) -> int:
    """Services, fields and options of one file; how many were compared."""
    if refused_master(file):
        assert postfix.code(folder, "M") != 0, folder
        return 1
    assert postfix.code(folder, "M") == 0, (folder, postfix.err(folder, "M"))
    assert [as_postconf_prints(service) for service in file.services()] == postfix.out(folder, "M").split("\n")[:-1]
    fields, options = json_pairs(postfix.out(folder, "F")), json_pairs(postfix.out(folder, "P"))
    for service in file.services():
        for name, text in zip(FIELDS, service.fields, strict=True):
            shown = text + (command_arguments(service) if name == "command" else "")
            assert fields[f"{service.key}/{name}"] == shown, (folder, name)
    wanted = {f"{s.key}/{name}": value for s in file.services() for name, value in s.options.items()}
    assert wanted == options, folder
    return len(file.services()) * 9 + len(options)


def read_both(batch: Batch, folder: str) -> None:
    options = {"n": "-nj", "nt": "-n", "nx": "-nxj", "all": "-j", "M": "-M", "F": "-Fj", "P": "-Pj"}
    for label, option in options.items():
        batch.run(folder, label, "postconf", "-c", "@HERE@", option)


def test_every_file_of_the_corpus_reads_as_postconf_reads_it(postfix: Postfix) -> None:
    batch = Batch()
    for case in CASES:
        main, master = contents(case)
        read_both(batch, batch.folder(f"read/{case}", main__cf=main, master__cf=master))
    postfix.do(batch)
    compared = 0
    for case in CASES:
        main, master = contents(case)
        main_cf, master_cf = MainCf.parse(main), MasterCf.parse(master)
        assert (main_cf.render(), master_cf.render()) == (main, master)
        if not refused_master(master_cf):
            compared += check_main(postfix, f"read/{case}", main_cf)
        if not refused_main(main_cf):
            compared += check_master(postfix, f"read/{case}", master_cf)
    print(f"{len(CASES)} folders, {compared} values equal")
    assert len(CASES) >= 64


@dataclass(frozen=True)
class MainEdit:
    """The same change, by us and by postconf."""

    label: str
    ours: Callable[[MainCf], MainCf]
    theirs: tuple[str, ...]
    touches: tuple[str, ...]


def main_edits(file: MainCf) -> list[MainEdit]:
    names = [name for name in file.names() if unwritable(name, "") is None]
    chosen = names if len(names) <= 10 else [*names[:4], *file.duplicates(), *names[len(names) // 2 :][:3], *names[-3:]]
    edits: list[MainEdit] = []
    values = ("changed.example", "a, $myhostname, b", "", "$$5 and #7 = {x y}", "ñandú ☃")
    for number, name in enumerate(dict.fromkeys(chosen)):
        value = values[number % len(values)]

        def set_it(cf: MainCf, name: str = name, value: str = value) -> MainCf:
            return cf.set(name, value)

        def drop_it(cf: MainCf, name: str = name) -> MainCf:
            return cf.remove(name)

        def comment_it(cf: MainCf, name: str = name) -> MainCf:
            return cf.comment_out(name)

        edits.append(MainEdit(f"set-{number}", set_it, ("-e", f"{name} = {value}"), (name,)))
        edits.append(MainEdit(f"remove-{number}", drop_it, ("-X", name), (name,)))
        edits.append(MainEdit(f"comment-{number}", comment_it, ("-#", name), (name,)))
    several = {"delay_warning_time": "4h", "relayhost": "[new.example]:587", "mail_name": "Other $mail_version"}
    argv = tuple(f"{name}={value}" for name, value in several.items())
    edits.append(MainEdit("several", lambda cf: cf.set_many(several), ("-e", *argv), tuple(several)))
    absent = "process_id_directory"
    edits.append(MainEdit("new", lambda cf: cf.set(absent, "pid2"), ("-e", f"{absent} = pid2"), (absent,)))
    edits.append(MainEdit("absent", lambda cf: cf.remove(absent), ("-X", absent), ()))
    return edits


def is_subsequence(wanted: list[bytes], of: list[bytes]) -> bool:
    rest = iter(of)
    return all(any(line == other for other in rest) for line in wanted)


def untouched(content: bytes, numbers: set[int]) -> list[bytes]:
    """Lines that an edit does not concern; the last one may gain the line feed it lacked."""
    lines = content.split(b"\n")
    return [line.removesuffix(b"\r") for number, line in enumerate(lines, 1) if number not in numbers and line]


def test_editing_main_cf_means_what_the_same_postconf_edit_means(postfix: Postfix) -> None:
    batch = Batch()
    jobs: list[tuple[str, bytes, MainCf, MainEdit]] = []
    for case in CASES:
        main, master = contents(case)
        file = MainCf.parse(main)
        if refused_main(file) or refused_master(MasterCf.parse(master)) or not (CORPUS / case / "main.cf").exists():
            continue
        for edit in main_edits(file):
            folder = f"main/{case}/{edit.label}"
            changed = edit.ours(file)
            batch.folder(f"{folder}/ours", main__cf=changed.render(), master__cf=master)
            batch.folder(f"{folder}/theirs", main__cf=main, master__cf=master)
            batch.run(f"{folder}/theirs", "edit", "postconf", "-c", "@HERE@", *edit.theirs)
            for side in ("ours", "theirs"):
                batch.run(f"{folder}/{side}", "n", "postconf", "-c", "@HERE@", "-nj")
            jobs.append((folder, main, changed, edit))
    postfix.do(batch)
    damaged_by_postconf = 0
    for folder, before, changed, edit in jobs:
        assert postfix.code(f"{folder}/theirs", "edit") == 0, (folder, postfix.err(f"{folder}/theirs", "edit"))
        ours, theirs = (own_pairs(changed, postfix.out(f"{folder}/{side}", "n")) for side in ("ours", "theirs"))
        if b"\0" in before:  # postconf loses the rest of such a line with its end, and so joins it with the next
            assert {name: changed.value(name) for name in ours} == ours, folder
        else:
            assert postfix.code(f"{folder}/ours", "n") == postfix.code(f"{folder}/theirs", "n"), folder
            assert ours == theirs, folder
            assert unused(postfix.err(f"{folder}/ours", "n")) == unused(postfix.err(f"{folder}/theirs", "n")), folder
        numbers = {
            n for entry in MainCf.parse(before).entries() if entry.name in edit.touches for n in entry.line_numbers
        }
        kept = untouched(before, numbers)
        after = [line.removesuffix(b"\r") for line in changed.render().split(b"\n")]
        assert is_subsequence(kept, after), folder
        written = (postfix.root / BENCH / folder / "theirs/main.cf").read_bytes()
        damaged_by_postconf += not is_subsequence(kept, [line.removesuffix(b"\r") for line in written.split(b"\n")])
    print(f"{len(jobs)} edits of main.cf equal; postconf damaged other lines in {damaged_by_postconf}")
    assert damaged_by_postconf > 0, "postconf was seen to cut lines at a NUL byte; if it no longer does, say so here"


@dataclass(frozen=True)
class MasterEdit:
    """The same change, by us and by postconf."""

    label: str
    ours: Callable[[MasterCf], MasterCf]
    theirs: tuple[str, ...]
    touches: str


def master_edits(file: MasterCf) -> list[MasterEdit]:
    edits: list[MasterEdit] = []
    new = "brandnew unix - n n - 7 pipe -o syslog_name=x flags=R user={a b} argv=/bin/true ${recipient}"

    def add(label: str, key: str, ours: Callable[[MasterCf], MasterCf], *theirs: str) -> None:
        edits.append(MasterEdit(label, ours, theirs, key))

    add("new", "", lambda cf: cf.set_service(Service.parse(new)), "-Me", f"brandnew/unix={new}")
    for number, service in enumerate(file.services()[:12]):
        key = service.key
        line = f"{service.name} {service.type} n n n 5? 3 other -v -o a=b -o {{ c = d e }} {{x y}} $z"
        options = list(service.options)

        def replace_it(cf: MasterCf, line: str = line) -> MasterCf:
            return cf.set_service(Service.parse(line))

        def drop_it(cf: MasterCf, key: str = key) -> MasterCf:
            return cf.remove_service(key)

        def comment_it(cf: MasterCf, key: str = key) -> MasterCf:
            return cf.comment_out_service(key)

        def option_it(cf: MasterCf, key: str = key) -> MasterCf:
            return cf.set_option(key, "max_idle", "9s")

        add(f"replace-{number}", key, replace_it, "-Me", f"{key}={line}")
        add(f"remove-{number}", key, drop_it, "-MX", key)
        add(f"comment-{number}", key, comment_it, "-M#", key)
        add(f"option-{number}", key, option_it, "-Pe", f"{key}/max_idle=9s")
        for field_name, text in (
            ("chroot", "y"),
            ("process_limit", "1234"),
            ("wakeup", "60?"),
            ("command", "x -o a=b c"),
        ):

            def field_it(cf: MasterCf, key: str = key, field_name: str = field_name, text: str = text) -> MasterCf:
                return cf.set_field(key, field_name, text)

            add(f"{field_name}-{number}", key, field_it, "-Fe", f"{key}/{field_name}={text}")
        for which, name in enumerate(options[:1] + options[len(options) // 2 :][:1] + options[-1:]):

            def set_it(cf: MasterCf, key: str = key, name: str = name) -> MasterCf:
                return cf.set_option(key, name, "$changed,x")

            def unset_it(cf: MasterCf, key: str = key, name: str = name) -> MasterCf:
                return cf.remove_option(key, name)

            add(f"set-{number}-{which}", key, set_it, "-Pe", f"{key}/{name}=$changed,x")
            add(f"unset-{number}-{which}", key, unset_it, "-PX", f"{key}/{name}")
    return edits


def test_editing_master_cf_means_what_the_same_postconf_edit_means(postfix: Postfix) -> None:
    batch = Batch()
    jobs: list[tuple[str, bytes, MasterCf, MasterEdit]] = []
    for case in CASES:
        main, master = contents(case)
        file = MasterCf.parse(master)
        if refused_main(MainCf.parse(main)) or refused_master(file) or not (CORPUS / case / "master.cf").exists():
            continue
        for edit in master_edits(file):
            folder = f"master/{case}/{edit.label}"
            changed = edit.ours(file)
            batch.folder(f"{folder}/ours", main__cf=main, master__cf=changed.render())
            batch.folder(f"{folder}/theirs", main__cf=main, master__cf=master)
            batch.run(f"{folder}/theirs", "edit", "postconf", "-c", "@HERE@", *edit.theirs)
            for side in ("ours", "theirs"):
                batch.run(f"{folder}/{side}", "M", "postconf", "-c", "@HERE@", "-M")
                batch.run(f"{folder}/{side}", "P", "postconf", "-c", "@HERE@", "-Pj")
            jobs.append((folder, master, changed, edit))
    postfix.do(batch)
    not_by_postconf: list[str] = []
    for folder, before, changed, edit in jobs:
        words = [word for service in MasterCf.parse(before).services() for word in service.words]
        rewritten = edit.label.startswith(("option", "chroot", "process_limit", "wakeup", "set", "unset"))
        if rewritten and any(word.startswith("#") for word in words):
            # postconf folds the line before such a word, which makes it a comment.
            assert [word for service in changed.services() for word in service.words] == words, folder
        elif postfix.code(f"{folder}/theirs", "edit"):
            not_by_postconf.append(postfix.err(f"{folder}/theirs", "edit"))
        else:
            assert postfix.out(f"{folder}/ours", "M") == postfix.out(f"{folder}/theirs", "M"), folder
            assert postfix.out(f"{folder}/ours", "P") == postfix.out(f"{folder}/theirs", "P"), folder
        assert postfix.code(f"{folder}/ours", "M") == 0, (folder, postfix.err(f"{folder}/ours", "M"))
        shown = postfix.out(f"{folder}/ours", "M").split("\n")[:-1]
        assert [as_postconf_prints(service) for service in changed.services()] == shown, folder
        kept = untouched(before, set(MasterCf.parse(before).line_numbers(edit.touches)))
        assert is_subsequence(kept, [line.removesuffix(b"\r") for line in changed.render().split(b"\n")]), folder
    print(f"{len(jobs)} edits of master.cf equal; postconf cannot make {len(not_by_postconf)} of them")
    assert all("on the same line" in why for why in not_by_postconf), not_by_postconf


def test_options_with_white_space_which_postconf_cannot_set_arrive(postfix: Postfix) -> None:
    values = ("a, b", "permit  {x y}", "inline:{ {a = b c}, d=e }", "$x ${y?{a b}:{c}}", "", "=", "#x", "日本 語")
    file = MasterCf.parse(b"smtp inet n - n - - smtpd\r\n  -v\r\nqmgr unix n - n - - qmgr")
    batch = Batch()
    for number, value in enumerate(values):
        changed = file.set_option("smtp/inet", "smtpd_banner", value).set_option("smtp/inet", "b", "c")
        batch.folder(f"spaces/{number}", main__cf=PLAIN_MAIN, master__cf=changed.render())
        batch.run(f"spaces/{number}", "P", "postconf", "-c", "@HERE@", "-Pj", "smtp/inet/smtpd_banner")
    postfix.do(batch)
    for number, value in enumerate(values):
        assert json_pairs(postfix.out(f"spaces/{number}", "P")) == {"smtp/inet/smtpd_banner": value}


NAMES = ("plain", "empty", "nothing", "nested", "smtpd_reject_footer", "compatibility_level")
SETTINGS = {
    "plain": "yes",
    "empty": "",
    "nested": "<$plain>",
    "smtpd_reject_footer": "\\c $plain",
    "compatibility_level": "3.6",
}
EXPRESSIONS = (
    *(
        "$",
        "$$",
        "$$$plain",
        "a$",
        "$-",
        "${",
        "${plain",
        "$(plain",
        "${plain)",
        "$(plain}",
        "${}",
        "$()",
        "${ }",
        "$ {plain}",
    ),
    *(
        "${plain?}",
        "${plain:}",
        "${?x}",
        "${:x}",
        "${pl ain}",
        "${plain x}",
        "${plain }",
        "${ plain}",
        "$(${plain})",
        "$plain$plain",
    ),
    *(
        "${plain?{a}:{b}}",
        "${plain?{a}:b}",
        "${plain?{a}b}",
        "${plain?{a}:{b}c}",
        "${plain?a:b}",
        "${plain?{a}?{b}}",
        "${empty:{a}:{b}}",
    ),
    *(
        "${plain?{a} : {b} }",
        "${plain ? {a} : {b}}",
        "${plain?$nothing}",
        "${{a}}",
        "${{a}?{b}}",
        "${{a} = {a}}",
        "${{a} =~ {a}}",
    ),
    *(
        "${{a} == {a}}",
        "${{a}=={a}?b}",
        "${{a} == {b}?x:y}",
        "${{a} == {b}:y}",
        "${{a} == {a} ?x}",
        "${{a} == {a}x}",
        "${{a} == a}",
    ),
    *(
        "${{3.10} <level {3.9}}",
        "${{3.10} >level {3.9}}",
        "${{x} >level {1}}",
        "${{3} ==level {3.0.0}}",
        "${{1.2.3.4} <level {2}}",
    ),
    *(
        "${{1} <lev {2}}",
        "${{1}<{2}}",
        "${{10}<{9}}",
        "${{010}=={10}}",
        "${{}=={}}",
        "${{ a}=={a}}",
        "${{-1}<{1}}",
        "${{{a}}=={{a}}}",
    ),
    *(
        "${{$compatibility_level} <level {3.10} ? {old} : {new}}",
        "$nested",
        "${nested?{$nested}}",
        "$smtpd_reject_footer",
        "${{a} == {a}?{}:{b}}",
    ),
    *(
        "${domain_to_ascii{x.test}}",
        "${domain_to_utf8{ x.test }}",
        "${no_such{x}}",
        "${domain_to_ascii{x}y}",
        "${domain_to_ascii {x}}",
    ),
    *(
        "$smtpd_banner",
        "${smtpd_banner?{$smtpd_banner}}",
        "${plain?{${plain?{${plain}}}}}",
        "${{$$} == {$$}?{$$}}",
        "${plain?{}}",
        "{$plain}",
    ),
    *(
        "ü$plain",
        "${ü}",
        "$ü",
        "${plain?ü}",
        "${{ü}<{z}}",
        "${{a} != {b} ? {${empty:{${nothing:deep}}}} : {}}",
        "${plain\t}",
        "${plain?\t{x}}",
    ),
)


def random_expression(dice: random.Random, depth: int = 0) -> str:
    def inner() -> str:
        return random_expression(dice, depth + 1)

    pieces = ("text", " ", "$$", "{", "}", "?", ":", "=", "==", "<level", "$", "(", ")", "3.9", "10")
    makers: tuple[Callable[[], str], ...] = (
        lambda: "$" + dice.choice(NAMES),
        lambda: f"${{{dice.choice(NAMES)}}}",
        lambda: f"$({dice.choice(NAMES)})",
        lambda: f"${{{dice.choice(NAMES)}{dice.choice('?:')}{random_expression(dice, depth + 1)}}}",
        lambda: f"${{{dice.choice(NAMES)}?{{{inner()}}}:{{{inner()}}}}}",
        lambda: (
            f"${{{{{random_expression(dice, depth + 1)}}} {dice.choice(('==', '!=', '<', '<=', '>=', '>', '<level'))}"
            f" {{{random_expression(dice, depth + 1)}}}{dice.choice(('', '?x', ' ? {y} : {z}', ':w'))}}}"
        ),
    )
    parts = []
    for _ in range(dice.randint(1, 3)):
        parts.append(dice.choice(makers)() if depth < 3 and dice.random() < 0.6 else dice.choice(pieces))
    return "".join(parts)


def test_expansion_gives_what_postconf_x_gives(postfix: Postfix) -> None:
    dice = random.Random(20260)
    wild = (random_expression(dice) for _ in range(600))
    expressions = [*EXPRESSIONS, *(text for text in wild if text == text.strip())]
    main = "".join(f"{name} = {value}\n" for name, value in SETTINGS.items()).encode()
    batch = Batch()
    for number, text in enumerate(expressions):
        folder = batch.folder(f"expand/{number}", main__cf=main, master__cf=EMPTY_MASTER)
        batch.run(folder, "x", "postconf", "-c", "@HERE@", "-o", f"smtpd_banner={text}", "-xj", "smtpd_banner")
    postfix.do(batch)
    failures = 0
    for number, text in enumerate(expressions):
        settings: Mapping[str, str] = {**SETTINGS, "smtpd_banner": text}
        try:
            ours: str | None = expand(text, settings.get)
        except CannotExpand:
            ours = None
            failures += 1
        folder = f"expand/{number}"
        theirs = None if postfix.code(folder, "x") else json_pairs(postfix.out(folder, "x"))["smtpd_banner"]
        assert ours == theirs, (text, postfix.err(folder, "x"))
    print(f"{len(expressions)} expressions expand equally, {failures} of them to an error")


# Not among these: a lone `-`, after which postconf 3.11.7 reads beyond the word, and `-oname` with another `o` in
# the name, which it splits there (the daemons do not).
def random_lines(dice: random.Random, pieces: tuple[bytes, ...]) -> bytes:
    return b"".join(dice.choice(pieces) for _ in range(dice.randint(1, 25)))


MAIN_PIECES = (
    *(b"relayhost", b"mydestination", b"smtpd_banner", b"mynetworks", b" = ", b"=", b" =\n", b"value", b"a, b"),
    *(
        b"\n",
        b"\n",
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b"\f",
        b"\v",
        b"#",
        b"# comment\n",
        b" # indented\n",
        b"\n  more",
        b"\n\n",
        b"\xe9",
        b"\0",
    ),
    *(b"\nrelayhost = x\n", b"\nmydestination=a,\n b\n", b"\n\tcontinued", b"$myhostname", b"$$", b"{", b"}"),
)
MASTER_PIECES = (
    *(
        b"smtp inet n - n - - smtpd",
        b"\nqmgr unix n - n 300 1 qmgr",
        b"\nx pass - - - - - y",
        b" -o a=b",
        b" -oc=d",
        b" -v",
    ),
    *(
        b" -vo e=f",
        b" -o { g = h i }",
        b" -o{j=k}",
        b"\n  -o l=m",
        b"\n# comment",
        b"\n  # indented",
        b"\n",
        b"\r\n",
        b"\t",
        b" --",
    ),
    *(b" word", b" {x y}", b" {", b"}", b" -o", b" #", b"\f", b" argv=/bin/x", b" -o n={o p}", b" -o {q}", b" -o r"),
)


def test_random_files_read_as_postconf_reads_them(postfix: Postfix) -> None:
    dice = random.Random(31107)
    files = [(random_lines(dice, MAIN_PIECES), EMPTY_MASTER) for _ in range(400)]
    files += [
        (PLAIN_MAIN, b"smtp inet n - n - - smtpd" + random_lines(dice, MASTER_PIECES) + b"\n") for _ in range(400)
    ]
    batch = Batch()
    for number, (main, master) in enumerate(files):
        folder = batch.folder(f"random/{number}", main__cf=main, master__cf=master)
        batch.run(folder, "n", "postconf", "-c", "@HERE@", "-nj")
        batch.run(folder, "M", "postconf", "-c", "@HERE@", "-M")
    postfix.do(batch)
    for number, (main, master) in enumerate(files):
        check_random(postfix, f"random/{number}", MainCf.parse(main), MasterCf.parse(master))


def check_random(postfix: Postfix, folder: str, main: MainCf, master: MasterCf) -> None:
    note = (folder, main.render(), master.render(), postfix.err(folder, "n"))
    if refused_main(main) or refused_master(master):
        assert postfix.code(folder, "n") != 0, note
        return
    assert postfix.code(folder, "n") == 0, note
    shown, left_out = own_pairs(main, postfix.out(folder, "n")), unused(postfix.err(folder, "n"))
    assert {in_warnings(name) for name in main.names()} == {*map(in_warnings, shown), *left_out}, note
    assert {name: main.value(name) for name in shown} == shown, note
    assert [as_postconf_prints(service) for service in master.services()] == postfix.out(folder, "M").split("\n")[
        :-1
    ], note


ALIASES_OWN = ("@", "yp_last_modified", "yp_master_name")


def tables() -> list[tuple[str, str, bytes, Form]]:
    found = []
    for path in sorted(CORPUS.glob("*/*")):
        if path.name not in {"main.cf", "master.cf"}:
            form = Form.ALIASES if path.name == "aliases" else Form.TABLE
            found.append((path.parent.name, path.name, path.read_bytes(), form))
    return found


def dump(batch: Batch, folder: str, content: bytes, form: Form) -> None:
    tool = "postalias" if form is Form.ALIASES else "postmap"
    batch.folder(folder, main__cf=PLAIN_MAIN, master__cf=EMPTY_MASTER, table=content)
    batch.run(folder, "build", tool, "-c", "@HERE@", "lmdb:@HERE@/table")
    batch.run(folder, "dump", tool, "-c", "@HERE@", "-s", "lmdb:@HERE@/table")


def dumped(postfix: Postfix, folder: str, form: Form) -> dict[str, str]:
    assert postfix.code(folder, "build") == 0, (folder, postfix.err(folder, "build"))
    separator = ":\t" if form is Form.ALIASES else "\t"
    lines = (line for line in postfix.out(folder, "dump").split("\n") if line)
    found = {key: value for key, _, value in (line.partition(separator) for line in lines)}
    own = ALIASES_OWN if form is Form.ALIASES else ()
    return {key: value for key, value in found.items() if key.lower() not in own}


def meaning(file: TableFile) -> dict[str, str]:
    return {entry.key: stored_value(file.get(entry.key) or "", file.form) for entry in file.entries()}


def test_tables_and_aliases_hold_what_postmap_and_postalias_build_from_them(postfix: Postfix) -> None:
    batch = Batch()
    edits: list[tuple[str, TableFile]] = []
    for case, name, content, form in tables():
        file = TableFile.parse(content, form)
        assert file.render() == content
        edits.append((f"tables/{case}-{name}/read", file))
        for number, key in enumerate(dict.fromkeys(entry.key for entry in file.entries() if entry.key[-1] != ":")):
            changed = file.set(key, "changed, $1 value")
            assert changed.get(key) == "changed, $1 value"
            edits.append((f"tables/{case}-{name}/set-{number}", changed))
            edits.append((f"tables/{case}-{name}/remove-{number}", file.remove(key)))
            edits.append((f"tables/{case}-{name}/comment-{number}", file.comment_out(key)))
            gone = {n for entry in file.entries() if entry.key == key for n in entry.line_numbers}
            kept = untouched(content, gone)
            for after in (changed, file.remove(key)):
                lines = [line.removesuffix(b"\r") for line in after.render().split(b"\n")]
                assert is_subsequence(kept, lines), (case, name, key)
        edits.append((f"tables/{case}-{name}/new", file.set("Brand.New", "value of it").set("brand.new", "second")))
    for folder, file in edits:
        dump(batch, folder, file.render(), file.form)
    postfix.do(batch)
    for folder, file in edits:
        assert meaning(file) == dumped(postfix, folder, file.form), (folder, postfix.err(folder, "build"))
        warned = set(re.findall(r"line (\d+): (?!record is in)", postfix.err(folder, "build")))
        assert len(warned) == len({n for n, problem in file.problems() if "indented" not in problem.what}), folder
        doubles = postfix.err(folder, "build").count("duplicate entry")
        assert doubles == sum(len(entries) - 1 for entries in file.duplicates().values()), folder
    print(f"{len(edits)} tables built equally")


def test_the_first_line_of_a_key_wins_in_every_table_type_at_hand(postfix: Postfix) -> None:
    content = b"key one\nKEY two\nkey three\n"
    batch = Batch()
    batch.folder("first", main__cf=PLAIN_MAIN, master__cf=EMPTY_MASTER, table=content)
    batch.run("first", "lmdb", "postmap", "-c", "@HERE@", "lmdb:@HERE@/table")
    for kind in ("lmdb", "texthash"):
        batch.run("first", f"q-{kind}", "postmap", "-c", "@HERE@", "-q", "kEy", f"{kind}:@HERE@/table")
    postfix.do(batch)
    assert TableFile.parse(content).get("kEy") == "one"
    assert [postfix.out("first", f"q-{kind}") for kind in ("lmdb", "texthash")] == ["one\n", "one\n"]
    assert folded_key("kEy") == "key"


def test_where_postconf_changes_the_meaning_of_a_service_we_do_not(postfix: Postfix) -> None:
    """postconf 3.11.7 drops braces around the first word of a command, and cuts `-oname=value` at a second `o`."""
    before = b"smtp inet n - n - - smtpd -osoft_bounce=yes\nx unix - n n - - pipe {a b} argv=/bin/true\n"
    batch = Batch()
    batch.folder("meaning", main__cf=PLAIN_MAIN, master__cf=before)
    for key in ("smtp/inet", "x/unix"):
        batch.run("meaning", "edit-" + key[0], "postconf", "-c", "@HERE@", "-Pe", f"{key}/max_idle=9s")
    postfix.do(batch)
    theirs = (postfix.root / BENCH / "meaning/master.cf").read_bytes()
    assert b"-osoft_bounce=yes" not in theirs
    assert b"a b argv" in theirs
    assert b"{a b}" not in theirs
    ours = MasterCf.parse(before).set_option("smtp/inet", "max_idle", "9s").set_option("x/unix", "max_idle", "9s")
    assert ours.service("smtp/inet") == MasterCf.parse(before).services()[0].with_options({"max_idle": "9s"})
    assert ours.services()[1].words == ("a b", "argv=/bin/true")
    assert b"smtpd -osoft_bounce=yes\n    -o max_idle=9s\n" in ours.render()


def test_where_postconf_spoils_a_file_we_do_not(postfix: Postfix) -> None:
    """postconf turns CRLF into LF where it writes, cuts lines at NUL, makes the mode 0644 and replaces a link."""
    before = (
        b"relayhost = [a.example]\r\nmynetworks = 10.0.0.0/8,\r\n  # the office\r\n  192.0.2.0/24\r\nmail_name = x\0y"
    )
    batch = Batch()
    batch.folder("spoil", real=before, master__cf=EMPTY_MASTER)
    for number, argv in enumerate(
        (
            ("chmod", "0640", "@HERE@/real"),
            ("ln", "-s", "real", "@HERE@/main.cf"),
            ("postconf", "-c", "@HERE@", "-e", "relayhost=[b.example]", "mynetworks=10.0.0.0/8"),
            ("stat", "-c", "%F %a", "@HERE@/main.cf"),
        )
    ):
        batch.run("spoil", str(number), *argv)
    postfix.do(batch)
    theirs = (postfix.root / BENCH / "spoil/main.cf").read_bytes()
    assert postfix.out("spoil", "3") == "regular file 644\n"
    assert b"relayhost = [b.example]\nmynetworks" in theirs
    assert b"\0" not in theirs
    ours = MainCf.parse(before).set_many({"relayhost": "[b.example]", "mynetworks": "10.0.0.0/8"}).render()
    assert ours == b"relayhost = [b.example]\r\nmynetworks = 10.0.0.0/8\r\n  # the office\r\nmail_name = x\0y"
