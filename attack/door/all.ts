import { probingThresholds } from './a12-probing-thresholds.js';
import { otherQuestions } from './a14-other-questions.js';
import { exactArguments } from './a16-exact-arguments.js';
import { presenceInContent } from './a19-presence-in-content.js';
import { enumerateSirens } from './a23-enumerate-sirens.js';
import { opaqueIds } from './a28-opaque-ids.js';
import { scraping } from './a35-scraping.js';
import { foreignIds } from './a37-foreign-ids.js';
import type { DoorAttack } from './outcome.js';

/** Every attack that goes through the door, in the order of the policy's table. */
export const DOOR_ATTACKS: readonly DoorAttack[] = [
  probingThresholds,
  otherQuestions,
  exactArguments,
  presenceInContent,
  enumerateSirens,
  opaqueIds,
  scraping,
  foreignIds,
];
