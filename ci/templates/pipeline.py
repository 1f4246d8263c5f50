# SPDX-License-Identifier: Apache-2.0
# pipeline.py - takes the templates for pipelines at their word: runs the shell lines that stand in them
#
# usage: pipeline.py shell FOLDER                writes each block of shell to a file there
#        pipeline.py github WORKFLOW GONEAWAY    runs it in the current folder, a connector's repository
#        pipeline.py gitlab PIPELINE
#        pipeline.py kubernetes FILE PROGRAMS    PROGRAMS: a folder that is in the image's PATH
#
# It does what these engines do with what the templates use, and nothing else: an expression, a key or
# an action that it does not know is an error. What the jobs of a matrix or of `parallel:` do, they do one
# after the other. Exit status: 0 if all jobs ended well, 1 if one did not. What a job leaves lies below
# ./.pipeline: artifacts/, summary.md, log (all jobs' output).
import glob
import os
import re
import shutil
import subprocess
import sys

import yaml

OUT = ".pipeline"


def load(path):
    with open(path, encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def fail(message):
    sys.exit(f"pipeline: {message}")


def run(argv, env, cwd="."):
    """Runs a step; what it says is kept, and shown behind a bar: its totals are not ours."""
    with open(f"{OUT}/log", "ab") as log:
        process = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in process.stdout:
            log.write(line)
            sys.stdout.buffer.write(b"| " + line)
            sys.stdout.buffer.flush()
    return process.wait()


def clean_environment():
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "USER")
    return {name: value for name, value in os.environ.items()
            if name in kept or name.startswith("GONEAWAY_")}


# ---- GitHub ------------------------------------------------------------------------------------

class GitHub:
    """A job: its environment, and the values that expressions may ask for."""

    def __init__(self, goneaway):
        self.goneaway = goneaway
        self.temp = os.path.abspath(f"{OUT}/temp")
        self.failed = False
        shutil.rmtree(self.temp, ignore_errors=True)
        os.makedirs(self.temp)

    def expand(self, text, values):
        def value(match):
            name = match.group(1)
            if name not in values:
                fail(f"nothing is known of the expression {name}")
            return str(values[name])
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", value, str(text))

    def wanted(self, step):
        condition = str(step.get("if", "success()")).strip("${} ")
        if condition not in ("success()", "always()", "!cancelled()"):
            fail(f"nothing is known of the condition {condition}")
        return condition != "success()" or not self.failed

    def script(self, step, values, action_path):
        output = f"{self.temp}/output"
        open(output, "w", encoding="utf-8").close()
        env = clean_environment() | {
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": os.getcwd(),
            "GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": os.path.abspath(f"{OUT}/summary.md"),
            "GITHUB_ACTION_PATH": action_path, "RUNNER_TEMP": self.temp}
        env |= {name: self.expand(text, values) for name, text in step.get("env", {}).items()}
        if "${{" in step["run"]:
            fail(f"an expression stands in shell, where its value is taken for code: {step['run']}")
        if run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], env) != 0:
            self.failed = True
        for line in open(output, encoding="utf-8"):
            name, text = line.rstrip("\n").split("=", 1)
            values[f"steps.{step['id']}.outputs.{name}"] = text

    def action(self, step, values):
        """A step that uses an action: one of goneaway's, or one that is GitHub's own."""
        name, version = step["uses"].split("@")
        inputs = {key: self.expand(text, values) for key, text in step.get("with", {}).items()}
        if name.startswith("OWNER/goneaway/"):
            self.composite(os.path.join(self.goneaway, name.split("/", 2)[2]), inputs)
        elif not re.fullmatch("[0-9a-f]{40}", version):
            fail(f"{step['uses']} may change; name a commit")
        elif name == "actions/upload-artifact" and os.path.isdir(inputs["path"]):
            shutil.copytree(inputs["path"], f"{OUT}/artifacts/{inputs['name']}", dirs_exist_ok=True)
        elif name == "actions/download-artifact":
            for folder in glob.glob(f"{OUT}/artifacts/{inputs['pattern']}"):
                shutil.copytree(folder, inputs["path"], dirs_exist_ok=True)
        elif name == "actions/cache":
            if not re.fullmatch("goneaway-[0-9a-f]{16}", inputs["key"]):
                fail(f"{inputs['key']} is no key of a cache")
        elif name not in ("actions/checkout", "actions/upload-artifact"):
            fail(f"nothing is known of the action {name}")

    def composite(self, path, given):
        definition = load(f"{path}/action.yml")[0]
        unknown = set(given) - set(definition["inputs"])
        if unknown:
            fail(f"{path} has no input {unknown}")
        values = {f"inputs.{name}": given.get(name, what.get("default", ""))
                  for name, what in definition["inputs"].items()}
        values["runner.temp"] = self.temp
        self.steps(definition["runs"]["steps"], values, path)

    def steps(self, steps, values, action_path=""):
        for step in steps:
            if not self.wanted(step):
                continue
            print(f"-- {step.get('name') or step.get('uses') or step['run']}", flush=True)
            if "uses" in step:
                self.action(step, values)
            else:
                self.script(step, values, action_path)


