"""Compiles sources that have mutants, links test programs with them, and runs the tests."""

import concurrent.futures
import hashlib
import json
import os
import pickle
import re
import resource
import shlex
import shutil
import subprocess
import time

from points import Finder, IDS_PER_FILE, mutants_at, parse_arguments

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = {"CHAINRULE_PROPERTY_COUNT": "150", "CHAINRULE_CHECK_COUNT": "50"}


def output_of(command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def limit_resources():
    """A mutant may ask for any amount of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def parsed(job):
    """The mutants of one file that clang accepts; kept for the next run, as it takes seconds."""
    root, file, base, arguments, cache = job
    digest = hashlib.sha256(repr((file, base, arguments)).encode())
    for path in (os.path.join(root, file), os.path.join(HERE, "points.py")):
        with open(path, "rb") as stream:
            digest.update(stream.read())
    kept = os.path.join(cache, digest.hexdigest())
    if os.path.exists(kept):
        with open(kept, "rb") as stream:
            return pickle.load(stream)
    finder = Finder(root, file, base, arguments)
    finder.drop_invalid()
    text, lines = finder.instrumented()
    result = file, text, lines, finder.mutants, finder.dropped
    with open(kept, "wb") as stream:
        pickle.dump(result, stream)
    return result


class Test:
    """One test of ctest whose program has mutants linked in."""

    def __init__(self, name, program, arguments, folder, environment):
        self.name, self.program, self.arguments = name, program, arguments
        self.folder, self.environment = folder, environment
        self.seconds, self.reached = 0.0, set()

    def run(self, timeout, **environment):
        """Whether it passes."""
        try:
            return subprocess.run(
                [self.program, *self.arguments, "--abort-after=1"], cwd=self.folder,
                env={**os.environ, **self.environment, **ENVIRONMENT, **environment},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                timeout=timeout, preexec_fn=limit_resources).returncode == 0
        except subprocess.TimeoutExpired:
            return False


class Programs:
    """Test programs of a build that exists, with some of its files exchanged for ones that have
    mutants. Everything that this writes is in `work`."""

    def __init__(self, root, build, work, jobs):
        self.root, self.build, self.work, self.jobs = root, build, work, jobs
        self.overlay = os.path.join(work, "source")
        self.mutants, self.files, self.dropped = {}, {}, set()
        with open(os.path.join(build, "compile_commands.json")) as stream:
            self.compile_commands = {}
            for entry in json.load(stream):
                words = shlex.split(entry["command"])
                self.compile_commands[words[words.index("-o") + 1]] = words
        os.makedirs(work, exist_ok=True)

    # ---- Sources --------------------------------------------------------------------------------

    def add_mutants(self, files, bases):
        """Writes the files with their mutants."""
        arguments = parse_arguments(self.root)
        for words in self.compile_commands.values():
            arguments += [w for w in words if re.match("-DCHAINRULE_HAS_(?!A|B)", w)]
        arguments = list(dict.fromkeys(arguments))
        cache = os.path.join(self.work, "parsed")
        os.makedirs(cache, exist_ok=True)
        jobs = [(self.root, file, bases[file], arguments, cache) for file in files]
        with concurrent.futures.ProcessPoolExecutor(self.jobs) as pool:
            for file, text, lines, mutants, dropped in pool.map(parsed, jobs):
                self.files[file] = (text, lines, bases[file], arguments)
                self.mutants.update(mutants)
                self.dropped |= dropped
                self.write(file, text)

    def write(self, file, text):
        path = os.path.join(self.overlay, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)

    def drop(self, numbers):
        """Removes mutants from the files."""
        self.dropped |= numbers
        for file, (_, _, base, arguments) in list(self.files.items()):
            if any(base < n <= base + IDS_PER_FILE for n in numbers):
                finder = Finder(self.root, file, base, arguments)
                finder.dropped = {n for n in self.dropped if base < n <= base + IDS_PER_FILE}
                text, lines = finder.instrumented()
                self.files[file] = (text, lines, base, arguments)
                self.write(file, text)

    # ---- Objects --------------------------------------------------------------------------------

    def objects_to_make(self, folders):
        """Objects of the sources with mutants; and of those in the given folders that include a
        header with mutants."""
        headers = {os.path.join(self.root, f) for f in self.files if f.endswith(".hpp")}
        uses = self.headers_of_objects(headers) if headers else {}
        objects = {}
        for name, words in self.compile_commands.items():
            sources = self.sources_of(words[-1])
            inside = any(s.startswith(f + "/") for s in sources for f in folders)
            changed = [s for s in sources if s in self.files]
            if changed or (inside and uses.get(name)):
                objects[name] = (changed or sources)[0]
        return objects

    def sources_of(self, path):
        """The source that is compiled, or those that a unity build compiles as one."""
        if not path.endswith(".cxx"):
            return [os.path.relpath(path, self.root)]
        with open(path) as stream:
            included = re.findall(r'(?m)^#include "(.+)"$', stream.read())
        return [os.path.relpath(source, self.root) for source in included]

    def source_with_mutants(self, path):
        """The file to compile instead of `path`, if one of its sources has mutants."""
        sources = self.sources_of(path)
        if not any(s in self.files for s in sources):
            return path
        if not path.endswith(".cxx"):
            return os.path.join(self.overlay, sources[0])
        folders = [self.overlay if s in self.files else self.root for s in sources]
        unity = os.path.join(self.overlay, os.path.relpath(path, self.build))
        os.makedirs(os.path.dirname(unity), exist_ok=True)
        with open(unity, "w") as stream:
            stream.writelines(f'#include "{f}/{s}"\n' for f, s in zip(folders, sources))
        return unity

    def headers_of_objects(self, headers):
        uses, name = {}, None
        for line in output_of(["ninja", "-C", self.build, "-t", "deps"]).splitlines():
            if line and not line[0].isspace():
                name = line.split(":")[0]
            elif os.path.normpath(os.path.join(self.build, line.strip())) in headers:
                uses.setdefault(name, set()).add(line.strip())
        return uses

    def compile(self, name):
        """The compiler's error output; none if it compiled."""
        words = list(self.compile_commands[name])
        target = os.path.join(self.work, "objects", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        words[words.index("-o") + 1] = target
        words[-1] = self.source_with_mutants(words[-1])
        at = next(i for i, w in enumerate(words) if w.startswith("-I"))
        words[at:at] = [f"-I{self.overlay}", "-include", os.path.join(HERE, "chainrule_mutant.hpp")]
        end = words.index("-o")
        words[end:end] = ["-O1", "-w", "-Wno-narrowing", "-fdiagnostics-color=never"]
        if shutil.which("ccache"):
            words.insert(0, "ccache")
        result = subprocess.run(words, cwd=self.build, capture_output=True, text=True,
                                env={**os.environ, "CCACHE_BASEDIR": self.root})
        return "" if result.returncode == 0 else result.stderr

    def blamed(self, errors):
        """The mutants on the lines that an error, or what it was instantiated from, names."""
        numbers = set()
        for block in re.split(r"(?m)^(?=.*?In instantiation of|.*?In function)", errors):
            if "error:" not in block:
                continue
            for match in re.finditer(r"([^\s:]+):(\d+):\d+:\s+(error|.*required)", block):
                path = os.path.normpath(os.path.join(self.build, match[1]))
                file = os.path.relpath(path, self.overlay)
                if file in self.files:
                    numbers |= mutants_at(self.files[file][1], int(match[2]))
        return numbers

    def make_objects(self, objects, say):
        """Compiles all, dropping mutants that do not compile."""
        waiting = dict(objects)
        for _ in range(15):
            bad, failed = set(), {}
            with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
                jobs = {pool.submit(self.compile, n): n for n in waiting}
                for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                    name, errors = jobs[job], job.result()
                    say(f"compiled {done}/{len(jobs)}: {waiting[name]}" +
                        (" (mutants to drop)" if errors else ""))
                    if errors:
                        failed[name] = errors
                        bad |= self.blamed(errors)
            if not failed:
                return
            if not bad - self.dropped:
                raise SystemExit("does not compile:\n" + next(iter(failed.values()))[:4000])
            self.drop(bad)
            waiting = {n: s for n, s in waiting.items() if n in failed}
        raise SystemExit("too many rounds of dropping mutants that do not compile")

    # ---- Programs -------------------------------------------------------------------------------

    def tests_of(self, names, objects, say):
        """Links the programs, and lists their quick tests in the order of `names`."""
        programs = {}
        for name in names:
            if not os.path.exists(os.path.join(self.build, "tests", name)):
                say(f"left out, because it is not built: {name}")
                continue
            commands = output_of(["ninja", "-C", self.build, "-t", "commands", name]).splitlines()
            words = shlex.split(commands[-1])[2:-2]  # `: && ... && :`
            program = os.path.join(self.work, "programs", name)
            os.makedirs(os.path.dirname(program), exist_ok=True)
            words[words.index("-o") + 1] = program
            made = lambda o: os.path.join(self.work, "objects", o)  # noqa: E731
            own = [w for w in words if w in objects]
            words = [made(w) if w in own else w for w in words]
            library = [made(o) for o in objects if o.startswith(("autodiff/", "nn/"))]
            # First, so that the linker takes inline functions from them and not from the tests.
            at = next(i for i, w in enumerate(words) if w.endswith(".o"))
            words[at:at] = library
            subprocess.run(words, cwd=self.build, check=True)
            programs[name] = program
        tests = []
        for test in json.loads(output_of(["ctest", "--test-dir", self.build,
                                          "--show-only=json-v1"]))["tests"]:
            properties = {p["name"]: p["value"] for p in test["properties"]}
            name = os.path.basename(test.get("command", [""])[0])
            if name in programs and \
                    not {"slow", "project"}.intersection(properties.get("LABELS", [])):
                environment = dict(e.split("=", 1) for e in properties.get("ENVIRONMENT", []))
                tests.append(Test(test["name"], programs[name], test["command"][1:],
                                  properties["WORKING_DIRECTORY"], environment))
        tests.sort(key=lambda t: names.index(os.path.basename(t.program)))
        return tests

    def record(self, tests):
        """Times each test and notes which mutants it reaches."""
        path = os.path.join(self.work, "reached")
        for test in tests:
            if os.path.exists(path):
                os.remove(path)
            passed = test.run(600, CHAINRULE_MUTANT_RECORD=path)
            start = time.monotonic()
            passed = passed and test.run(600)
            test.seconds = time.monotonic() - start
            if not passed or not os.path.exists(path):
                raise SystemExit(f"fails without any mutant: {test.name}")
            with open(path) as stream:
                test.reached = set(map(int, stream.read().split()))
