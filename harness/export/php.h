// SPDX-License-Identifier: Apache-2.0
// php.h - what programs in PHP have in common: those for mysqli, and those for PDO
#ifndef GONEAWAY_EXPORT_PHP_H
#define GONEAWAY_EXPORT_PHP_H

#include "export/language.h"

#define PHP_NO_FORK "pcntl_fork() is an extension that most installations of PHP lack"

/** How a program begins. */
#define PHP_HEAD                                                                                   \
    "<?php\n"                                                                                      \
    "// @title\n"                                                                                  \
    "// (@about)\n"                                                                                \
    "declare(strict_types=1);\n"                                                                   \
    "\n"

/** The function fault(). */
#define PHP_FAULT                                                                                  \
    "function fault(string|int ...$words): void\n"                                                 \
    "{\n"                                                                                          \
    "    $quoted = array_map(fn ($word) => escapeshellarg((string) $word), $words);\n"             \
    "    passthru('./fault.sh ' . implode(' ', $quoted), $status);\n"                              \
    "    if ($status !== 0) {\n"                                                                   \
    "        exit(1);\n"                                                                           \
    "    }\n"                                                                                      \
    "}\n"                                                                                          \
    "\n"

/** The function step(); NUMBER is the error's, or what is not above 0. */
#define PHP_STEP(number)                                                                           \
    "/** Makes a call, and says how it ends. */\n"                                                 \
    "function step(string $name, string $expected, callable $call): mixed\n"                       \
    "{\n"                                                                                          \
    "    global $different;\n"                                                                     \
    "    $result = null;\n"                                                                        \
    "    $ended = 'ok';\n"                                                                         \
    "    $message = '';\n"                                                                         \
    "    try {\n"                                                                                  \
    "        $result = @$call();\n"                                                                \
    "    } catch (Throwable $error) {\n"                                                           \
    "        $number = " number ";\n"                                                              \
    "        $ended = $number > 0 ? (string) $number : $error::class;\n"                           \
    "        $message = ' ' . $error::class . ': ' . $error->getMessage();\n"                      \
    "    }\n"                                                                                      \
    "    echo \"$name: $ended (expected $expected)$message\\n\";\n"                                \
    "    if (!in_array($ended, explode(' or ', $expected), true)) {\n"                             \
    "        $different++;\n"                                                                      \
    "    }\n"                                                                                      \
    "    return $result;\n"                                                                        \
    "}\n"                                                                                          \
    "\n"

#define PHP_END                                                                                    \
    "\n"                                                                                           \
    "echo $different ? \"not reproduced\\n\" : \"reproduced\\n\";\n"                               \
    "exit($different ? 1 : 0);\n"

/** Adds a string in single quotes. */
void php_add_text(struct text *out, const char *value, size_t length);
/** Adds the arguments of fault(). */
void php_add_words(struct text *out, const struct move *move, const char *session);

#endif
