import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomMigration } from '../database/migrate.js';
import type { Table } from '../database/room-database.js';
import type { Reactions } from '../events/dispatch.js';
import type { RoomName } from '../rooms.js';
import type { Request } from './request.js';
import type { Room } from './room.js';

/** Finds the object of a federation reference, `null` when the asker's firm has none such. */
export type ReferenceResolver = (reference: Record<string, unknown>, request: Request) => Promise<object | null>;

/** Work that time makes due. It runs once at the start, then at its interval, never twice at once in one process. */
export interface Job {
  readonly name: string;
  readonly everySeconds: number;
  /** A hint that there is work: it runs soon after, without waiting for its interval. */
  readonly hint?: string;
  run(room: Room): Promise<void>;
  /** Ends what its runs left under way, while the room's database is still open. */
  end?(room: Room): Promise<void>;
}

/** A route beside GraphQL, reached through the gateway at `/<path>/<id>` with the same authentication. */
export interface Route {
  readonly method: 'PUT' | 'GET';
  /** The first segment of the path, e.g. `uploads`. */
  readonly path: string;
  handle(request: Request, id: string, incoming: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** A room's one door: everything the outside may know of it, listed. */
export interface Subgraph {
  readonly name: RoomName;
  readonly tables: readonly Table[];
  readonly migrations: readonly RoomMigration[];
  /** type-graphql resolver classes. */
  readonly resolvers: readonly [new () => object, ...(new () => object)[]];
  /** Classes of entities that no query of this room reaches, only a reference. */
  readonly entities?: readonly (new () => object)[];
  readonly references: Readonly<Record<string, ReferenceResolver>>;
  readonly reactions: Reactions;
  readonly jobs: readonly Job[];
  readonly routes: readonly Route[];
}
