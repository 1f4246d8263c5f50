// SPDX-License-Identifier: Apache-2.0
// java.c - programs in Java: what has JDBC
#include "export/language.h"

#include <string.h>

static const struct dialect dialects[] = {
    {.connector = "mariadb-jdbc",
     .library = "MariaDB Connector/J",
     .get = "a JDK from 17 on, and mariadb-java-client-@version.jar (of org.mariadb.jdbc at Maven "
            "Central), with its path in CLASSPATH",
     .check = "{ java --list-modules | grep jdk.compiler && test -e \"${CLASSPATH%%:*}\"; }",
     .slots = {{"scheme", "mariadb"}},
     .cannot = {[MOVE_FORK] = "Java has no fork()"}},
    {0}};

static const struct piece pieces[] = {
    {USED_ALWAYS, "// @title\n"
                  "// (@about)\n"
                  "import java.sql.*;\n"
                  "import java.util.*;\n"
                  "\n"
                  "public class Repro {\n"
                  "    interface Call<T> {\n"
                  "        T make() throws Exception;\n"
                  "    }\n"
                  "\n"
                  "    static Connection connect(String... options) throws SQLException {\n"
                  "        Properties all = new Properties();\n"
                  "        all.setProperty(\"user\", System.getenv(\"MYSQL_USER\"));\n"
                  "        all.setProperty(\"password\", System.getenv(\"MYSQL_PWD\"));\n"
                  "        all.setProperty(\"allowPublicKeyRetrieval\", \"true\");\n"},
    {1 << MOVE_PREPARE, "        all.setProperty(\"useServerPrepStmts\", \"true\");\n"},
    {USED_ALWAYS, "        for (int i = 0; i < options.length; i += 2) {\n"
                  "            all.setProperty(options[i], options[i + 1]);\n"
                  "        }\n"
                  "        String server = System.getenv(\"MYSQL_HOST\") + \":\" + "
                  "System.getenv(\"MYSQL_TCP_PORT\");\n"
                  "        return DriverManager.getConnection(\n"
                  "            \"jdbc:@scheme://\" + server + \"/\" + "
                  "System.getenv(\"MYSQL_DATABASE\"), all);\n"
                  "    }\n"
                  "\n"},
    {1 << MOVE_QUERY | USED_FOR_IDS,
     "    static String query(Connection connection, String sql) throws SQLException {\n"
     "        try (Statement statement = connection.createStatement()) {\n"
     "            ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null;\n"
     "            return rows != null && rows.next() ? rows.getString(1) : null;\n"
     "        }\n"
     "    }\n"
     "\n"},
    {1 << MOVE_FAULT,
     "    static void fault(String... words) throws Exception {\n"
     "        List<String> command = new ArrayList<>(List.of(\"./fault.sh\"));\n"
     "        command.addAll(List.of(words));\n"
     "        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {\n"
     "            System.exit(1);\n"
     "        }\n"
     "    }\n"
     "\n"},
    {USED_ALWAYS,
     "    /** Makes a call, and says how it ends. */\n"
     "    static <T> T step(String name, String expected, Call<T> call) {\n"
     "        T result = null;\n"
     "        String ended = \"ok\", message = \"\";\n"
     "        try {\n"
     "            result = call.make();\n"
     "            ended = Boolean.FALSE.equals(result) ? \"false\" : ended;\n"
     "        } catch (Exception error) {\n"
     "            int number = error instanceof SQLException e ? e.getErrorCode() : 0;\n"
     "            ended = number > 0 ? \"\" + number : error.getClass().getSimpleName();\n"
     "            message = \" \" + error;\n"
     "        }\n"
     "        System.out.println(name + \": \" + ended + \" (expected \" + expected + "
     "\")\" + message);\n"
     "        different |= !List.of(expected.split(\" or \")).contains(ended);\n"
     "        return result;\n"
     "    }\n"
     "\n"},
    {0}};

// What a lambda uses must not change, unless it is a field.
static void declare(struct text *out, const struct script *script) {
    for (size_t i = 0; i < script->count; i++) {
        if (!move_is_first_connect(script, i))
            continue;
        const char *connection = script->moves[i].connection;
        cleanup_free char *session = session_of(connection);
        text_printf(out, "    static Connection %s;\n", connection);
        if (script->needs_ids)
            text_printf(out, "    static String %s;\n", session);
    }
    if (script->kinds & 1 << MOVE_PREPARE)
        text_add(out, "    static PreparedStatement statement;\n");
    text_add(out, "    static boolean different;\n"
                  "\n"
                  "    public static void main(String[] arguments) throws Exception {\n");
}

const struct language language_java = {
    .name = "Java",
    .file = "Repro.java",
    .run = "java -cp \"$CLASSPATH\" Repro.java",
    .comment = "//",
    .dialects = dialects,
    .pieces = pieces,
    .moves = {[MOVE_CONNECT] = {"        @connection = step(\"@id\", \"@expected\", () -> "
                                "connect(@only));\n",
                                "        @connection = connect(@only);\n"},
              [MOVE_QUERY] = {"        step(\"@id\", \"@expected\", () -> query(@connection, "
                              "@sql));\n",
                              "        query(@connection, @sql);\n"},
              [MOVE_PREPARE] = {"        statement = step(\"@id\", \"@expected\", () -> "
                                "@connection.prepareStatement(@sql));\n",
                                "        statement = @connection.prepareStatement(@sql);\n"},
              [MOVE_EXECUTE] = {"        step(\"@id\", \"@expected\", () -> statement.execute() || "
                                "true);\n",
                                "        statement.execute();\n"},
              [MOVE_PING] = {"        step(\"@id\", \"@expected\", () -> "
                             "@connection.isValid(10));\n",
                             NULL},
              [MOVE_CLOSE] = {NULL, "        @connection.close();\n"},
              [MOVE_FAULT] = {NULL, "        fault(@words);\n"}},
    .session = "        @session = query(@connection, \"SELECT CONNECTION_ID()\");\n",
    .connect_timeout = ", \"connectTimeout\", \"@ms\"",
    .read_timeout = ", \"socketTimeout\", \"@ms\"",
    .end = "        System.out.println(different ? \"not reproduced\" : \"reproduced\");\n"
           "        System.exit(different ? 1 : 0);\n"
           "    }\n"
           "}\n",
    .payload = " + \"x\".repeat(@bytes) + ",
    .add_text = add_quoted,
    .declare = declare,
};
