# SPDX-License-Identifier: Apache-2.0
# validate.py - reads {"schema": .., "instance": ..} lines, answers "valid" or "invalid: why" to each
import json
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

checked = None  # the questions mostly share one schema, and checking it takes long
for line in sys.stdin:
    asked = json.loads(line)
    if asked["schema"] != checked:
        Draft202012Validator.check_schema(asked["schema"])
        checked = asked["schema"]
    error = best_match(Draft202012Validator(checked).iter_errors(asked["instance"]))
    print(f"invalid: {error.json_path}: {error.message[:500]}" if error else "valid")
