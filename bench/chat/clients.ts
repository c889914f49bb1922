import { ArdoisePair, type Seat } from './ardoise-client.js';
import type { ChatPair } from './chat-pair.js';
import { exchange, type Exchange, type Exchanged, type TalkingPair } from './exchange.js';
import { openIdle, type IdleSocket } from './idle-sockets.js';
import type { RawSocket } from './raw-socket.js';
import { reconnect, type AbsentClient, type Reconnected } from './reconnect-clients.js';
import { XmppPair, type XmppAccount } from './xmpp-client.js';

/** Where pairs of clients are to sign in. */
export type Side =
  | { readonly kind: 'ardoise'; readonly url: string; readonly pairs: readonly { readonly from: Seat; readonly to: Seat }[] }
  | { readonly kind: 'xmpp'; readonly port: number; readonly pairs: readonly { readonly from: XmppAccount; readonly to: XmppAccount }[] };

/** What the process of the clients can be asked to do, and what each gives. */
export interface Deeds {
  open: { asked: { readonly name: string; readonly side: Side }; given: undefined };
  exchange: { asked: { readonly name: string; readonly exchange: Exchange }; given: Exchanged };
  /** How many messages each pair has said, and how many of them its XMPP server keeps. */
  count: { asked: { readonly name: string }; given: readonly { readonly said: number; readonly kept: number | undefined }[] };
  close: { asked: { readonly name: string }; given: undefined };
  openIdle: { asked: { readonly name: string; readonly url: string; readonly sockets: readonly IdleSocket[] }; given: undefined };
  closeIdle: { asked: { readonly name: string }; given: undefined };
  reconnect: { asked: { readonly url: string; readonly clients: readonly AbsentClient[] }; given: Reconnected };
}
export type Asked = { [Deed in keyof Deeds]: { readonly deed: Deed; readonly asked: Deeds[Deed]['asked'] } }[keyof Deeds];

const sides = new Map<string, { readonly talking: readonly TalkingPair[]; readonly answers: boolean }>();
const idle = new Map<string, readonly RawSocket[]>();

async function perform(what: Asked): Promise<unknown> {
  switch (what.deed) {
    case 'open': {
      const { name, side } = what.asked;
      const pairs: readonly ChatPair[] = await (side.kind === 'ardoise'
        ? Promise.all(side.pairs.map(({ from, to }) => ArdoisePair.open(side.url, from, to)))
        : Promise.all(side.pairs.map(({ from, to }) => XmppPair.open(side.port, from, to))));
      sides.set(name, { talking: pairs.map((pair, index) => ({ pair, index, sent: 0, place: 0 })), answers: side.kind === 'ardoise' });
      return undefined;
    }
    case 'exchange': {
      const { talking, answers } = sides.get(what.asked.name)!;
      return exchange(talking, what.asked.exchange, answers);
    }
    case 'count':
      return Promise.all(sides.get(what.asked.name)!.talking.map(async ({ pair, place }) => ({ said: place, kept: pair instanceof XmppPair ? await pair.countKept() : undefined })));
    case 'close': {
      for (const { pair } of sides.get(what.asked.name)!.talking) pair.close();
      sides.delete(what.asked.name);
      return undefined;
    }
    case 'openIdle':
      idle.set(what.asked.name, await openIdle(what.asked.url, what.asked.sockets));
      return undefined;
    case 'closeIdle':
      await Promise.all(idle.get(what.asked.name)!.map((socket) => socket.close()));
      idle.delete(what.asked.name);
      return undefined;
    case 'reconnect':
      return reconnect(what.asked.url, what.asked.clients);
  }
}

process.on('message', (what: Asked) => {
  perform(what).then(
    (done) => process.send!({ done }),
    (error: unknown) => process.send!({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.send!({ ready: true });
