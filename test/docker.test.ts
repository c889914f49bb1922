import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FILE_VARIABLES, KEYS_BY_PROCESS } from '../src/keys.js';
import { ROOMS, type RoomName } from '../src/rooms.js';
import { readSettings, type KeyFiles } from '../src/settings.js';

const ROOT = join(import.meta.dirname, '..', '..');
const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
}

const compose = async (): Promise<{ services: Record<string, Service> }> => load(await readFile(join(ROOT, 'docker', 'compose.yaml'), 'utf8')) as { services: Record<string, Service> };
const dockerfile = (): Promise<string> => readFile(join(ROOT, 'docker', 'Dockerfile'), 'utf8');

test('every command of the image names a program that is built', async () => {
  const { services } = await compose();
  const commands = Object.values(services).filter(({ image }) => image === 'ardoise').map(({ command }) => command!);
  commands.push(JSON.parse(/^CMD (\[.*\])$/m.exec(await dockerfile())![1]!) as string[]);
  expect(commands.map(([program, script]) => [program, existsSync(join(ROOT, script!))])).toEqual(commands.map(() => ['node', true]));
  expect(commands.filter(([, script]) => script === 'dist/subgraphs/start-room.js').map((command) => command[2])).toEqual([...ROOMS]);
});

test('everything that the image copies is there, and it runs as a user who is not root', async () => {
  const text = await dockerfile();
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => match[1]!.split(' '));
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(/^USER (\S+)$/m.exec(text)?.[1]).toBe('node');
  expect(text).toMatch(/^HEALTHCHECK /m);
});

test('each process is given the keys that it needs and no other, and settings that are settings', async () => {
  const { services } = await compose();
  const variables = new Map(Object.entries(FILE_VARIABLES).map(([key, variable]) => [variable, key as keyof KeyFiles]));
  for (const [process, keys] of Object.entries(KEYS_BY_PROCESS) as [string, readonly (keyof KeyFiles)[]][]) {
    const { environment = {} } = services[process]!;
    const given = Object.keys(environment).flatMap((name) => variables.get(name) ?? []);
    expect([process, given.sort()]).toEqual([process, [...keys].sort()]);
    const filled = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace(/\$\{(\w+)(?::-(.*?)|:\?.*?)?\}/g, (_all, _name: string, otherwise?: string) => otherwise ?? 'secret')]));
    const settings = readSettings(filled);
    if (process === 'gateway') expect(settings.roomUrls).toEqual(Object.fromEntries(ROOMS.map((room) => [room, `http://${room}:4000`])));
    else expect([settings.databaseUrl, settings.natsUrl]).toEqual(['postgresql://ardoise:secret@postgres:5432/ardoise', 'nats://ardoise:secret@nats:4222']);
  }
});

test('no secret has a default, only the gateway is reached from outside, and everything waits for what it needs', async () => {
  const { services } = await compose();
  const text = await readFile(join(ROOT, 'docker', 'compose.yaml'), 'utf8');
  expect([...text.matchAll(/\$\{(\w*PASSWORD)(.*?)\}/g)].filter(([, , rest]) => !rest!.startsWith(':?'))).toEqual([]);
  expect(Object.keys(services).filter((name) => services[name]!.ports)).toEqual(['gateway']);
  const waits = (name: RoomName | 'gateway'): string[] => Object.keys(services[name]!.depends_on ?? {}).sort();
  expect(ROOMS.map(waits)).toEqual(ROOMS.map(() => ['keys', 'nats', 'postgres']));
  expect(waits('gateway')).toEqual([...ROOMS, 'keys'].sort());
});
