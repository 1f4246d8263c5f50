// SPDX-License-Identifier: Apache-2.0
// go.c - programs in Go: go-sql-driver/mysql below database/sql
#include "export/language.h"

#include <string.h>

static const struct dialect dialects[] = {
    {.connector = "go-mysql",
     .library = "go-sql-driver/mysql",
     .get = "Go from 1.19 on; run.sh gets github.com/go-sql-driver/mysql@v@version by itself",
     .check = "go version",
     .cannot = {[MOVE_FORK] = "Go has no fork()"}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, "// @title\n"
                  "// (@about)\n"
                  "package main\n"
                  "\n"
                  "import (\n"
                  "\t\"context\"\n"
                  "\t\"database/sql\"\n"
                  "\t\"database/sql/driver\"\n"
                  "\t\"errors\"\n"
                  "\t\"fmt\"\n"
                  "\t\"os\"\n"},
    {1 << MOVE_FAULT, "\t\"os/exec\"\n"},
    {USED_ALWAYS, "\t\"strings\"\n"
                  "\n"
                  "\t\"github.com/go-sql-driver/mysql\"\n"
                  ")\n"
                  "\n"
                  "func connect(options ...string) (*sql.Conn, error) {\n"
                  "\tdb, err := sql.Open(\"mysql\", os.ExpandEnv("
                  "\"$MYSQL_USER:$MYSQL_PWD@tcp($MYSQL_HOST:$MYSQL_TCP_PORT)/$MYSQL_DATABASE?\")+"
                  "strings.Join(options, \"&\"))\n"
                  "\tif err != nil {\n"
                  "\t\treturn nil, err\n"
                  "\t}\n"
                  "\treturn db.Conn(ctx) // one session of the pool\n"
                  "}\n"
                  "\n"},
    {1 << MOVE_QUERY, "func query(connection *sql.Conn, statement string) error {\n"
                      "\trows, err := connection.QueryContext(ctx, statement)\n"
                      "\tif err != nil {\n"
                      "\t\treturn err\n"
                      "\t}\n"
                      "\tfor rows.Next() {\n"
                      "\t}\n"
                      "\treturn rows.Err()\n"
                      "}\n"
                      "\n"},
    {1 << MOVE_FAULT, "func fault(words ...string) {\n"
                      "\tcommand := exec.Command(\"./fault.sh\", words...)\n"
                      "\tcommand.Stdout, command.Stderr = os.Stdout, os.Stderr\n"
                      "\tif command.Run() != nil {\n"
                      "\t\tos.Exit(1)\n"
                      "\t}\n"
                      "}\n"
                      "\n"},
    {USED_ALWAYS, "// step says how a call has ended.\n"
                  "func step(name, expected string, err error) {\n"
                  "\tended, message := \"ok\", \"\"\n"
                  "\tif err != nil {\n"
                  "\t\tended, message = fmt.Sprintf(\"%T\", err), err.Error()\n"
                  "\t}\n"
                  "\tvar server *mysql.MySQLError\n"
                  "\tif errors.As(err, &server) {\n"
                  "\t\tended = fmt.Sprint(server.Number)\n"
                  "\t}\n"
                  "\tfor known, name := range named {\n"
                  "\t\tif errors.Is(err, known) {\n"
                  "\t\t\tended = name\n"
                  "\t\t}\n"
                  "\t}\n"
                  "\tfmt.Printf(\"%s: %s (expected %s) %s\\n\", name, ended, expected, message)\n"
                  "\tif !strings.Contains(\" or \"+expected+\" or \", \" or \"+ended+\" or \") {\n"
                  "\t\tdifferent = true\n"
                  "\t}\n"
                  "}\n"
                  "\n"},
    {0}};

// Errors that have neither a number nor a type of their own; the first is always there, so that its
// package is used.
static const char *const names[] = {"driver.ErrBadConn",    "sql.ErrConnDone",
                                    "mysql.ErrInvalidConn", "mysql.ErrMalformPkt",
                                    "mysql.ErrPktSync",     "mysql.ErrPktTooLarge"};

