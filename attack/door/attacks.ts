import type { Attack } from '../attack.js';
import { probingThresholds } from './a12-probing-thresholds.js';
import { otherQuestions } from './a14-other-questions.js';
import { exactArguments } from './a16-exact-arguments.js';
import { presenceInContent } from './a19-presence-in-content.js';
import { presenceInTiming } from './a20-presence-in-timing.js';
import { presenceInCounters } from './a21-presence-in-counters.js';
import { presenceInRefusals } from './a22-presence-in-refusals.js';
import { enumerateSirens } from './a23-enumerate-sirens.js';
import { fishingWithMarks } from './a24-fishing-with-marks.js';
import { pairSearch } from './a25-pair-search.js';
import { joinAliases } from './a26-join-aliases.js';
import { chatMetadata } from './a27-chat-metadata.js';
import { opaqueIds } from './a28-opaque-ids.js';
import { scraping } from './a35-scraping.js';
import { subgraphDirectly } from './a36-subgraph-directly.js';
import { foreignIds } from './a37-foreign-ids.js';
import { errorOracle } from './a38-error-oracle.js';
import { logs } from './a39-logs.js';
import { databaseLogin } from './a40-database-login.js';
import { communityDump } from './a41-community-dump.js';
import { revokeDuringClosing } from './a42-revoke-during-closing.js';
import { naturalPersons } from './a43-natural-persons.js';
import { throughTheDoor } from './door-attack.js';

/** Attacks through the public door. They share one world, in this order. */
export const DOOR_ATTACKS: readonly Attack[] = [
  probingThresholds,
  otherQuestions,
  exactArguments,
  presenceInContent,
  presenceInTiming,
  presenceInCounters,
  presenceInRefusals,
  enumerateSirens,
  fishingWithMarks,
  pairSearch,
  joinAliases,
  chatMetadata,
  opaqueIds,
  scraping,
  subgraphDirectly,
  foreignIds,
  errorOracle,
  logs,
  databaseLogin,
  communityDump,
  revokeDuringClosing,
  naturalPersons,
].map(throughTheDoor);
