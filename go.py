"""Set up nbtrain in this folder and run it.

    python3 go.py demo [--headless] [arguments of nbtrain lab or nbtrain demo]
    python3 go.py test [arguments of pytest]
    python3 go.py lock [arguments of uv pip compile, such as --upgrade]

demo opens JupyterLab on a copy of the demo notebook; without a display, or with --headless, it
trains in the terminal. test runs ruff, mypy and pytest. lock pins the requirements anew.

Needs nothing but Python. Packages go into .venv, each pinned by hash. Where Python's venv module or
the browser for the tests is missing, apt-get installs it if that takes no password.
"""

import sys

# Older Pythons must be able to parse this file, so as to get here.
if sys.version_info < (3, 11):
    sys.exit(f"nbtrain needs Python 3.11 or newer. {sys.executable} is {sys.version.split()[0]}.")

import collections
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
DEMO_LOCK, TEST_LOCK = "requirements.lock", "tests/requirements.lock"  # the second holds the first
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SIDE_BY_SIDE = ["-n=logical", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder"]
STAMP = VENV / ".go.json"  # what is installed; empty while an installation is under way
# How to reach packages is the user's to say; how pip behaves is not.
LEFTOVERS = ("PYTHON", "PIP_", "VIRTUAL_ENV", "CONDA_", "__PYVENV_LAUNCHER__")
PIP_KEPT = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_PROXY"),
    *("PIP_CERT", "PIP_CLIENT_CERT", "PIP_TRUSTED_HOST", "PIP_CONFIG_FILE", "PIP_CACHE_DIR"),
    *("PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT", "PIP_RETRIES", "PIP_KEYRING_PROVIDER"),
)


def say(text: str) -> None:
    """Print to standard error: standard output belongs to what is run."""
    print(text, file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """End with one line and a failure."""
    sys.exit("go.py: " + text)


def environment() -> dict[str, str]:
    """Return this process's variables without leftovers of other Pythons."""
    kept = {k: v for k, v in os.environ.items() if k in PIP_KEPT or not k.startswith(LEFTOVERS)}
    path = os.pathsep.join([str(BIN), kept.get("PATH", os.defpath)])
    fixed = {"PYTHONNOUSERSITE": "1", "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**kept, **fixed, "VIRTUAL_ENV": str(VENV), "PATH": path}


def set_up(lock: str) -> None:
    """Bring .venv up to date with a lock file and with pyproject.toml."""
    with alone():
        kind, stamp = describe(sys.executable), read_stamp()
        project = digest("pyproject.toml", "nbtrain/_version.py")
        locks: dict[str, str] = {} if stamp is None else stamp.get("locks", {})
        usable = (
            describe(PYTHON) == kind
            and (stamp is None or stamp.get("folder") == str(ROOT))  # else moved, or cut short
            and all(value == digest(name) for name, value in locks.items())
        )
        complete = usable and bool(locks.keys() & {lock, TEST_LOCK})
        if complete and stamp is not None and stamp["project"] == project:
            return
        began = time.monotonic()
        if not usable:
            locks = {}
            clear(VENV)
        STAMP.write_text("")
        if not complete:
            say(f"Setting up {VENV} with Python {sys.version.split()[0]}: a minute or two, once.")
            check_venv_module()
            run_quietly([sys.executable, "-I", "-m", "venv", str(VENV)])
            pip("--only-binary=:all:", "--require-hashes", "-r", str(ROOT / lock))
            locks = {**locks, lock: digest(lock)}
        pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
        STAMP.write_text(json.dumps({"folder": str(ROOT), "project": project, "locks": locks}))
        say(f"Set up in {time.monotonic() - began:.0f} s.")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Make a second set-up of the same folder wait."""
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with contextlib.suppress(OSError):  # it gives up after ten seconds
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_stamp() -> dict[str, Any] | None:
    """Read what is installed: None where go.py did nothing yet, empty where it was cut short."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}


def digest(*names: str) -> str:
    """Hash files of the project."""
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def describe(python: str | Path) -> str:
    """Say which kind of Python one is; empty where it doesn't run."""
    code = "import sys, sysconfig as s; print(sys.implementation.cache_tag, s.get_platform())"
    with contextlib.suppress(OSError):
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True)
        return done.stdout.strip()
    return ""


def clear(folder: Path) -> None:
    """Empty .venv, but for the file by which this process keeps others waiting."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != ".lock":
            entry.unlink()


def check_venv_module() -> None:
    """Install Python's venv module where a distribution left it out."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not apt_install(package):
            stop(f"this Python lacks its venv module. On Debian or Ubuntu: apt install {package}")


def pip(*arguments: str) -> None:
    """Run pip install in .venv."""
    run_quietly([str(PYTHON), "-m", "pip", "install", *arguments])


def run_quietly(command: list[str]) -> None:
    """Run a command; in a terminal count pip's packages; show its last lines if it fails."""
    tail: collections.deque[str] = collections.deque(maxlen=15)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    packages = 0
    with subprocess.Popen(command, cwd=ROOT, env=environment(), **pipes) as process:
        for line in process.stdout or ():
            tail.append(line)
            packages += line.startswith("Collecting ")
            if packages and sys.stderr.isatty():
                print(f"  {packages} packages", end="\r", file=sys.stderr, flush=True)
    if process.returncode:
        say("".join(tail).rstrip())
        stop(f"{' '.join(command[1:5])} ... failed; the end of what it said is above.")


def apt_install(package: str) -> bool:
    """Install a Debian package if that takes no password."""
    if not shutil.which("apt-get"):
        return False
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if become and not (shutil.which("sudo") and run_as_asked([*become, "true"])):
        return False
    say(f"Installing {package} with apt-get.")
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    run_as_asked([*apt, "update"])  # where it fails, older lists may still do
    return run_as_asked([*apt, "install", "-y", "--no-install-recommends", package])


def run_as_asked(command: list[str]) -> bool:
    """Run a command that may fail; show the end of its complaint."""
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    if done.returncode:
        say("\n".join(done.stderr.strip().splitlines()[-4:]))
    return done.returncode == 0


def find_browser() -> str:
    """Return the path of a Chromium or Chrome, or nothing."""
    # Ubuntu's chromium-browser is left out: it may be an empty shell.
    names = ("chromium", "google-chrome", "google-chrome-stable", "chrome")
    code = "import playwright.sync_api as a\nwith a.sync_playwright() as p: "
    code += "print(p.chromium.executable_path)"
    for path in (os.environ.get("NBTRAIN_TEST_BROWSER"), *map(shutil.which, names)):
        if path and Path(path).exists():
            return path
    own = subprocess.run([PYTHON, "-c", code], env=environment(), capture_output=True, text=True)
    return own.stdout.strip() if Path(own.stdout.strip()).is_file() else ""


def install_browser() -> str:
    """Install Debian's Chromium, or the one that playwright brings, and return its path."""
    release = Path("/etc/os-release")
    debian = release.exists() and "ubuntu" not in release.read_text()  # there it is a snap
    if not (debian and apt_install("chromium")):
        say("Installing playwright's Chromium.")
        libraries = ["--with-deps"] if shutil.which("apt-get") and os.geteuid() == 0 else []
        run_as_asked([str(PYTHON), "-m", "playwright", "install", *libraries, "chromium"])
    return find_browser()


def demo(arguments: list[str]) -> int:
    """Open JupyterLab on the demo notebook, or train in the terminal."""
    headless = "--headless" in arguments
    set_up(DEMO_LOCK)
    if not headless and not has_display():
        say("There is no display, so the demo runs in the terminal.")
        headless = True
    arguments = [argument for argument in arguments if argument != "--headless"]
    command = [str(BIN / "nbtrain"), "demo" if headless else "lab", *arguments]
    if os.name != "nt":
        os.execve(command[0], command, environment())
    return subprocess.run(command, env=environment()).returncode


def has_display() -> bool:
    """Tell whether a browser window can be shown to somebody."""
    if os.environ.get("CI"):
        return False
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, names))


