import type { Experiment } from './experiment.js';
import { killCommunity } from './f01-kill-community.js';
import { killGateway } from './f02-kill-gateway.js';
import { freezeSubgraph } from './f08-freeze-subgraph.js';
import { cutSockets } from './f09-cut-sockets.js';
import { loseAnswers } from './f10-lose-answers.js';
import { slowLine } from './f14-slow-line.js';
import { rollingRestart } from './f24-rolling-restart.js';
import { tinyMemory } from './f26-tiny-memory.js';

/** Every experiment on the chat, in the order of the table in README.md. */
export const EXPERIMENTS: readonly Experiment[] = [
  killCommunity, killGateway,
  freezeSubgraph, cutSockets, loseAnswers,
  slowLine,
  rollingRestart, tinyMemory,
];
