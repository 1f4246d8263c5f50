// SPDX-License-Identifier: Apache-2.0
// python.c - programs in Python: what has the DB-API
#include "export/language.h"

#include <string.h>

static const struct dialect dialects[] = {
    {.connector = "pymysql",
     .library = "PyMySQL",
     .get = "pip install PyMySQL==@version cryptography",
     .check = "python3 -c 'import pymysql'",
     .slots = {{"module", "pymysql"},
               {"number", "@connection.thread_id()"},
               {"ping", "@connection.ping"},
               {"plain", ""}},
     .cannot = {[MOVE_PREPARE] = "PyMySQL prepares no statements in the server",
                [MOVE_EXECUTE] = "PyMySQL prepares no statements in the server"}},
    {.connector = "mysqlclient",
     .library = "mysqlclient",
     .get = "pip install mysqlclient==@version",
     .check = "python3 -c 'import MySQLdb'",
     .slots = {{"module", "MySQLdb"},
               {"number", "@connection.thread_id()"},
               {"ping", "@connection.ping"},
               {"plain", ""}},
     .cannot = {[MOVE_PREPARE] = "mysqlclient prepares no statements in the server",
                [MOVE_EXECUTE] = "mysqlclient prepares no statements in the server"}},
    {.connector = "mysql-connector-python",
     .library = "MySQL Connector/Python",
     .get = "pip install mysql-connector-python==@version",
     .check = "python3 -c 'import mysql.connector'",
     .slots = {{"module", "mysql.connector"},
               {"number", "@connection.connection_id"},
               {"ping", "@connection.ping"},
               {"plain", "        ssl_disabled=True,\n"}},
     .cannot = {[MOVE_PREPARE] = "Connector/Python prepares and executes in one call",
                [MOVE_EXECUTE] = "Connector/Python prepares and executes in one call"}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, "#!/usr/bin/env python3\n"
                  "# @title\n"
                  "# (@about)\n"
                  "import os\n"},
    {1 << MOVE_FAULT, "import subprocess\n"},
    {USED_ALWAYS, "import sys\n"
                  "\n"
                  "import @module\n"
                  "\n"
                  "different = []\n"
                  "\n"
                  "\n"
                  "def connect(**options):\n"
                  "    return @module.connect(\n"
                  "        host=os.environ[\"MYSQL_HOST\"],\n"
                  "        port=int(os.environ[\"MYSQL_TCP_PORT\"]),\n"
                  "        user=os.environ[\"MYSQL_USER\"],\n"
                  "        password=os.environ[\"MYSQL_PWD\"],\n"
                  "        database=os.environ[\"MYSQL_DATABASE\"],\n"
                  "        autocommit=True,\n"
                  "@plain"
                  "        **options,\n"
                  "    )\n"
                  "\n"
                  "\n"},
    {1 << MOVE_QUERY, "def query(connection, sql):\n"
                      "    cursor = connection.cursor()\n"
                      "    cursor.execute(sql)\n"
                      "    return cursor.fetchall() if cursor.description else None\n"
                      "\n"
                      "\n"},
    {1 << MOVE_FAULT, "def fault(*words):\n"
                      "    subprocess.run([\"./fault.sh\", *map(str, words)], check=True)\n"
                      "\n"
                      "\n"},
    {USED_ALWAYS, "def step(name, expected, call, *arguments, **options):\n"
                  "    \"\"\"Make a call, and say how it ends.\"\"\"\n"
                  "    result, ended, message = None, \"ok\", \"\"\n"
                  "    try:\n"
                  "        result = call(*arguments, **options)\n"
                  "    except Exception as error:\n"
                  "        number = error.args[0] if error.args else None\n"
                  "        has_number = isinstance(number, int) and number > 0\n"
                  "        ended = str(number) if has_number else type(error).__name__\n"
                  "        message = f\" {type(error).__name__}: {error}\"\n"
                  "    print(f\"{name}: {ended} (expected {expected}){message}\")\n"
                  "    if ended not in expected.split(\" or \"):\n"
                  "        different.append(name)\n"
                  "    return result\n"
                  "\n"
                  "\n"},
    {0}};

const struct language language_python = {
    .name = "Python",
    .file = "repro.py",
    .run = "./repro.py",
    .comment = "#",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"@connection = step(\"@id\", \"@expected\", connect@options)\n",
                                "@connection = connect(@only)\n"},
              [MOVE_QUERY] = {"step(\"@id\", \"@expected\", query, @connection, @sql)\n",
                              "query(@connection, @sql)\n"},
              [MOVE_PING] = {"step(\"@id\", \"@expected\", @ping)\n", NULL},
              [MOVE_CLOSE] = {"step(\"@id\", \"@expected\", @connection.close)\n",
                              "@connection.close()\n"},
              [MOVE_FORK] = {NULL, "child = os.fork()\n"
                                   "if child == 0:\n"
                                   "@ending\n"
                                   "os.waitpid(child, 0)\n"},
              [MOVE_FAULT] = {NULL, "fault(@words)\n"}},
    .session = "@session = @number\n",
    .connect_timeout = ", connect_timeout=@seconds",
    .read_timeout = ", read_timeout=@seconds",
    .write_timeout = ", write_timeout=@seconds",
    .ending = {"    @connection.close()\n"
               "    os._exit(0)",
               "    sys.exit()", "    os._exit(0)"},
    .end = "\n"
           "print(\"not reproduced\" if different else \"reproduced\")\n"
           "sys.exit(bool(different))\n",
    .payload = " + \"x\" * @bytes + ",
    .add_text = add_quoted,
};
