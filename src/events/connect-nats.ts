import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';

const RECONNECT_MILLISECONDS = 500;
/** A connection that says nothing for this long, twice, is taken as lost. */
const PING_MILLISECONDS = 10_000;

/** Connects to NATS, and again whenever it is lost, for ever: nothing that NATS carries is kept there. */
export async function connectNats(natsUrl: string, log: Log): Promise<NatsConnection> {
  const url = new URL(natsUrl);
  const waiting = setTimeout(() => log.warn({ nats: url.host }, 'NATS does not answer yet; waiting for it'), 3000);
  const nats = await connect({
    servers: url.host,
    ...(url.protocol === 'tls:' && { tls: {} }),
    ...(url.username && !url.password && { token: decodeURIComponent(url.username) }),
    ...(url.password && { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }),
    name: 'ardoise',
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_MILLISECONDS,
    pingInterval: PING_MILLISECONDS,
    maxPingOut: 2,
  });
  clearTimeout(waiting);
  return nats;
}
