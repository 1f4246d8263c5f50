// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Faults for JUnit 5: an extension that breaks connections where a test says.
 *
 * <p>Copy this file to your tests, in a package of yours, and run {@code goneaway lab -- mvn test}, with Java 17 or
 * later. Outside of a lab the tests of a class with this extension are skipped. All tests share one lab, so they have
 * to run one after the other, which is the default.
 *
 * <pre>{@code
 * @ExtendWith(Goneaway.class)
 * class TransactionTest {
 *     @Test
 *     void isLost(Goneaway goneaway) throws SQLException {
 *         goneaway.kill(connectionId);
 *         assertThrows(SQLException.class, connection::commit);
 *     }
 * }
 * }</pre>
 *
 * <p>A document is what a scenario has, in YAML or JSON: {@code "drop: {from: server}"}. {@code goneaway explain fault}
 * lists the faults, {@code goneaway explain until} the states. A session is named by its connection id.
 */
public final class Goneaway implements ExecutionCondition, AfterEachCallback, ParameterResolver {
    private static final String URL = System.getenv("GONEAWAY_LAB_URL");
    private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    private static final Pattern CELL = Pattern.compile("\\]|null|" + TEXT);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What the lab refuses or cannot do, in its words. */
    public static final class GoneawayException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GoneawayException(String message) {
            super(message);
        }
    }

    /** A fault in force; as a resource it is lifted at the end of the block. */
    public final class Fault implements AutoCloseable {
        public final String id;

        private Fault(String id) {
            this.id = id;
        }

        /** How often it has taken effect; for a firewall, the packets that it has met. */
        public int fired() {
            return Integer.parseInt(find(ask("GET", "/v1/faults/" + id, ""), "\"fired\":(\\d+)"));
        }

        @Override
        public void close() {
            ask("DELETE", "/v1/faults/" + id, "");
        }
    }

    /** Any fault. It has taken effect when this returns. */
    public Fault fault(String document) {
        return new Fault(find(ask("POST", "/v1/faults", document), "\"id\":" + TEXT));
    }

    /** Ends a session by KILL. */
    public Fault kill(long session) {
        return fault("kill: " + session);
    }

    /** A firewall drops what the "app" or the "server" sends. */
    public Fault drop(String from) {
        return fault("drop: {from: " + from + "}");
    }

    /** Waits for a state, ten seconds at most unless the document has another {@code deadline}. */
    public void until(String document) {
        ask("POST", "/v1/until", document);
    }

    /** Stops, starts or restarts the server: "stop: KILL", "start". */
    public void server(String document) {
        ask("POST", "/v1/server", document);
    }

    /** Ends the server by TERM, KILL or ABRT, and starts it with its data and address. */
    public void restart(String signal) {
        server("restart: " + signal);
    }

    /** The rows of a statement, run as root by a connection that no fault touches; a NULL is null. */
    public List<List<String>> query(String statement) {
        String answer = ask("POST", "/v1/admin", "{\"query\": " + quote(statement) + "}");
        List<List<String>> rows = new ArrayList<>();
        int at = answer.indexOf("\"rows\":[[");
        Matcher cell = CELL.matcher(at < 0 ? "" : answer.substring(at + "\"rows\":[".length()));
        for (List<String> row = new ArrayList<>(); cell.find(); ) {
            if (!cell.group().equals("]")) {
                row.add(cell.group(1) != null ? unquote(cell.group(1)) : null);
            } else if (row.isEmpty()) {
                break;
            } else {
                rows.add(row);
                row = new ArrayList<>();
            }
        }
        return rows;
    }

    /** SET GLOBAL, for connections that are made from now on. */
    public void setGlobal(String name, Object value) {
        ask("POST", "/v1/admin", "set_global: {" + name + ": " + (value instanceof String text ? quote(text) : value) + "}");
    }

    /** The world as new; every session ends. The extension does it after each test. */
    public void reset() {
        ask("POST", "/v1/reset", "");
    }

    /** One request to the control, and its answer as JSON. */
    public String ask(String method, String path, String document) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + path))
                .method(method, HttpRequest.BodyPublishers.ofString(document))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                String error = unquote(find(response.body(), "\"error\":" + TEXT));
                String remedy = response.body().contains("\"remedy\":") ? find(response.body(), "\"remedy\":" + TEXT) : "";
                throw new GoneawayException(remedy.isEmpty() ? error : error + "; " + unquote(remedy));
            }
            return response.body();
        } catch (IOException error) {
            throw new GoneawayException("the lab at " + URL + " does not answer: " + error.getMessage());
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new GoneawayException("interrupted");
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return URL != null
                ? ConditionEvaluationResult.enabled("in a lab")
                : ConditionEvaluationResult.disabled("needs a lab: run me in `goneaway lab -- mvn test`");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        reset();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Goneaway.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return this;
    }

    private static String find(String answer, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(answer);
        if (!matcher.find()) {
            throw new GoneawayException("an answer of another kind than expected: " + answer);
        }
        return matcher.group(1);
    }

    private static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? String.format("\\u%04x", (int) c) : "" + c);
        }
        return json.append('"').toString();
    }

    private static String unquote(String json) {
        return Pattern.compile("\\\\(u([0-9a-fA-F]{4})|.)").matcher(json).replaceAll(found -> {
            String code = found.group(1);
            return Matcher.quoteReplacement(switch (code.charAt(0)) {
                case 'u' -> "" + (char) Integer.parseInt(found.group(2), 16);
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'r' -> "\r";
                case 'b' -> "\b";
                case 'f' -> "\f";
                default -> code;
            });
        });
    }
}
