"""Runs inside a practice machine: the wizard with each program that it starts noted, and the same programs plainly.

    recording.py record FOLDER OUT ARGUMENT...   runs the wizard of FOLDER, and writes what it started to OUT
    recording.py again FOLDER OUT ARGUMENT...    the same twice in one process; the second time nothing is loaded
    recording.py replay OUT                      starts what OUT names, one after the other, and prints the seconds
    recording.py floor OUT                       loads the modules, and starts the programs, that OUT names, all at once
    recording.py time COMMAND...                 prints how long a command takes, from its start to its end

The file is copied into the machine, so it uses nothing of these tests.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

LIBRARIES = "/usr/lib/postwizard/site"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}


def _wizard(folder: str, out: str, arguments: list[str], *, twice: bool) -> int:
    sys.path[1:1] = [folder, LIBRARIES]
    if twice:
        from wizard.__main__ import main

        main(arguments)
    import base64
    import shutil

    from wizard.machine.this_machine import commands, package_files, pacman

    started: list[dict[str, object]] = []

    def note(module: object, name: str) -> None:
        real = getattr(module, name)

        def noted(argv: tuple[str, ...], env: object, *rest: object) -> object:
            if shutil.which(argv[0], path=ENVIRONMENT["PATH"]) is None:
                return real(argv, env, *rest)
            began = time.perf_counter()
            try:
                return real(argv, env, *rest)
            finally:
                seconds = time.perf_counter() - began
                stdin = rest[0] if rest and isinstance(rest[0], bytes) else b""
                given = base64.b64encode(stdin).decode()
                started.append({"argv": list(argv), "stdin": given, "seconds": seconds, "changes": name != "read_from"})

        setattr(module, name, noted)

    # Where they are used, for that is where their names are looked up.
    note(commands, "read_from")
    note(commands, "run_program")
    note(package_files, "read_from")
    note(pacman, "run_lasting")
    from wizard.__main__ import main

    began = time.perf_counter()
    code = main(arguments)
    seconds = time.perf_counter() - began
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"seconds": seconds, "started": started}, file)
    return code


def _floor(out: str) -> None:
    """As little as a run can be in this language: nothing of the wizard's, and no program waits for another."""
    with open(out, encoding="utf-8") as file:
        record = json.load(file)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(each["argv"], env=ENVIRONMENT, **pipes) for each in record["started"]]
    for name in record["modules"]:
        with contextlib.suppress(ImportError):  # those of other systems are tried and missed by Python itself
            __import__(name)
    for each in running:
        each.communicate()


def _replay(out: str) -> None:
    import base64

    with open(out, encoding="utf-8") as file:
        started = json.load(file)["started"]
    seconds = []
    for each in started:
        given = base64.b64decode(each["stdin"])
        began = time.perf_counter()
        with contextlib.suppress(FileNotFoundError):  # what an earlier one installs at other times
            subprocess.run(each["argv"], env=ENVIRONMENT, input=given, capture_output=True, check=False)
        seconds.append(time.perf_counter() - began)
    print(json.dumps(seconds))


def _time(command: list[str]) -> int:
    began = time.perf_counter()
    code = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=os.environ
    ).returncode
    print(json.dumps(time.perf_counter() - began))
    return code


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", folder, out, *arguments]:
            sys.exit(_wizard(folder, out, arguments, twice=False))
        case ["again", folder, out, *arguments]:
            sys.exit(_wizard(folder, out, arguments, twice=True))
        case ["replay", out]:
            _replay(out)
        case ["floor", out]:
            _floor(out)
        case ["time", *command]:
            sys.exit(_time(command))
        case _:
            sys.exit(__doc__)
