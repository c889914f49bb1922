import { resolve } from 'node:path';
import { FILE_VARIABLES, KEYS_BY_PROCESS, makeKeyFiles } from '../src/keys.js';
import type { KeyFiles } from '../src/settings.js';

/** `npm run keys -- DIRECTORY`: makes what is missing of a set of key files, and says which process needs which. */
const directory = process.argv[2];
if (directory === undefined) {
  console.error('Say where the keys go: npm run keys -- DIRECTORY');
  process.exit(1);
}
const files = await makeKeyFiles(resolve(directory));
for (const [name, keys] of Object.entries(KEYS_BY_PROCESS) as [string, readonly (keyof KeyFiles)[]][]) {
  console.log(`# ${name}`);
  for (const key of keys) console.log(`${FILE_VARIABLES[key]}=${files[key]}`);
}
