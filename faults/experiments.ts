import type { Experiment } from './experiment.js';
import { killCommunity } from './f01-kill-community.js';
import { killGateway } from './f02-kill-gateway.js';
import { restartPostgres } from './f05-restart-postgres.js';
import { killPostgres } from './f06-kill-postgres.js';
import { freezeSubgraph } from './f08-freeze-subgraph.js';
import { cutSockets } from './f09-cut-sockets.js';
import { loseAnswers } from './f10-lose-answers.js';
import { eventsThrice } from './f11-events-thrice.js';
import { eventsReordered } from './f12-events-reordered.js';
import { commitsInverse } from './f13-commits-inverse.js';
import { slowLine } from './f14-slow-line.js';
import { cutFromPostgres } from './f15-cut-from-postgres.js';
import { wrongClocks } from './f21-wrong-clocks.js';
import { smallPool } from './f22-small-pool.js';
import { abortedTransactions } from './f23-aborted-transactions.js';
import { rollingRestart } from './f24-rolling-restart.js';
import { poison } from './f25-poison.js';
import { tinyMemory } from './f26-tiny-memory.js';
import { randomHistories } from './f31-random-histories.js';

/** Every experiment on the chat, in the order of the table in README.md. */
export const EXPERIMENTS: readonly Experiment[] = [
  killCommunity, killGateway,
  restartPostgres, killPostgres,
  freezeSubgraph, cutSockets, loseAnswers,
  eventsThrice, eventsReordered, commitsInverse, slowLine, cutFromPostgres,
  wrongClocks, smallPool, abortedTransactions, rollingRestart, poison, tinyMemory,
  randomHistories,
];
