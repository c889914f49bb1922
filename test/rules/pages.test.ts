import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSchema, isEnumType, isInputObjectType, isObjectType, parse, validate, type GraphQLSchema } from 'graphql';
import { ROOT } from './sources.js';

interface PageOfText { readonly path: string; readonly text: string }

/** The operations that a page shows, as they may be pasted. */
function operationsOf({ text }: PageOfText): string[] {
  return [...text.matchAll(/^```graphql\n([^]*?)^```/gm)].map(([, operation]) => operation!);
}

/** An operation that a reader would paste in vain. */
function checkOperations(schema: GraphQLSchema): (page: PageOfText) => string[] {
  return (page) => operationsOf(page).flatMap((operation) => validate(schema, parse(operation)).map(({ message }) => `${page.path}: ${message}`));
}

/** What a page calls still to come, and is there. */
function checkPlans(schema: GraphQLSchema): (page: PageOfText) => string[] {
  const names = new Set(Object.values(schema.getTypeMap()).flatMap((type) => [
    type.name,
    ...(isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()).flatMap((field) => [field, `${type.name}.${field}`]) : []),
    ...(isEnumType(type) ? type.getValues().map(({ name }) => `${type.name}.${name}`) : []),
  ]));
  return ({ path, text }) => {
    const [, plans = ''] = /^## Still to come\n([^]*?)(?=^## |$(?![^]))/m.exec(text) ?? [];
    return [...plans.matchAll(/`([\w.]+)`/g)].flatMap(([, name]) => (names.has(name!) ? [`${path}: ${name!} is there`] : []));
  };
}

/** A link to a file that is not there. */
function checkLinks({ path, text }: PageOfText): string[] {
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap(([, target]) => (existsSync(join(ROOT, dirname(path), target!)) ? [] : [`${path}: ${target!} is not there`]));
}

/** A script that `npm run` does not know. */
function checkScripts(scripts: ReadonlySet<string>): (page: PageOfText) => string[] {
  return ({ path, text }) => [...text.matchAll(/\bnpm run ([a-z]+(?:[:-][a-z]+)*)/g)].flatMap(([, name]) => (scripts.has(name!) ? [] : [`${path}: npm run ${name!} is not there`]));
}

const schema = buildSchema(await readFile(join(ROOT, 'schema', 'api.graphql'), 'utf8'));
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const pages: PageOfText[] = [];
for await (const path of glob('**/*.md', { cwd: ROOT, exclude: (name) => name === 'node_modules' || name === 'dist' || name.startsWith('.') })) pages.push({ path, text: await readFile(join(ROOT, path), 'utf8') });

test.each([
  ['every operation that a page shows is one that the API takes', checkOperations(schema)],
  ['nothing that a page calls still to come is there', checkPlans(schema)],
  ['every link of a page leads to a file', checkLinks],
  ['every script that a page names is one of npm', checkScripts(new Set(Object.keys(scripts)))],
])('%s', (_, check) => {
  expect(pages.length).toBeGreaterThan(20);
  expect(operationsOf(pages.find(({ path }) => path === 'README.md')!).length).toBeGreaterThan(8);
  expect(pages.flatMap(check)).toEqual([]);
});

test('every setting of the README is one that is read, and the other way round', async () => {
  const [readme, settings] = await Promise.all(['README.md', 'src/settings.ts'].map((file) => readFile(join(ROOT, file), 'utf8')));
  const namesOf = (text: string): string[] => [...new Set([...text.matchAll(/\b(?:ARDOISE_[A-Z_]+|DATABASE_URL|NATS_URL|PORT|HOST)\b/g)].map(([name]) => name))].toSorted();
  const read = namesOf(settings!);
  const told = namesOf(readme!.replaceAll('…', 'ARDOISE_'));
  expect(told.filter((name) => !read.includes(name))).toEqual([]);
  // Key files are a matter of the processes apart: `npm run keys` prints them.
  expect(read.filter((name) => !told.includes(name) && !name.endsWith('_KEY_FILE'))).toEqual([]);
});

test('what is wrong on a page is found', () => {
  const page = (text: string): PageOfText => ({ path: 'docs/page.md', text });
  expect(checkOperations(schema)(page('```graphql\n{ community { admitted } }\n```\n```graphql\n{ community { rank } }\n```\n'))).toHaveLength(1);
  expect(checkPlans(schema)(page('# A\n## Still to come\nA word (`pairCompare`), `Customer.benchmark`, `secondFactor`.\n## More\n`pairCompare`\n'))).toEqual(['docs/page.md: pairCompare is there', 'docs/page.md: Customer.benchmark is there']);
  expect(checkPlans(schema)(page('## Still to come\n`pairCompare` at the end.\n'))).toHaveLength(1);
  expect(checkLinks(page('[a](GLOSSARY.md) [b](../README.md#run) [c](https://a.example) [d](none.md)'))).toEqual(['docs/page.md: none.md is not there']);
  expect(checkScripts(new Set(['bench']))(page('`npm run bench -- import`, `npm run paint`'))).toEqual(['docs/page.md: npm run paint is not there']);
});
