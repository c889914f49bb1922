import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Load, Loaded } from './load.js';

/** The process that sends: its own work is then in nobody else's. `await using` ends it. */
export interface LoadGenerator extends AsyncDisposable {
  send(load: Load): Promise<Loaded>;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child = fork(join(import.meta.dirname, 'load.js'), { serialization: 'advanced' });
  await once(child, 'message');
  return {
    async send(load) {
      child.send(load);
      const [{ loaded, failed }] = (await once(child, 'message')) as [{ loaded?: Loaded; failed?: string }];
      if (!loaded) throw new Error(`the load failed: ${failed}`);
      return loaded;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
