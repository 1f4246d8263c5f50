# SPDX-License-Identifier: Apache-2.0
# load.py - loads the YAML files named on stdin as yaml.safe_load() does, one answer a line: {"odd": [..], "value": ..}
#
# Odd is what a reader of YAML 1.1 cannot read, or takes for something else than a reader of 1.2.
import json
import re
import sys

import yaml

# YAML 1.2.2, 10.3.2. Of 1.1, which PyYAML reads, that leaves out `y` and `n` alone.
CORE = [
    ("null", r"null|Null|NULL|~|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
]


def kind_in_core(node):
    if node.style is not None:
        return "str"
    return next((kind for kind, pattern in CORE if re.fullmatch(pattern, node.value)), "str")


def kind_in_1_1(node):
    if node.style is not None:
        return "str"
    kind = node.tag.rpartition(":")[2]
    if kind == "int" and re.fullmatch(r"[-+]?0[0-7_]+", node.value):
        return "octal"
    return "bool" if node.value in ("y", "Y", "n", "N") else kind


def scalars(node, seen_as):
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars(key, "key")
            yield from scalars(value, "value")
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars(item, "value")
    else:
        yield node, seen_as


def complaints(root):
    for node, seen_as in scalars(root, "value"):
        place = f"{node.start_mark.line + 1}:{node.start_mark.column + 1}: the {seen_as} '{node.value}'"
        old, new = kind_in_1_1(node), kind_in_core(node)
        if old != new:
            yield f"{place} is {old} in YAML 1.1, {new} in 1.2; put it in quotes"
        elif seen_as == "key" and old != "str":
            yield f"{place} is no string"


for path in sys.stdin.read().splitlines():
    answer = {"odd": [], "value": None}
    try:
        with open(path, encoding="utf-8") as file:
            loader = yaml.SafeLoader(file)
            root = loader.get_single_node()
            answer["odd"] += [f"{path}:{why}" for why in complaints(root)]
            answer["value"] = loader.construct_document(root)
    except (yaml.YAMLError, ValueError) as error:
        answer["odd"].append(f"{path}: " + " ".join(str(error).split()))
    print(json.dumps(answer, default=str))
