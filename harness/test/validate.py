# SPDX-License-Identifier: Apache-2.0
# validate.py - reads {"schema": .., "instance": ..} lines, answers "valid" or "invalid" to each
import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(77)

checked = None  # the questions mostly share one schema, and checking it takes long
for line in sys.stdin:
    asked = json.loads(line)
    if asked["schema"] != checked:
        Draft202012Validator.check_schema(asked["schema"])
        checked = asked["schema"]
    valid = Draft202012Validator(checked).is_valid(asked["instance"])
    print("valid" if valid else "invalid")
