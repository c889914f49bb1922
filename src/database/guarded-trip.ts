import type { ClientBase, Connection, FieldDef, Submittable } from 'pg';
import pgValues from 'pg/lib/utils.js';
import { nameIfAway } from './passing-faults.js';

/** One statement to read with, and who waits for its rows. */
export interface Reading {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether one plan is good for all values: PostgreSQL would often plan again, at more than the statement costs. */
  readonly plannedOnce: boolean;
  resolve(rows: Record<string, unknown>[]): void;
  reject(error: unknown): void;
}

/** How a statement's rows are made, as one connection has described them. */
interface Shape {
  readonly names: readonly string[];
  readonly parsers: readonly ((text: string) => unknown)[];
}

/** Names of prepared statements, the same on every connection. Beyond so many texts the others are prepared each time. */
const names = new Map<string, string>();
const MOST_PREPARED = 256;

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MOST_PREPARED) return '';
  const name = `read_${names.size}`;
  names.set(text, name);
  return name;
}

/** What was prepared on each connection, by name; null until its rows are described. */
const prepared = new WeakMap<Connection, Map<string, Shape | null>>();

/**
 * A guard and the statements behind it, in one message to PostgreSQL and one answer. Without a `begin`, everything up to
 * the one Sync at its end is one transaction, and PostgreSQL runs nothing of it after an error: what the guard sets for
 * the transaction is there for every statement, and gone with the last, whether it fails or not.
 */
export class GuardedTrip implements Submittable {
  readonly #client: ClientBase;
  readonly #guard: { readonly text: string; readonly values: readonly string[] };
  readonly #readings: readonly Reading[];
  readonly #done: (error?: Error) => void;
  /** The rows of each statement as far as they have come. */
  readonly #results: Record<string, unknown>[][] = [];
  #shapes: Map<string, Shape | null> | undefined;
  /** Which statement answers: −1 is the guard. */
  #at = -1;
  #shape: Shape | undefined;
  #rows: Record<string, unknown>[] = [];

  /** `done` is told when the connection is free again, with the error that the trip ended with. */
  constructor(client: ClientBase, guard: { readonly text: string; readonly values: readonly string[] }, readings: readonly Reading[], done: (error?: Error) => void) {
    this.#client = client;
    this.#guard = guard;
    this.#readings = readings;
    this.#done = done;
  }

  submit(connection: Connection): void {
    let shapes = prepared.get(connection);
    if (!shapes) prepared.set(connection, (shapes = new Map()));
    this.#shapes = shapes;
    // One write to the socket, not one for each message.
    connection.stream.cork();
    this.#send(connection, shapes, this.#guard.text, this.#guard.values, false);
    for (const { text, values } of this.#readings) this.#send(connection, shapes, text, values, true);
    connection.sync();
    connection.stream.uncork();
  }

  #send(connection: Connection, shapes: Map<string, Shape | null>, text: string, values: readonly unknown[], described: boolean): void {
    const name = nameOf(text);
    // Prepared behind the guard: a statement is planned for the role that runs it.
    if (name === '' || !shapes.has(name)) {
      connection.parse({ name, text, types: [] }, true);
      if (name !== '') shapes.set(name, null);
    }
    connection.bind({ statement: name, values: values.map((value) => pgValues.prepareValue(value)) }, true);
    if (described && !shapes.get(name)) connection.describe({ type: 'P' }, true);
    connection.execute({}, true);
  }

  handleRowDescription({ fields }: { fields: readonly FieldDef[] }): void {
    this.#shape = {
      names: fields.map(({ name }) => name),
      parsers: fields.map(({ dataTypeID }) => this.#client.getTypeParser(dataTypeID, 'text') as (text: string) => unknown),
    };
    const name = nameOf(this.#readings[this.#at]!.text);
    if (name !== '') this.#shapes!.set(name, this.#shape);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    if (this.#at < 0) return;
    const shape = this.#shape!;
    const row: Record<string, unknown> = {};
    for (let index = 0; index < fields.length; index += 1) {
      const text = fields[index]!;
      row[shape.names[index]!] = text === null ? null : shape.parsers[index]!(text);
    }
    this.#rows.push(row);
  }

  handleCommandComplete(): void {
    if (this.#at >= 0) this.#results.push(this.#rows);
    this.#rows = [];
    this.#at += 1;
    const next = this.#readings[this.#at];
    this.#shape = next && (this.#shapes!.get(nameOf(next.text)) ?? undefined);
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleReadyForQuery(): void {
    this.#done();
    for (const [index, reading] of this.#readings.entries()) reading.resolve(this.#results[index]!);
  }

  handleError(error: Error): void {
    this.#done(error);
    const named = nameIfAway(error);
    for (const reading of this.#readings) reading.reject(named);
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  handleCopyData(): void {}
}
