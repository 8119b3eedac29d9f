"""Checks documents against the schema of CycloneDX 1.6: check-sbom.py FILE..."""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
PROBLEMS = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        error = VALIDATOR.validate_str(file.read())
    if error is not None:
        print(f"{path}: {error}", file=sys.stderr)
        PROBLEMS += 1
sys.exit(1 if PROBLEMS or len(sys.argv) == 1 else 0)
