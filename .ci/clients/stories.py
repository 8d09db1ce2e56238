"""The clients that others will generate, made and used as they will: by the recipes of openapi/README.md, through docs/guides/front-end.md.

The TypeScript is cut out of the guide, so the guide cannot drift from it: what stands behind each `console.log` is what it must print, `…`
standing for anything. The Python story is story.py beside this file.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from service import COMMAND, ROOT, service, tail  # noqa: E402

OUT = ROOT / "target" / "clients"
TYPESCRIPT, PYTHON = OUT / "typescript", OUT / "python"
CONTRACT = ROOT / "openapi" / "openapi.json"
GUIDE = ROOT / "docs" / "guides" / "front-end.md"
RECIPES = ROOT / "openapi" / "README.md"
# Of one command; each of them takes seconds.
LONGEST_SECONDS = 300
SAYS = re.compile(r"console\.log\(.*\); // (.*)$")


class Wrong(Exception):
    pass


@contextlib.contextmanager
def step(title):
    began = time.monotonic()
    print(f"-- {title}", flush=True)
    yield
    print(f"-- {title}: {time.monotonic() - began:.0f} s", flush=True)


def run(command, directory, **environment):
    subprocess.run(command, cwd=directory, env={**os.environ, **environment}, check=True, timeout=LONGEST_SECONDS)


def recipe(tool):
    """The arguments that openapi/README.md gives this generator, without which it makes something else."""
    found = re.search(rf"^(?:npx )?{re.escape(tool)} (.+)$", RECIPES.read_text(), re.M)
    if not found:
        raise Wrong(f"openapi/README.md has no recipe that runs {tool}")
    return shlex.split(found[1].replace("openapi.json", str(CONTRACT)))


def recipes_in_step():
    """The guide and the recipes name the versions that are used here, and the guide generates as the recipe does."""
    package = json.loads((HERE / "package.json").read_text())
    pinned = {name: version for group in ("dependencies", "devDependencies") for name, version in package[group].items()}
    python = dict(re.findall(r"^([a-z-]+)==(\S+)", (ROOT / ".ci" / "requirements.txt").read_text(), re.M))
    wanted = [f"{name}@{pinned[name]}" for name in ("openapi-fetch", "openapi-typescript", "typescript")]
    for page, needs in ((GUIDE, wanted), (RECIPES, [*wanted, f"openapi-python-client=={python['openapi-python-client']}"])):
        missing = [need for need in needs if need not in page.read_text()]
        if missing:
            raise Wrong(f"{page.relative_to(ROOT)} does not name {', '.join(missing)}, which is used here")
    generate = re.search(r"^npx openapi-typescript .*$", RECIPES.read_text(), re.M)[0]
    if generate not in GUIDE.read_text():
        raise Wrong(f"the guide does not generate as openapi/README.md does: {generate}")


def cut():
    """The TypeScript of the guide as one program, and what it must print."""
    blocks = re.findall(r"^```ts\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
    program = "\n".join(blocks)
    printed = [SAYS.search(line) for line in program.splitlines() if "console.log(" in line]
    if None in printed:
        raise Wrong("a console.log of the guide does not say what it prints")
    return program, [found[1] for found in printed]


def typescript():
    program, expected = cut()
    (TYPESCRIPT / "story.ts").write_text(program)
    shutil.copy(HERE / "tsconfig.json", TYPESCRIPT)
    with step("openapi-typescript"):
        run(["node_modules/.bin/openapi-typescript", *recipe("openapi-typescript")], TYPESCRIPT)
    with step("tsc, strict"):
        run(["node_modules/.bin/tsc", "--project", "."], TYPESCRIPT)
    return lambda directory, url: tell(["node", TYPESCRIPT / "built" / "story.js"], directory, url, expected)


def python():
    with step("openapi-python-client"):
        shutil.rmtree(PYTHON, ignore_errors=True)
        PYTHON.mkdir(parents=True)
        run([tool("openapi-python-client"), *recipe("openapi-python-client")], PYTHON, PATH=f"{tool('.')}:{os.environ['PATH']}")
        shutil.copy(HERE / "story.py", PYTHON)
    with step("mypy, strict"):
        run([tool("mypy"), "--strict", "--no-error-summary", "story.py", "gcm/gcm_api_client"], PYTHON, MYPYPATH="gcm")
    command = [sys.executable, PYTHON / "story.py"]
    return lambda directory, url: run(command, directory, GCM_URL=url, PYTHONPATH=str(PYTHON / "gcm"), PYTHONDONTWRITEBYTECODE="1")


def tool(name):
    return str(pathlib.Path(sys.executable).parent / name)


def tell(command, directory, url, expected):
    """Runs a story, and holds each line that it prints against what the guide says."""
    environment = {**os.environ, "GCM_URL": url}
    story = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.PIPE, text=True, timeout=LONGEST_SECONDS)
    printed = story.stdout.splitlines()
    for line, says in zip(printed, expected):
        pattern = ".*".join(re.escape(part) for part in says.split("…"))
        if not re.fullmatch(pattern, line):
            raise Wrong(f"the guide says\n  {says}\nbut it prints\n  {line}")
        print(f"   {line}")
    if story.returncode or len(printed) != len(expected):
        raise Wrong(f"the story ended with {story.returncode} after {len(printed)} of {len(expected)} lines")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=COMMAND, help="what to start")
    options = parser.parse_args()
    recipes_in_step()
    for title, story in (("the story in TypeScript", typescript()), ("the story in Python", python())):
        log = OUT / "service.log"
        with step(title), tempfile.TemporaryDirectory(prefix="gcm-story-") as directory:
            with service(options.server, pathlib.Path(directory) / "data", log) as (process, url):
                story(directory, url)
                if process.poll() is not None:
                    raise Wrong(f"the service ended:\n{tail(log, 40)}")
    print("clients: both lived through the guide")


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"clients: {wrong}")
    except subprocess.TimeoutExpired as late:
        sys.exit(f"clients: {shlex.join(map(str, late.cmd))} took longer than {LONGEST_SECONDS} s")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"clients: {shlex.join(map(str, failed.cmd))} ended with {failed.returncode}")
