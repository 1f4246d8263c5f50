// SPDX-License-Identifier: Apache-2.0
// pdo.c - programs in PHP: PDO
#include "export/php.h"

static const struct dialect dialects[] = {
    {.connector = "php-pdo",
     .library = "PDO of PHP",
     .get = "PHP @version with its extension pdo_mysql",
     .check = "php -r 'exit(extension_loaded(\"pdo_mysql\") ? 0 : 1);'",
     .cannot = {[MOVE_PING] = "PDO has no ping", [MOVE_FORK] = PHP_NO_FORK}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, PHP_HEAD "$different = 0;\n"
                           "\n"
                           "function connect(array $options = []): PDO\n"
                           "{\n"
                           "    foreach (array_filter($options, 'is_string', ARRAY_FILTER_USE_KEY) "
                           "as $name => $value) {\n"
                           "        ini_set($name, (string) $value);\n"
                           "        unset($options[$name]);\n"
                           "    }\n"},
    {1 << MOVE_PREPARE, "    $options[PDO::ATTR_EMULATE_PREPARES] = false;\n"},
    {USED_ALWAYS, "    $dsn = sprintf(\n"
                  "        'mysql:host=%s;port=%s;dbname=%s',\n"
                  "        getenv('MYSQL_HOST'),\n"
                  "        getenv('MYSQL_TCP_PORT'),\n"
                  "        getenv('MYSQL_DATABASE')\n"
                  "    );\n"
                  "    return new PDO($dsn, getenv('MYSQL_USER'), getenv('MYSQL_PWD'), $options);\n"
                  "}\n"
                  "\n"},
    {1 << MOVE_FAULT, PHP_FAULT},
    {USED_ALWAYS, PHP_STEP("$error->errorInfo[1] ?? 0")},
    {0}};

const struct language language_pdo = {
    .name = "PHP",
    .file = "repro.php",
    .run = "php repro.php",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves =
        {[MOVE_CONNECT] = {"$@connection = step('@id', '@expected', fn () => connect(@only));\n",
                           "$@connection = connect(@only);\n"},
         [MOVE_QUERY] = {"step('@id', '@expected', fn () => $@connection->query(@sql));\n",
                         "$@connection->query(@sql);\n"},
         [MOVE_PREPARE] = {"$statement = step('@id', '@expected', fn () => "
                           "$@connection->prepare(@sql));\n",
                           "$statement = $@connection->prepare(@sql);\n"},
         [MOVE_EXECUTE] = {"step('@id', '@expected', fn () => $statement->execute());\n",
                           "$statement->execute();\n"},
         [MOVE_CLOSE] = {NULL, "$@connection = null;\n"},
         [MOVE_FAULT] = {NULL, "fault(@words);\n"}},
    .session = "$@session = (int) $@connection->query('SELECT CONNECTION_ID()')->fetchColumn();\n",
    .connect_timeout = ", PDO::ATTR_TIMEOUT => @seconds",
    .read_timeout = ", 'mysqlnd.net_read_timeout' => @seconds",
    .wrap = {"[", "]"},
    .end = PHP_END,
    .payload = " . str_repeat('x', @bytes) . ",
    .add_text = php_add_text,
    .add_words = php_add_words,
};
