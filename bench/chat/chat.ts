import type { Bench } from '../report.js';
import { measureLatency } from './latency.js';
import { measureRate } from './rate.js';
import { measureReconnects } from './reconnect.js';

/** The parts of the chat's bench, each of which can be measured alone. */
export const CHAT_PARTS: readonly Bench[] = [
  { name: 'chat-rate', run: () => measureRate() },
  { name: 'chat-latency', run: () => measureLatency() },
  { name: 'chat-reconnect', run: () => measureReconnects() },
];
