# SPDX-License-Identifier: Apache-2.0
# validate.py - reads {"schema": .., "instance": ..} lines, answers "valid" or "invalid" to each
import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(77)

for line in sys.stdin:
    asked = json.loads(line)
    Draft202012Validator.check_schema(asked["schema"])
    valid = Draft202012Validator(asked["schema"]).is_valid(asked["instance"])
    print("valid" if valid else "invalid")
