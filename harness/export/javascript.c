// SPDX-License-Identifier: Apache-2.0
// javascript.c - programs in JavaScript: mysql2
#include "export/language.h"

#include <string.h>

#define NO_FORK "JavaScript has no fork()"

static const struct dialect dialects[] = {
    {.connector = "mysql2",
     .library = "mysql2",
     .get = "npm install mysql2@@version",
     .check = "node -e 'require(\"mysql2\")'",
     .slots = {{"module", "mysql2/promise"}},
     .cannot = {[MOVE_PREPARE] = "mysql2 prepares and executes in one call",
                [MOVE_EXECUTE] = "mysql2 prepares and executes in one call",
                [MOVE_FORK] = NO_FORK}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, "// @title\n"
                  "// (@about)\n"
                  "'use strict';\n"
                  "\n"},
    {1 << MOVE_FAULT, "const {execFile} = require('node:child_process');\n"
                      "const {promisify} = require('node:util');\n"},
    {USED_ALWAYS, "const mysql = require('@module');\n"
                  "\n"
                  "let different = 0;\n"
                  "\n"
                  "const connect = async (options = {}) => {\n"
                  "  const connection = await mysql.createConnection({\n"
                  "    host: process.env.MYSQL_HOST,\n"
                  "    port: Number(process.env.MYSQL_TCP_PORT),\n"
                  "    user: process.env.MYSQL_USER,\n"
                  "    password: process.env.MYSQL_PWD,\n"
                  "    database: process.env.MYSQL_DATABASE,\n"
                  "    ...options,\n"
                  "  });\n"
                  "  connection.on('error', () => {}); // the next call says what it was\n"
                  "  return connection;\n"
                  "};\n"
                  "\n"},
    {1 << MOVE_FAULT, "const fault = (...words) => promisify(execFile)('./fault.sh', "
                      "words.map(String));\n"
                      "\n"},
    {USED_ALWAYS, "// Makes a call, and says how it ends.\n"
                  "const step = async (name, expected, call) => {\n"
                  "  let result;\n"
                  "  let ended = 'ok';\n"
                  "  let message = '';\n"
                  "  try {\n"
                  "    result = await call();\n"
                  "  } catch (error) {\n"
                  "    // errors of the system have negative numbers\n"
                  "    ended = error.errno > 0 ? String(error.errno) : error.code || error.name;\n"
                  "    message = ` ${error.name}: ${error.message}`;\n"
                  "  }\n"
                  "  console.log(`${name}: ${ended} (expected ${expected})${message}`);\n"
                  "  if (!expected.split(' or ').includes(ended)) {\n"
                  "    different++;\n"
                  "  }\n"
                  "  return result;\n"
                  "};\n"
                  "\n"
                  "const main = async () => {\n"},
    {0}};

static void add_single(struct text *out, const char *value, size_t length) {
    text_add(out, "'");
    for (size_t i = 0; i < length; i++)
        text_printf(out, "%s%.*s", strchr("\\'", value[i]) ? "\\" : "", value[i] == '\n' ? 2 : 1,
                    value[i] == '\n' ? "\\n" : value + i);
    text_add(out, "'");
}

const struct language language_javascript = {
    .name = "JavaScript",
    .file = "repro.js",
    .run = "node repro.js",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"  @let@connection = await step('@id', '@expected', () => "
                                "connect(@only));\n",
                                "  @let@connection = await connect(@only);\n"},
              [MOVE_QUERY] = {"  await step('@id', '@expected', () => @connection.query(@sql));\n",
                              "  await @connection.query(@sql);\n"},
              [MOVE_PING] = {"  await step('@id', '@expected', () => @connection.ping());\n", NULL},
              [MOVE_CLOSE] = {"  await step('@id', '@expected', () => @connection.end());\n",
                              "  await @connection.end();\n"},
              [MOVE_FAULT] = {NULL, "  await fault(@words);\n"}},
    .session = "  const @session = @connection.threadId;\n",
    .connect_timeout = ", connectTimeout: @ms",
    .wrap = {"{", "}"},
    .first = "let ",
    .end = "  console.log(different ? 'not reproduced' : 'reproduced');\n"
           "  process.exit(different ? 1 : 0);\n"
           "};\n"
           "\n"
           "main();\n",
    .payload = " + 'x'.repeat(@bytes) + ",
    .add_text = add_single,
};
