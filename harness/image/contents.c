// SPDX-License-Identifier: Apache-2.0
// contents.c - what every server's data has: its accounts, and a table with rows
#include "image/contents.h"

#include "base/text.h"
#include "image/image.h"

#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *const setup[] = {
    "CREATE DATABASE " APP_DATABASE,
    "USE " APP_DATABASE,
    "CREATE TABLE `rows` (n INT PRIMARY KEY) ENGINE=InnoDB",
    "CREATE TABLE blobs (id INT AUTO_INCREMENT PRIMARY KEY, data LONGBLOB) ENGINE=InnoDB",
    "CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB",
    "CREATE USER '" APP_USER "'@'%' IDENTIFIED BY '" APP_PASSWORD "'",
    "GRANT ALL ON " APP_DATABASE ".* TO '" APP_USER "'@'%'",
};

void contents_add_key(struct key *key) {
    for (size_t i = 0; i < COUNT_OF(setup); i++)
        key_add(key, setup[i]);
}

// In a message, the statement is cut before its values, such as a password.
static int execute(MYSQL *mysql, const char *sql, struct err *err) {
    if (mysql_real_query(mysql, sql, strlen(sql)) == 0)
        return 0;
    return err_set(err, "%.*s: %s", (int)strcspn(sql, "'("), sql, mysql_error(mysql));
}

static int fill_rows(MYSQL *mysql, struct err *err) {
    cleanup_text struct text sql = {0};
    text_add(&sql, "INSERT INTO `rows` VALUES (1)");
    for (int n = 2; n <= APP_ROWS; n++)
        text_printf(&sql, ",(%d)", n);
    return execute(mysql, text_get(&sql), err);
}

enum { MOST_ACCOUNTS = 100 };

// A server may answer without end, so the rest of an answer that is too long is not read.
static int read_accounts(MYSQL *mysql, char **statements, size_t *ret_count, struct err *err) {
    MYSQL_RES *result = mysql_use_result(mysql);
    int ret = result ? 0 : err_set(err, "list the accounts: %s", mysql_error(mysql));
    for (MYSQL_ROW row; ret == 0 && (row = mysql_fetch_row(result));) {
        if (*ret_count == MOST_ACCOUNTS)
            ret = err_set(err, "the server has more than %d accounts", MOST_ACCOUNTS);
        else if (!row[0])
            ret = err_set(err, "an account has no name");
        else
            statements[(*ret_count)++] = xprintf("%.1000s", row[0]);
    }
    if (ret == 0 && mysql_errno(mysql))
        ret = err_set(err, "list the accounts: %s", mysql_error(mysql));
    if (ret < 0)
        shutdown((int)mysql->net.fd, SHUT_RDWR);
    mysql_free_result(result);
    return ret;
}

// Drops anonymous accounts, and all of root's but one.
static int drop_accounts(MYSQL *mysql, struct err *err) {
    char *statements[MOST_ACCOUNTS];
    size_t count = 0;
    if (execute(mysql,
                "SELECT CONCAT('DROP USER ', QUOTE(User), '@', QUOTE(Host)) FROM mysql.user "
                "WHERE User = '' OR (User = 'root' AND Host <> 'localhost')",
                err) < 0)
        return -1;
    int ret = read_accounts(mysql, statements, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (ret == 0)
            ret = execute(mysql, statements[i], err);
        free(statements[i]);
    }
    return ret;
}

// MySQL knows the first since 5.7.6, MariaDB since 10.2.0; the second is gone in MySQL 8.0.
static int set_password(MYSQL *mysql, const char *password, struct err *err) {
    cleanup_free char *now = xprintf("ALTER USER root@localhost IDENTIFIED BY '%s'", password);
    cleanup_free char *once = xprintf("SET PASSWORD FOR root@localhost = PASSWORD('%s')", password);
    if (execute(mysql, now, err) == 0)
        return 0;
    return mysql_errno(mysql) == ER_PARSE_ERROR ? execute(mysql, once, err) : -1;
}

// Apps can see the server's socket, and nobody could undo what root changed. So root gets a
// password.
static int shut_out(MYSQL *mysql, const char *password, struct err *err) {
    return drop_accounts(mysql, err) < 0 ? -1 : set_password(mysql, password, err);
}

int contents_make(MYSQL *mysql, const char *password, struct err *err) {
    if (shut_out(mysql, password, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(setup); i++)
        if (execute(mysql, setup[i], err) < 0)
            return -1;
    return fill_rows(mysql, err);
}
