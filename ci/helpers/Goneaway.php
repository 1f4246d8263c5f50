<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

/**
 * Faults for PHPUnit (9 or later): a trait that breaks connections where a test says.
 *
 * Copy this file beside your tests, and run `goneaway lab -- phpunit`. Outside of a lab the tests of a class with this
 * trait are skipped.
 *
 *     final class TransactionTest extends TestCase
 *     {
 *         use Goneaway;
 *
 *         public function testIsLost(): void
 *         {
 *             $db->begin_transaction();
 *             $this->goneaway->kill($db->thread_id);
 *             $this->expectException(mysqli_sql_exception::class);
 *             $db->query('INSERT INTO t VALUES (1)');
 *         }
 *     }
 *
 * A document is what a scenario has, as an array or as YAML: ['drop' => ['from' => 'server']], or
 * 'drop: {from: server}'. `goneaway explain fault` lists the faults, `goneaway explain until` the states. A session is
 * named by its connection id.
 */
trait Goneaway
{
    /** The lab that the test runs in. */
    protected ?GoneawayLab $goneaway = null;

    /** @before */
    #[PHPUnit\Framework\Attributes\Before]
    protected function findLab(): void
    {
        $url = getenv('GONEAWAY_LAB_URL');
        if ($url === false) {
            self::markTestSkipped('needs a lab: run me in `goneaway lab -- phpunit`');
        }
        $this->goneaway = new GoneawayLab($url);
    }

    /** @after */
    #[PHPUnit\Framework\Attributes\After]
    protected function resetLab(): void
    {
        $this->goneaway?->reset();
    }
}

/** What the lab refuses or cannot do, in its words. */
final class GoneawayException extends RuntimeException
{
}

/** The control of the lab. */
final class GoneawayLab
{
    private const PATIENCE_S = 600.0;

    public function __construct(private string $url)
    {
    }

    /** Any fault. It has taken effect when this returns. */
    public function fault(array|string $document): GoneawayFault
    {
        return new GoneawayFault($this, $this->ask('POST', '/v1/faults', $document)['id']);
    }

    /** KILL of a session, or only of its 'query'. */
    public function kill(int $session, string $what = 'connection'): GoneawayFault
    {
        return $this->fault(['kill' => ['of' => $session, 'what' => $what]]);
    }

    /** A firewall drops what the 'app' or the 'server' sends. */
    public function drop(string $from, array $more = []): GoneawayFault
    {
        return $this->fault(['drop' => ['from' => $from] + $more]);
    }

    /** Waits for a state, ten seconds at most unless the document has another `deadline`. */
    public function until(array|string $document): void
    {
        $this->ask('POST', '/v1/until', $document);
    }

    /** Stops, starts or restarts the server: ['stop' => 'KILL'], 'start'. */
    public function server(array|string $document): void
    {
        $this->ask('POST', '/v1/server', $document);
    }

    /** Ends the server by TERM, KILL or ABRT, and starts it with its data and address. */
    public function restart(string $signal = 'TERM'): void
    {
        $this->server(['restart' => $signal]);
    }

    /** The rows of a statement, run as root by a connection that no fault touches. */
    public function query(string $statement): array
    {
        return $this->ask('POST', '/v1/admin', ['query' => $statement])['rows'] ?? [];
    }

    /** SET GLOBAL, for connections that are made from now on. */
    public function setGlobal(array $variables): void
    {
        $this->ask('POST', '/v1/admin', ['set_global' => $variables]);
    }

    /** The world as new; every session ends. The trait does it after each test. */
    public function reset(): void
    {
        $this->ask('POST', '/v1/reset');
    }

    /** One request to the control, and its answer. */
    public function ask(string $method, string $path, array|string $document = ''): array
    {
        $body = is_string($document) ? $document : json_encode($document, JSON_THROW_ON_ERROR);
        $options = ['method' => $method, 'content' => $body, 'header' => 'Content-Type: application/json',
                    'ignore_errors' => true, 'timeout' => self::PATIENCE_S];
        $text = file_get_contents($this->url . $path, false, stream_context_create(['http' => $options]));
        if ($text === false) {
            throw new GoneawayException("the lab at $this->url does not answer");
        }
        $answer = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
        if (isset($answer['error']) && !isset($answer['id'])) { // a fault has one if it cannot be counted
            throw new GoneawayException(implode('; ', array_filter([$answer['error'], $answer['remedy'] ?? ''])));
        }
        return $answer;
    }
}

/** A fault in force. */
final class GoneawayFault
{
    public function __construct(private GoneawayLab $lab, public string $id)
    {
    }

    /** How often it has taken effect; for a firewall, the packets that it has met. */
    public function fired(): int
    {
        return $this->lab->ask('GET', "/v1/faults/$this->id")['fired'];
    }

    public function lift(): void
    {
        $this->lab->ask('DELETE', "/v1/faults/$this->id");
    }
}
