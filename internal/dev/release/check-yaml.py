"""Checks a YAML file against a JSON schema, and a configuration of CircleCI also for names that do not exist.

check-yaml.py SCHEMA FILE...
"""

import json
import sys

import jsonschema
import yaml


def check_schema(schema, document):
    validator = jsonschema.validators.validator_for(schema)(schema)
    for error in validator.iter_errors(document):
        yield f"{error.json_path}: {error.message[:300]}"


def check_names(document):
    """What a schema cannot know: that jobs, commands, executors and what a job waits for are there."""
    jobs = document.get("jobs", {})
    orbs = tuple(f"{orb}/" for orb in document.get("orbs", {}))
    for name, job in jobs.items():
        executor = job.get("executor", {})
        wanted = executor if isinstance(executor, str) else executor.get("name")
        if wanted and "<<" not in wanted and wanted not in document.get("executors", {}):
            yield f"jobs.{name}: there is no executor {wanted}"
    for owner, steps in [*jobs.items(), *document.get("commands", {}).items()]:
        for step in steps.get("steps", []):
            wanted = step if isinstance(step, str) else next(iter(step))
            known = wanted in BUILT_IN or wanted in document.get("commands", {}) or wanted.startswith(orbs)
            if not known:
                yield f"{owner}: there is no command {wanted}"
    for name, workflow in document.get("workflows", {}).items():
        entries = [{job: {}} if isinstance(job, str) else job for job in workflow.get("jobs", [])]
        names = {options.get("name", job) for entry in entries for job, options in entry.items()}
        for entry in entries:
            for job, options in entry.items():
                if job not in jobs and not job.startswith(orbs):
                    yield f"workflows.{name}: there is no job {job}"
                for wanted in options.get("requires", []):
                    if wanted not in names:
                        yield f"workflows.{name}.{job}: waits for {wanted}, which is not in this workflow"


BUILT_IN = {
    "add_ssh_keys",
    "attach_workspace",
    "checkout",
    "persist_to_workspace",
    "restore_cache",
    "run",
    "save_cache",
    "setup_remote_docker",
    "store_artifacts",
    "store_test_results",
    "unless",
    "when",
}

with open(sys.argv[1], encoding="utf-8") as file:
    SCHEMA = json.load(file)
PROBLEMS = []
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        content = yaml.safe_load(file)
    PROBLEMS += [f"{path}: {problem}" for problem in check_schema(SCHEMA, content)]
    if "workflows" in content:
        PROBLEMS += [f"{path}: {problem}" for problem in check_names(content)]
for problem in PROBLEMS:
    print(problem, file=sys.stderr)
sys.exit(1 if PROBLEMS else 0)
