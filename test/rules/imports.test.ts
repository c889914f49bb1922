import { posix } from 'node:path';
import { expect, test } from '@jest/globals';
import { codeOf, isTest, readSources, type Source } from './sources.js';

/**
 * What a file may import is known from its name and its room (docs/ARCHITECTURE.md). A file of a feature folder is
 * `<noun>.<layer>.ts`, or begins with a verb (a use case or a named read), or is pure.
 */

/** How the names of use cases begin. A file that begins otherwise and has no layer is held to be pure. */
const VERBS = new Set([
  'accept', 'acknowledge', 'add', 'answer', 'apply', 'ask', 'await', 'block', 'build', 'cancel', 'carry', 'change', 'check', 'claim', 'clear', 'close', 'collect', 'compact', 'compare', 'compute', 'contribute', 'count',
  'create', 'delete', 'deliver', 'demand', 'edit', 'end', 'expire', 'export', 'fill', 'find', 'follow', 'forget', 'give', 'guard', 'handle', 'hash', 'hear', 'hide', 'invite', 'join', 'keep',
  'leave', 'link', 'list', 'load', 'maintain', 'make', 'mark', 'merge', 'move', 'note', 'open', 'parse', 'plan', 'prune', 'publish', 'queue', 'raise', 'react', 'read', 'receive', 'recompute', 'record', 'refresh', 'regroup', 'reject', 'release',
  'remove', 'replay', 'report', 'rekey', 'rescore', 'resolve', 'restate', 'reveal', 'revoke', 'rotate', 'run', 'save', 'say', 'seek', 'send', 'serve', 'set', 'settle', 'show', 'sign', 'simulate', 'stage', 'start', 'stop', 'store', 'stream', 'take', 'tell',
  'turn', 'unseek', 'update', 'upload', 'upsert', 'verify', 'watch', 'withdraw', 'write',
]);

/** Packages without a clock, a network or a file behind them. */
const PURE_PACKAGES = new Set(['decimal.js', 'node:crypto', 'stdnum']);

type Layer = 'pure' | 'resolver' | 'table' | 'migration' | 'use case' | 'door' | 'composition' | 'test' | 'plumbing';

function layerOf(path: string): Layer {
  if (isTest(path)) return 'test';
  const name = posix.basename(path, '.ts');
  if (path.startsWith('src/values/')) return 'pure';
  if (!path.startsWith('subgraphs/')) return 'plumbing';
  if (/^subgraphs\/[^/]+\.ts$/.test(path)) return 'composition';
  if (name === 'subgraph') return 'door';
  if (name.endsWith('.resolver') || name.endsWith('.graph')) return 'resolver';
  if (name.endsWith('.table')) return 'table';
  if (name.endsWith('.migration')) return 'migration';
  return VERBS.has(name.split('-')[0]!) ? 'use case' : 'pure';
}

