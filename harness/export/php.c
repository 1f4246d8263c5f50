// SPDX-License-Identifier: Apache-2.0
// php.c - programs in PHP: mysqli
#include "export/php.h"

#include <string.h>

static const struct dialect dialects[] = {
    {.connector = "php-mysqli",
     .library = "mysqli of PHP",
     .get = "PHP @version with its extension mysqli",
     .check = "php -r 'exit(extension_loaded(\"mysqli\") ? 0 : 1);'",
     .cannot = {[MOVE_PREPARE] = "mysqli's statements are objects of their own",
                [MOVE_EXECUTE] = "mysqli's statements are objects of their own",
                [MOVE_FORK] = PHP_NO_FORK}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, PHP_HEAD "mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);\n"
                           "$different = 0;\n"
                           "\n"
                           "function connect(array $options = []): mysqli\n"
                           "{\n"
                           "    $connection = mysqli_init();\n"
                           "    foreach ($options as $option => $value) {\n"
                           "        $connection->options($option, $value);\n"
                           "    }\n"
                           "    $connection->real_connect(\n"
                           "        getenv('MYSQL_HOST'),\n"
                           "        getenv('MYSQL_USER'),\n"
                           "        getenv('MYSQL_PWD'),\n"
                           "        getenv('MYSQL_DATABASE'),\n"
                           "        (int) getenv('MYSQL_TCP_PORT')\n"
                           "    );\n"
                           "    return $connection;\n"
                           "}\n"
                           "\n"},
    {1 << MOVE_FAULT, PHP_FAULT},
    {USED_ALWAYS, PHP_STEP("$error->getCode()")},
    {0}};

void php_add_text(struct text *out, const char *value, size_t length) {
    text_add(out, "'");
    for (size_t i = 0; i < length; i++)
        text_printf(out, "%s%c", strchr("\\'", value[i]) ? "\\" : "", value[i]);
    text_add(out, "'");
}

// The session's variable needs PHP's sign, too.
void php_add_words(struct text *out, const struct move *move, const char *session) {
    for (size_t i = 0; i < move->word_count; i++) {
        text_add(out, i > 0 ? ", " : "");
        php_add_text(out, move->words[i], strlen(move->words[i]));
    }
    text_printf(out, "%s%s", move->of_session ? ", $" : "", move->of_session ? session : "");
}

const struct language language_php = {
    .name = "PHP",
    .file = "repro.php",
    .run = "php repro.php",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"$@connection = step('@id', '@expected', fn () => "
                                "connect(@only));\n",
                                "$@connection = connect(@only);\n"},
              [MOVE_QUERY] = {"step('@id', '@expected', fn () => $@connection->query(@sql));\n",
                              "$@connection->query(@sql);\n"},
              [MOVE_PING] = {"step('@id', '@expected', fn () => $@connection->ping());\n", NULL},
              [MOVE_CLOSE] = {"step('@id', '@expected', fn () => $@connection->close());\n",
                              "$@connection->close();\n"},
              [MOVE_FAULT] = {NULL, "fault(@words);\n"}},
    .session = "$@session = $@connection->thread_id;\n",
    .connect_timeout = ", MYSQLI_OPT_CONNECT_TIMEOUT => @seconds",
    .read_timeout = ", MYSQLI_OPT_READ_TIMEOUT => @seconds",
    .wrap = {"[", "]"},
    .end = PHP_END,
    .payload = " . str_repeat('x', @bytes) . ",
    .add_text = php_add_text,
    .add_words = php_add_words,
};
