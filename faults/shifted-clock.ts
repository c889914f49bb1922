import { readFileSync } from 'node:fs';

/** Loaded into a process before its program: its clock goes wrong by the milliseconds in the file `shift` of the address, read anew at each SIGUSR2. */
const file = new URL(import.meta.url).searchParams.get('shift')!;
const RealDate = Date;
let shift = 0;

function now(): number {
  return RealDate.now() + shift;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values: unknown[], newTarget) => Reflect.construct(target, values.length > 0 ? values : [now()], newTarget) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
Object.defineProperty(Temporal.Now, 'instant', { value: () => Temporal.Instant.fromEpochMilliseconds(now()) });
process.on('SIGUSR2', () => (shift = Number(readFileSync(file, 'utf8'))));
