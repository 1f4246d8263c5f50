// SPDX-License-Identifier: Apache-2.0
/**
 * Faults for node:test: a `test` whose function gets the lab, which breaks connections where it says.
 *
 * Copy this file beside your tests, and run `goneaway lab -- node --test --test-concurrency=1`: all files share one lab.
 * Outside of a lab these tests are skipped.
 *
 *     import { test } from './goneaway.mjs';
 *
 *     test('a transaction is lost', async (goneaway) => {
 *       await db.query('BEGIN');
 *       await goneaway.kill(db.threadId);
 *       await assert.rejects(db.query('COMMIT'));
 *     });
 *
 * A document is what a scenario has, as an object or as YAML: {drop: {from: 'server'}}, or 'drop: {from: server}'.
 * `goneaway explain fault` lists the faults, `goneaway explain until` the states. A session is named by its
 * connection id.
 */
import { request } from 'node:http';
import { test as nodeTest } from 'node:test';

/** What the lab refuses or cannot do, in its words. */
export class GoneawayError extends Error {
  name = 'GoneawayError';
}

/** A fault in force. */
export class Fault {
  #lab;

  constructor(lab, id) {
    this.#lab = lab;
    this.id = id;
  }

  /** How often it has taken effect; for a firewall, the packets that it has met. */
  async fired() {
    return (await this.#lab.ask('GET', `/v1/faults/${this.id}`)).fired;
  }

  async lift() {
    await this.#lab.ask('DELETE', `/v1/faults/${this.id}`);
  }
}

/** The control of the lab that listens at a Unix socket. */
export class Lab {
  #path;

  constructor(path) {
    this.#path = path;
  }

  /** Any fault. It has taken effect when this resolves. */
  async fault(document) {
    return new Fault(this, (await this.ask('POST', '/v1/faults', document)).id);
  }

  /** KILL of a session, or only of its 'query'. */
  kill(session, what = 'connection') {
    return this.fault({ kill: { of: session, what } });
  }

  /** A firewall drops what the 'app' or the 'server' sends. */
  drop(from, more = {}) {
    return this.fault({ drop: { from, ...more } });
  }

  /** Waits for a state, ten seconds at most unless the document has another `deadline`. */
  async until(document) {
    await this.ask('POST', '/v1/until', document);
  }

  /** Stops, starts or restarts the server: {stop: 'KILL'}, 'start'. */
  async server(document) {
    await this.ask('POST', '/v1/server', document);
  }

  /** Ends the server by TERM, KILL or ABRT, and starts it with its data and address. */
  restart(signal = 'TERM') {
    return this.server({ restart: signal });
  }

  /** The rows of a statement, run as root by a connection that no fault touches. */
  async query(statement) {
    return (await this.ask('POST', '/v1/admin', { query: statement })).rows ?? [];
  }

  /** SET GLOBAL, for connections that are made from now on. */
  async setGlobal(variables) {
    await this.ask('POST', '/v1/admin', { set_global: variables });
  }

  /** The world as new; every session ends. `test` does it after each test. */
  async reset() {
    await this.ask('POST', '/v1/reset');
  }

  /** One request to the control, and its answer. */
  ask(method, path, document = '') {
    const body = typeof document === 'string' ? document : JSON.stringify(document);
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.#path, method, path, agent: false }, async (response) => {
        try {
          let text = '';
          for await (const part of response.setEncoding('utf8')) text += part;
          const answer = JSON.parse(text);
          if (response.statusCode < 400) resolve(answer);
          else reject(new GoneawayError([answer.error, answer.remedy].filter(Boolean).join('; ')));
        } catch (error) {
          reject(error);
        }
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** A test of node:test in the lab: `body` gets the lab and the context of the test. */
export function test(name, body) {
  const path = process.env.GONEAWAY_LAB;
  const skip = path ? false : 'needs a lab: run me in `goneaway lab -- node --test --test-concurrency=1`';
  return nodeTest(name, { skip }, async (context) => {
    const lab = new Lab(path);
    try {
      await body(lab, context);
    } finally {
      await lab.reset();
    }
  });
}
