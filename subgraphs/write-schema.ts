import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { z } from 'zod';
import { CATALOGUE } from '../src/events/catalogue.js';
import { federate } from '../src/server/federate.js';
import { SUBGRAPHS } from './all.js';
import { dumpFreshDatabase } from './dump-database.js';

const SCHEMA_DIRECTORY = join(import.meta.dirname, '..', '..', 'schema');

/** The contracts between the parts as files: GraphQL, events and the database. Sorted and dated by nothing: the same code writes the same bytes. */
export async function writeSchema(directory = SCHEMA_DIRECTORY): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = { ...(await composeGraphs()), 'events.json': describeEvents(), 'database.sql': await dumpFreshDatabase() };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), `${text.trimEnd()}\n`)));
}

/** Composes the rooms' schemas. Throws with every reason when they do not fit together. */
export async function composeGraphs(): Promise<Record<string, string>> {
  const services = await Promise.all(SUBGRAPHS.map(async (subgraph) => ({ name: subgraph.name, sdl: (await federate(subgraph)).sdl })));
  const composed = composeServices(services.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: `http://${name}/graphql` })));
  if (!composed.supergraphSdl) throw new Error((composed.errors ?? []).map((error) => error.message).join('\n'));
  return {
    ...Object.fromEntries(services.map(({ name, sdl }) => [`${name}.graphql`, sdl])),
    'supergraph.graphql': composed.supergraphSdl,
    'api.graphql': composed.publicSdl,
  };
}

/** What each event may say, to whom, as JSON Schema: a reader in another language can check what it gets. */
export function describeEvents(): string {
  const events = Object.entries(CATALOGUE).map(([name, { version, from, to, about, data }]) => [name, { version, from, to, about, data: z.toJSONSchema(data) }]);
  return JSON.stringify(Object.fromEntries(events), null, 2);
}

if (process.argv[1] === import.meta.filename) await writeSchema();
