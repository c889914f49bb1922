import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Deeds } from './clients.js';

/** The process of all clients: what they spend is then nobody else's. `await using` ends it. */
export interface ClientProcess extends AsyncDisposable {
  readonly pid: number;
  perform<Deed extends keyof Deeds>(deed: Deed, asked: Deeds[Deed]['asked']): Promise<Deeds[Deed]['given']>;
}

export async function startClients(): Promise<ClientProcess> {
  const child = fork(join(import.meta.dirname, 'clients.js'), { serialization: 'advanced' });
  await once(child, 'message');
  return {
    pid: child.pid!,
    async perform<Deed extends keyof Deeds>(deed: Deed, asked: Deeds[Deed]['asked']) {
      child.send({ deed, asked });
      const ended = new AbortController();
      const gone = once(child, 'exit', { signal: ended.signal }).then(() => {
        throw new Error('the process of the clients ended');
      });
      const [answer] = (await Promise.race([once(child, 'message', { signal: ended.signal }), gone])) as [{ done?: Deeds[Deed]['given']; failed?: string }];
      gone.catch(() => undefined);
      ended.abort();
      if (answer.failed !== undefined) throw new Error(`the clients failed: ${answer.failed}`);
      return answer.done as Deeds[Deed]['given'];
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
