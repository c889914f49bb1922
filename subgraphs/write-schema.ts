import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { federate } from '../src/server/federate.js';
import { SUBGRAPHS } from './all.js';

const SCHEMA_DIRECTORY = join(import.meta.dirname, '..', '..', 'schema');

/** Composes the rooms' schemas. Throws with every reason when they do not fit together. */
export async function writeSchema(directory = SCHEMA_DIRECTORY): Promise<void> {
  await mkdir(directory, { recursive: true });
  const services = await Promise.all(SUBGRAPHS.map(async (subgraph) => ({ name: subgraph.name, sdl: (await federate(subgraph)).sdl })));
  const composed = composeServices(services.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: `http://${name}/graphql` })));
  if (!composed.supergraphSdl) throw new Error((composed.errors ?? []).map((error) => error.message).join('\n'));
  await Promise.all([
    ...services.map(({ name, sdl }) => writeFile(join(directory, `${name}.graphql`), `${sdl.trimEnd()}\n`)),
    writeFile(join(directory, 'supergraph.graphql'), `${composed.supergraphSdl.trimEnd()}\n`),
    writeFile(join(directory, 'api.graphql'), `${(composed.publicSdl ?? '').trimEnd()}\n`),
  ]);
}

if (process.argv[1] === import.meta.filename) await writeSchema();
