// SPDX-License-Identifier: Apache-2.0
// c.c - programs in C: libmysqlclient, and MariaDB's Connector/C
#include "export/language.h"

#include <string.h>

static const struct dialect dialects[] = {
    {.connector = "libmysqlclient",
     .library = "libmysqlclient",
     .get = "the package libmysqlclient-dev, or mysql-devel, of version @version",
     .check = "grep MYSQL_OPT_SSL_MODE \"$(pkg-config --variable=includedir mysqlclient)/mysql.h\"",
     .slots = {{"package", "mysqlclient"},
               {"plain", "    mysql_options(mysql, MYSQL_OPT_SSL_MODE, "
                         "&(unsigned int){SSL_MODE_DISABLED});\n"
                         "    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, "
                         "&(bool){true});\n"},
               {"headers", "#include <mysql.h>\n#include <stdbool.h>\n"}}},
    {.connector = "mariadb-c",
     .library = "MariaDB Connector/C",
     .get = "the package libmariadb-dev, or mariadb-connector-c-devel, of version @version",
     .check = "pkg-config libmariadb",
     .slots = {{"package", "libmariadb"},
               {"plain", "    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &(my_bool){0});\n"
                         "    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, "
                         "&(my_bool){0});\n"},
               {"headers", "#include <mysql.h>\n"}}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, "/* @title\n"
                  " * (@about) */\n"
                  "@headers"},
    {USED_ALWAYS, "#include <stdio.h>\n"
                  "#include <stdlib.h>\n"
                  "#include <string.h>\n"},
    {1 << MOVE_FORK, "#include <sys/wait.h>\n"
                     "#include <unistd.h>\n"},
    {USED_ALWAYS, "\n"
                  "static int different; /* steps that did not end as expected */\n"
                  "\n"
                  "static void dial(MYSQL *mysql) {\n"
                  "    mysql_options(mysql, MYSQL_OPT_PROTOCOL, "
                  "&(unsigned int){MYSQL_PROTOCOL_TCP});\n"
                  "@plain"
                  "    mysql_real_connect(mysql, getenv(\"MYSQL_HOST\"), getenv(\"MYSQL_USER\"),\n"
                  "                       getenv(\"MYSQL_PWD\"), getenv(\"MYSQL_DATABASE\"),\n"
                  "                       (unsigned int)atoi(getenv(\"MYSQL_TCP_PORT\")), NULL, "
                  "0);\n"
                  "}\n"
                  "\n"},
    {1 << MOVE_QUERY, "static void query(MYSQL *mysql, const char *sql) {\n"
                      "    if (mysql_query(mysql, sql) == 0)\n"
                      "        mysql_free_result(mysql_store_result(mysql));\n"
                      "}\n"
                      "\n"},
    {USED_FOR_BLOBS, "/* A statement with a value of `bytes` letters between its two parts. */\n"
                     "static void query_with_blob(MYSQL *mysql, const char *from, size_t bytes, "
                     "const char *to) {\n"
                     "    size_t before = strlen(from), after = strlen(to);\n"
                     "    char *sql = malloc(before + bytes + after);\n"
                     "\n"
                     "    if (!sql)\n"
                     "        exit(1);\n"
                     "    memcpy(sql, from, before);\n"
                     "    memset(sql + before, 'x', bytes);\n"
                     "    memcpy(sql + before + bytes, to, after);\n"
                     "    mysql_real_query(mysql, sql, before + bytes + after);\n"
                     "    free(sql);\n"
                     "}\n"
                     "\n"},
    {USED_FOR_IDS, "static void fault(const char *what, unsigned long session) {\n"
                   "    char command[100];\n"
                   "\n"
                   "    snprintf(command, sizeof command, \"./fault.sh %s %lu\", what, session);\n"
                   "    if (system(command) != 0)\n"
                   "        exit(1);\n"
                   "}\n"
                   "\n"},
    {USED_ALWAYS,
     "/* Says how the call before ended. */\n"
     "static void step(MYSQL *mysql, const char *name, const char *expected) {\n"
     "    char ended[20] = \"ok\";\n"
     "\n"
     "    if (mysql_errno(mysql))\n"
     "        snprintf(ended, sizeof ended, \"%u\", mysql_errno(mysql));\n"
     "    printf(\"%s: %s (expected %s) %s\\n\", name, ended, expected, mysql_error(mysql));\n"
     "    if (!strstr(expected, ended))\n"
     "        different++;\n"
     "}\n"
     "\n"
     "int main(void) {\n"},
    {0}};