def combinations(job):
    matrix = job.get("strategy", {}).get("matrix", {})
    if not matrix:
        return [{}]
    (name, items), = matrix.items()
    return [{f"matrix.{name}": item} for item in items]


def github(path, goneaway):
    failed = False
    for name, job in load(path)[0]["jobs"].items():
        for values in combinations(job):
            print(f"== {name} {values}", flush=True)
            runner = GitHub(goneaway)
            runner.steps(job["steps"], values)
            failed = failed or runner.failed
    return failed


# ---- GitLab ------------------------------------------------------------------------------------

def inherited(jobs, name):
    """A job with what it extends; mappings are merged, as GitLab does."""
    job = jobs[name]
    if "extends" not in job:
        return job
    base = inherited(jobs, job["extends"])
    merged = base | job
    for key, value in job.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = base[key] | value
    return merged


def gitlab_job(pipeline, job, index, total):
    env = clean_environment() | {"CI": "true", "CI_PROJECT_DIR": os.getcwd(),
                                 "CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(total)}
    own = {key: env[key] for key in env if key.startswith("GONEAWAY_")} # as set for the project
    for variables in pipeline["variables"], job.get("variables", {}), own:
        for name, value in variables.items():
            env[name] = re.sub(r"\$(\w+)", lambda match: env.get(match.group(1), ""), str(value))
    script = "\n".join(job.get("before_script", []) + job["script"])
    return run(["bash", "-eo", "pipefail", "-c", script], env)


def gitlab(path):
    pipeline = load(path)[0]
    reserved = ("stages", "variables")
    failed = False
    for stage in pipeline["stages"]:
        for name in (key for key in pipeline if key not in reserved and key[0] != "."):
            job = inherited(pipeline, name)
            if job["stage"] != stage or (failed and job.get("when") != "always"):
                continue
            total = job.get("parallel", 1)
            for index in range(1, total + 1):
                print(f"== {name} {index}/{total}", flush=True)
                failed |= gitlab_job(pipeline, job, index, total) != 0
    return failed


# ---- Kubernetes --------------------------------------------------------------------------------

def pod(job, index, programs):
    (container,) = job["spec"]["template"]["spec"]["containers"]
    env = clean_environment() | {item["name"]: item["value"] for item in container["env"]}
    env["PATH"] = f"{programs}:{env['PATH']}"
    if index is not None:
        env["JOB_COMPLETION_INDEX"] = str(index)
    for override in "REPORTS", "ADAPTER", "SCENARIOS", "SERVERS", "WAIT_SECONDS":
        if override in os.environ and override in env:
            env[override] = os.environ[override]
    return run(container["command"] + container["args"], env)


def kubernetes(path, programs):
    failed = False
    for job in load(path):
        if job["kind"] != "Job":
            continue
        indexed = job["spec"].get("completionMode") == "Indexed"
        for index in range(job["spec"]["completions"]) if indexed else [None]:
            print(f"== {job['metadata']['name']} {'' if index is None else index}", flush=True)
            failed |= pod(job, index, programs) != 0
    return failed


# ---- shell -------------------------------------------------------------------------------------

def blocks():
    """All shell in the templates: a name, the shell that reads it, the text."""
    for path in sorted(glob.glob("ci/github-action/**/action.yml", recursive=True)):
        for number, step in enumerate(load(path)[0]["runs"]["steps"], 1):
            if "run" in step:
                yield f"{path}-{number}", "bash", step["run"]
    for name, job in load("ci/templates/github-workflow.yml")[0]["jobs"].items():
        for number, step in enumerate(job["steps"], 1):
            if "run" in step:
                yield f"workflow-{name}-{number}", "bash", step["run"]
    for name, job in load("ci/templates/gitlab-ci.yml")[0].items():
        if isinstance(job, dict):
            lines = job.get("before_script", []) + job.get("script", [])
            if lines:
                yield f"gitlab-{name}", "bash", "\n".join(lines)
    for job in load("ci/templates/kubernetes-job.yaml"):
        if job["kind"] == "Job":
            (container,) = job["spec"]["template"]["spec"]["containers"]
            yield f"kubernetes-{job['metadata']['name']}", "sh", container["args"][0]


def shell(folder):
    os.makedirs(folder, exist_ok=True)
    for name, interpreter, text in blocks():
        if "|| true" in text or "|| :" in text:
            fail(f"{name} hides a failure")
        with open(f"{folder}/{re.sub('[^a-z0-9-]', '-', name)}.sh", "w", encoding="utf-8") as file:
            file.write(f"#!/bin/{interpreter}\n{text}\n")
    return False


def main():
    commands = {"github": github, "gitlab": gitlab, "kubernetes": kubernetes, "shell": shell}
    command = commands[sys.argv[1]]
    if command is not shell:
        shutil.rmtree(OUT, ignore_errors=True)
        os.makedirs(f"{OUT}/artifacts")
    sys.exit(1 if command(*sys.argv[2:]) else 0)


main()
