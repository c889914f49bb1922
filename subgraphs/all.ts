// Before any resolver: its decorators write the metadata that this brings.
import 'reflect-metadata';
import type { Subgraph } from '../src/server/subgraph.js';
import { community } from './community/subgraph.js';
import { identity } from './identity/subgraph.js';
import { portfolios } from './portfolios/subgraph.js';
import { scoring } from './scoring/subgraph.js';

/** Every subgraph, in the order of `ROOMS`. */
export const SUBGRAPHS: readonly Subgraph[] = [identity, portfolios, scoring, community];