def test(arguments: list[str]) -> int:
    """Run every check, the quick ones first; pytest has the last word.

    Without arguments it runs all tests, as many files at a time as there are cores.
    """
    set_up(TEST_LOCK)
    browser = find_browser() or install_browser()
    if not browser and os.environ.get("CI"):
        stop("there is no browser for the tests: install Chromium or Chrome.")
    if not browser:
        say("No browser was found: install Chromium or Chrome, or the browser tests are skipped.")
    env = {**environment(), "NBTRAIN_TEST_BROWSER": browser}
    failed = []
    for check in ("ruff check", "ruff format --check", "mypy"):
        print(f"{check}: ", end="", flush=True)
        if subprocess.run([PYTHON, "-m", *check.split()], cwd=ROOT, env=env).returncode:
            failed.append(check)
    if failed:
        print(f"Failed: {', '.join(failed)}. The tests run all the same.", flush=True)
    arguments = arguments or SIDE_BY_SIDE
    code = subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=env).returncode
    return code or int(bool(failed))


def lock(arguments: list[str]) -> int:
    """Pin the requirements of the demo, of the tests and of Binder."""
    uv = shutil.which("uv", path=environment()["PATH"])
    if not uv:
        stop("this needs uv: python3 -m pip install uv")
    compile_ = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version=3.11"]
    compile_ += ["--no-annotate", "--no-header", "--quiet", *arguments]
    for options in (
        ["--generate-hashes", "--extra=lab", "--group=build", "-o", DEMO_LOCK],
        ["--generate-hashes", "--extra=lab", "--group=test", "-c", DEMO_LOCK, "-o", TEST_LOCK],
        ["--group=binder", "-c", DEMO_LOCK, "-o", "binder/constraints.txt"],
    ):
        subprocess.run([*compile_, *options], cwd=ROOT, check=True)
    return 0


def main() -> int:
    """Run the task that the command line names."""
    tasks = {"demo": demo, "test": test, "lock": lock}
    if len(sys.argv) < 2 or sys.argv[1] not in tasks:
        say(__doc__ or "")
        return 2
    try:
        return tasks[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        return 130
    except (OSError, subprocess.CalledProcessError) as error:
        stop(str(error))


if __name__ == "__main__":
    sys.exit(main())