/** `identity` of `subgraphs/identity/…`; nothing for a composition root. */
function roomOf(path: string): string | undefined {
  return /^subgraphs\/([^/]+)\//.exec(path)?.[1];
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"`]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/g)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

/** What is wrong with the imports of one file. */
function checkImports({ path, text }: Source): string[] {
  const layer = layerOf(path);
  const room = roomOf(path);
  const wrong: string[] = [];
  for (const specifier of importsOf(text)) {
    const refuse = (why: string): number => wrong.push(`${path} imports ${specifier}: ${why}`);
    if (!specifier.startsWith('.')) {
      if (layer === 'pure' && !PURE_PACKAGES.has(specifier)) refuse('a pure file uses no such package (a use case begins with a verb)');
      if (layer === 'resolver' && (specifier.startsWith('@mikro-orm/') || specifier === 'kysely' || specifier === 'pg')) refuse('a resolver never reaches the database itself');
      continue;
    }
    const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
    const targetRoom = roomOf(target);
    if (path.startsWith('src/') && layer !== 'test' && !target.startsWith('src/')) refuse('src knows no room and no gateway');
    if (path.startsWith('gateway/') && layer !== 'test' && !/^(src|gateway)\//.test(target)) refuse('the gateway knows src and the composed schema only');
    if (room && target.startsWith('gateway/')) refuse('a room never reaches for the gateway');
    if (room && layer !== 'test' && /^(test|examples|bench)\//.test(target)) refuse('a room needs none of this to run');
    if (room && targetRoom && targetRoom !== room) refuse('a subgraph never imports another');
    if (room && target.startsWith('subgraphs/') && !targetRoom) refuse('a room does not know who puts the rooms together');
    if (layer === 'pure') {
      const isPure = target.startsWith('src/values/') || target === 'src/errors.ts' || (targetRoom !== undefined && layerOf(target) === 'pure');
      if (path.startsWith('src/values/') ? !target.startsWith('src/values/') : !isPure) refuse('a pure file imports values, errors and pure files only (a use case begins with a verb)');
    }
  }
  if (layer === 'pure' && /\bTemporal\.Now\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(?:Bytes|UUID|Int)\b|\bperformance\./.test(codeOf(text))) wrong.push(`${path} asks the clock or chance: a pure file is told`);
  return wrong;
}

test('imports stay within what the file name and the room allow', async () => {
  expect((await readSources()).flatMap(checkImports)).toEqual([]);
});

test.each([
  ['subgraphs/scoring/behaviour/index-of-days.ts', `import { sql } from 'kysely';`],
  ['subgraphs/scoring/behaviour/index-of-days.ts', `import type { Room } from '../../../src/server/room.js';`],
  ['subgraphs/scoring/behaviour/index-of-days.ts', `import { readPaid } from './read-paid-invoices.js';`],
  ['subgraphs/scoring/behaviour/index-of-days.ts', `export const today = Temporal.Now.plainDateISO();`],
  ['subgraphs/scoring/behaviour/index-of-days.ts', `export const id = randomUUID();`],
  ['src/values/day.ts', `import { z } from 'zod';`],
  ['src/values/day.ts', `import { invariant } from '../errors.js';`],
  ['subgraphs/identity/firms/firm.resolver.ts', `import { sql } from 'kysely';`],
  ['subgraphs/identity/firms/firm.resolver.ts', `import type { EntityManager } from '@mikro-orm/postgresql';`],
  ['subgraphs/scoring/behaviour/note-invoices.ts', `import { InvoiceTable } from '../../portfolios/ledger/invoice.table.js';`],
  ['subgraphs/scoring/behaviour/note-invoices.ts', `const { InvoiceTable } = await import('../../portfolios/ledger/invoice.table.js');`],
  ['subgraphs/scoring/behaviour/note-invoices.ts', `import {\n  SUBGRAPHS,\n} from '../../all.js';`],
  ['subgraphs/scoring/behaviour/note-invoices.ts', `import { LIMITS } from '../../../gateway/limits.js';`],
  ['subgraphs/scoring/behaviour/note-invoices.ts', `import { startHouse } from '../../../test/house.js';`],
  ['src/server/room.ts', `import { identity } from '../../subgraphs/identity/subgraph.js';`],
  ['src/server/room.ts', `export { LIMITS } from '../../gateway/limits.js';`],
  ['gateway/gateway.ts', `import { SUBGRAPHS } from '../subgraphs/all.js';`],
])('planted in %s, %j is caught', (path, text) => {
  expect(checkImports({ path, text })).toHaveLength(1);
});

test.each([
  ['subgraphs/house.ts', `import { LIMITS } from '../gateway/limits.js';\nimport { identity } from './identity/subgraph.js';`],
  ['subgraphs/scoring/behaviour/index-of-days.ts', `import { Decimal } from 'decimal.js';\nimport { daysBetween } from '../../../src/values/day.js';\nimport { weigh } from './weight.js';`],
  ['gateway/gateway.ts', `import type { Subgraph } from '../src/server/subgraph.js';`],
])('in %s, %j is allowed', (path, text) => {
  expect(checkImports({ path, text })).toEqual([]);
});
