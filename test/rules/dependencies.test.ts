import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './sources.js';

type Manifest = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

/** The dependencies that more than one version would satisfy. */
function unpinned(manifest: Manifest): string[] {
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)).map(([name, version]) => `${kind}: ${name} ${version}`),
  );
}

test('every dependency is pinned to one version', async () => {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  expect(unpinned(manifest)).toEqual([]);
});

test('a range is found', () => {
  expect(unpinned({ dependencies: { a: '^1.0.0', b: '1.0.0', c: 'latest', d: '2.0.0-rc.4' }, devDependencies: { e: '1.x', f: 'github:g/f' } })).toEqual([
    'dependencies: a ^1.0.0', 'dependencies: c latest', 'devDependencies: e 1.x', 'devDependencies: f github:g/f',
  ]);
});