static void add_names(struct text *out, const struct script *script) {
    size_t longest = 0;
    bool named[COUNT_OF(names)] = {true};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t k = 0; k < script->count; k++)
            named[i] |= script->moves[k].id && strstr(script->moves[k].expected, names[i]);
        if (named[i] && strlen(names[i]) > longest)
            longest = strlen(names[i]);
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) // as gofmt aligns them
        if (named[i])
            text_printf(out, "\t%s:%*s\"%s\",\n", names[i], (int)(longest - strlen(names[i]) + 1),
                        "", names[i]);
}

// At the level of the package, where one that is not used is no error.
static void declare(struct text *out, const struct script *script) {
    text_add(out, "// Errors without a number.\n"
                  "var named = map[error]string{\n");
    add_names(out, script);
    text_add(out, "}\n"
                  "\n"
                  "var ctx = context.Background()\n"
                  "var different bool\n"
                  "var err error\n");
    for (size_t i = 0; i < script->count; i++) {
        if (!move_is_first_connect(script, i))
            continue;
        const char *connection = script->moves[i].connection;
        cleanup_free char *session = session_of(connection);
        text_printf(out, "var %s *sql.Conn\n", connection);
        if (script->needs_ids)
            text_printf(out, "var %s string\n", session);
    }
    if (script->kinds & 1 << MOVE_PREPARE)
        text_add(out, "var prepared *sql.Stmt\n");
    text_add(out, "\nfunc main() {\n");
}

const struct language language_go = {
    .name = "Go",
    .file = "repro.go",
    .build = "[ -e go.mod ] || [ \"${GO111MODULE:-}\" = off ] || {\n"
             "    go mod init repro\n"
             "    go get github.com/go-sql-driver/mysql@v@version\n"
             "}\n"
             "go build -o repro repro.go",
    .run = "./repro",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"\t@connection, err = connect(@only)\n"
                                "\tstep(\"@id\", \"@expected\", err)\n",
                                "\t@connection, err = connect(@only)\n"
                                "\tif err != nil {\n"
                                "\t\tpanic(err)\n"
                                "\t}\n"},
              [MOVE_QUERY] = {"\tstep(\"@id\", \"@expected\", query(@connection, @sql))\n",
                              "\tstep(\"@verb\", \"ok\", query(@connection, @sql))\n"},
              [MOVE_PREPARE] = {"\tprepared, err = @connection.PrepareContext(ctx, @sql)\n"
                                "\tstep(\"@id\", \"@expected\", err)\n",
                                "\tprepared, err = @connection.PrepareContext(ctx, @sql)\n"
                                "\tstep(\"@verb\", \"ok\", err)\n"},
              [MOVE_EXECUTE] = {"\t_, err = prepared.ExecContext(ctx)\n"
                                "\tstep(\"@id\", \"@expected\", err)\n",
                                "\t_, err = prepared.ExecContext(ctx)\n"
                                "\tstep(\"@verb\", \"ok\", err)\n"},
              [MOVE_PING] = {"\tstep(\"@id\", \"@expected\", @connection.PingContext(ctx))\n",
                             NULL},
              [MOVE_FAULT] = {NULL, "\tfault(@words)\n"}},
    .session = "\t@connection.QueryRowContext(ctx, \"SELECT CONNECTION_ID()\").Scan(&@session)\n",
    .connect_timeout = ", \"timeout=@duration\"",
    .read_timeout = ", \"readTimeout=@duration\"",
    .write_timeout = ", \"writeTimeout=@duration\"",
    .end = "\tif different {\n"
           "\t\tfmt.Println(\"not reproduced\")\n"
           "\t\tos.Exit(1)\n"
           "\t}\n"
           "\tfmt.Println(\"reproduced\")\n"
           "}\n",
    .payload = "+strings.Repeat(\"x\", @bytes)+",
    .add_text = add_quoted,
    .declare = declare,
};
