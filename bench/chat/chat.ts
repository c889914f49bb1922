import type { Bench, Report } from '../report.js';
import { measureFlatness } from './flatness.js';
import { measureLatency } from './latency.js';
import { measureMemory } from './memory.js';
import { measureRate } from './rate.js';
import { measureReconnects } from './reconnect.js';

/** The parts of the chat's bench, each of which can be measured alone. */
export const CHAT_PARTS: readonly Bench[] = [
  { name: 'chat-rate', run: () => measureRate() },
  { name: 'chat-latency', run: () => measureLatency() },
  { name: 'chat-memory', run: () => measureMemory() },
  { name: 'chat-reconnect', run: () => measureReconnects() },
  { name: 'chat-flatness', run: () => measureFlatness() },
];

/** All of the chat in one report. */
export const chat: Bench = {
  name: 'chat',
  async run(): Promise<Report> {
    const reports: Report[] = [];
    for (const part of CHAT_PARTS) {
      console.error(`── ${part.name}`);
      reports.push(await part.run());
    }
    return {
      name: 'chat',
      about: reports.map(({ name, about }) => `*${name.slice('chat-'.length)}:* ${about}`).join('\n\n'),
      comparisons: reports.flatMap(({ comparisons }) => comparisons),
      details: reports.flatMap(({ details }) => details),
    };
  },
};
