import { openSocket, subscribeFrame } from './ardoise-client.js';
import type { RawSocket } from './raw-socket.js';

/** A socket that subscribes, hears one thing and then waits. */
export interface IdleSocket {
  readonly token: string | undefined;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Sockets that are opened at the same time. */
const AT_ONCE = 100;
/** So many source addresses: each has ports of its own. */
const ADDRESSES = 4;

/** Opens sockets, each with its subscription; done when each has heard something. */
export async function openIdle(url: string, sockets: readonly IdleSocket[]): Promise<readonly RawSocket[]> {
  const open: RawSocket[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < sockets.length; index = next++) {
      const { token, query, variables } = sockets[index]!;
      const heard = Promise.withResolvers<void>();
      const socket = await openSocket(url, token, {
        onFrame({ type, payload }, text) {
          if (type === 'next' && payload?.data && !payload.errors) heard.resolve();
          else heard.reject(new Error(`a waiting subscription said ${text}`));
        },
        onClose: (code) => heard.reject(new Error(`a waiting socket was closed with ${code}`)),
      }, `127.0.0.${1 + (index % ADDRESSES)}`);
      socket.send(subscribeFrame('w', query, variables));
      await heard.promise;
      open.push(socket);
    }
  }));
  return open;
}