static void add_words(struct text *out, const struct move *move, const char *session) {
    cleanup_text struct text command = {0};
    text_add(&command, move->of_session ? "" : "./fault.sh");
    for (size_t i = 0; i < move->word_count; i++)
        text_quote(&command, move->words[i]);
    const char *from = text_get(&command) + strspn(text_get(&command), " ");
    text_add(out, move->of_session ? "fault(" : "if (system(");
    add_quoted(out, from, strlen(from));
    if (move->of_session)
        text_printf(out, ", %s);", session);
    else
        text_add(out, ") != 0)\n        return 1;");
}

static bool is_named(const struct script *script, const char *connection) {
    for (size_t i = 0; i < script->count; i++)
        if (script->moves[i].of_session && strcmp(script->moves[i].connection, connection) == 0)
            return true;
    return false;
}

static void declare(struct text *out, const struct script *script) {
    for (size_t i = 0; i < script->count; i++)
        if (move_is_first_connect(script, i))
            text_printf(out, "    MYSQL %s;\n", script->moves[i].connection);
    for (size_t i = 0; i < script->count; i++)
        if (move_is_first_connect(script, i) && is_named(script, script->moves[i].connection)) {
            cleanup_free char *session = session_of(script->moves[i].connection);
            text_printf(out, "    unsigned long %s;\n", session);
        }
    text_add(out, "\n");
}

const struct language language_c = {
    .name = "C",
    .file = "repro.c",
    .build = "# shellcheck disable=SC2046 # several words\n"
             "cc -Wall -Wextra -o repro repro.c $(pkg-config --cflags --libs @package)",
    .run = "./repro",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"    mysql_init(&@connection);\n"
                                "@options"
                                "    dial(&@connection);\n"
                                "    step(&@connection, \"@id\", \"@expected\");\n",
                                "    mysql_init(&@connection);\n"
                                "@options"
                                "    dial(&@connection);\n"
                                "    step(&@connection, \"@verb\", \"ok\");\n"},
              [MOVE_QUERY] = {"    @query(&@connection, @sql);\n"
                              "    step(&@connection, \"@id\", \"@expected\");\n",
                              "    @query(&@connection, @sql);\n"
                              "    step(&@connection, \"@verb\", \"ok\");\n"},
              [MOVE_PING] = {"    mysql_ping(&@connection);\n"
                             "    step(&@connection, \"@id\", \"@expected\");\n",
                             NULL},
              [MOVE_CLOSE] = {NULL, "    mysql_close(&@connection);\n"},
              [MOVE_FORK] = {NULL, "    fflush(stdout);\n"
                                   "    if (fork() == 0) {\n"
                                   "@ending\n"
                                   "    }\n"
                                   "    wait(NULL);\n"},
              [MOVE_FAULT] = {NULL, "    @words\n"}},
    .session = "    @session = mysql_thread_id(&@connection);\n",
    .again = "    mysql_close(&@connection);\n",
    .connect_timeout = "    mysql_options(&@connection, MYSQL_OPT_CONNECT_TIMEOUT, "
                       "&(unsigned int){@seconds});\n",
    .read_timeout = "    mysql_options(&@connection, MYSQL_OPT_READ_TIMEOUT, "
                    "&(unsigned int){@seconds});\n",
    .write_timeout = "    mysql_options(&@connection, MYSQL_OPT_WRITE_TIMEOUT, "
                     "&(unsigned int){@seconds});\n",
    .ending = {"        mysql_close(&@connection);\n"
               "        _exit(0);",
               "        exit(0);", "        _exit(0);"},
    .end = "    puts(different ? \"not reproduced\" : \"reproduced\");\n"
           "    return different != 0;\n"
           "}\n",
    .payload = ", @bytes, ",
    .add_text = add_quoted,
    .add_words = add_words,
    .declare = declare,
};
