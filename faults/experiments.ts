import type { Experiment } from './experiment.js';
import { killCommunity } from './f01-kill-community.js';

/** Every experiment on the chat, in the order of the table in README.md. */
export const EXPERIMENTS: readonly Experiment[] = [killCommunity];
