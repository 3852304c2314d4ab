# Sourced by wizard/start and tests/run: makes, once per lock file, a virtual environment with the pinned libraries.
# Uses: root (the project's folder). Sets: python.

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "postwizard: $1"
    [ -z "${2:-}" ] || printf '\nhint: %s\n' "$2" >&2
    exit 2
}

find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed, and none was found." "Arch: pacman -S python    Debian: apt install python3 python3-venv"
}

# prepare_environment LOCK NAME: sets $python to an interpreter that has what LOCK lists, and this project.
prepare_environment() {
    local lock=$1 name=$2 base key folder building log
    base=$(find_python) || exit 2
    key=$( { cat "$lock"; "$base" -VV; printf '%s' "$root"; } | sha256sum | cut -c1-16)
    folder=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/postwizard/$name-$key
    python=$folder/bin/python
    [ -e "$folder/complete" ] && return
    mkdir -p "${folder%/*}"
    exec 9>"$folder.lock"
    flock 9
    if [ ! -e "$folder/complete" ]; then
        say "Preparing Python libraries (once) ..."
        rm -rf "$folder"
        log=$folder.log
        if ! "$base" -m venv "$folder" >"$log" 2>&1; then
            # Debian keeps ensurepip in a package of its own.
            if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
                { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >>"$log" 2>&1
                rm -rf "$folder"
                "$base" -m venv "$folder" >>"$log" 2>&1 || fail "A virtual environment could not be made." "see $log"
            else
                fail "A virtual environment could not be made." "Debian: apt install python3-venv; details in $log"
            fi
        fi
        "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" >>"$log" 2>&1 ||
            fail "The Python libraries could not be installed." "is the network up? details in $log"
        building=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        printf '%s\n' "$root" >"$building/postwizard.pth"
        touch "$folder/complete"
    fi
    flock -u 9
    exec 9>&-
}
