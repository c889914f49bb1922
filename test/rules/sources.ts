import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The checkout: the compiled tests lie in `dist/test/rules`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Source {
  /** From the root, with slashes, e.g. `src/values/day.ts`. */
  readonly path: string;
  readonly text: string;
}

const FOLDERS = ['src', 'gateway', 'subgraphs', 'test', 'examples', 'bench', 'attack', 'faults'];

/** Every TypeScript file of the project. */
export async function readSources(): Promise<Source[]> {
  const found = await Promise.all(
    FOLDERS.map(async (folder) => {
      const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.split(sep).includes('node_modules')).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const sources = await Promise.all(found.flat().map(async (file) => ({ path: relative(ROOT, file).split(sep).join('/'), text: await readFile(file, 'utf8') })));
  return sources.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

/** The code alone: what stands in comments, texts and templates is blanked. */
export function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, ' ');
}
