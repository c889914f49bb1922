import 'reflect-metadata';
import { Clock } from '../src/clock.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { MemoryHints } from '../src/events/hints.js';
import { openLog } from '../src/log.js';
import { RoomKeys } from '../src/server/room.js';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import { community } from '../subgraphs/community/subgraph.js';
import { paymentEpoch } from './payment-epoch.js';

/** `closing-process.js LOGIN-URL MONTH`: a process of its own that closes one epoch, to be killed while it does. */
const [, , loginUrl, month] = process.argv;
const hints = new MemoryHints();
const db = await RoomDatabase.open('community', loginUrl!, community.tables, hints);
process.send!('begins');
const closed = await closeEpoch({ name: 'community', db, clock: new Clock(), hints, nats: undefined, keys: new RoomKeys({}), log: openLog('fatal'), sandbox: true, uploadSilenceSeconds: 30 }, paymentEpoch(month!));
process.send!(closed ? 'closed' : 'found closed');
await db.close();
process.disconnect!();
