import { createHash } from 'node:crypto';

/** Messages that a report keeps, the latest ones. */
export const REPORTED_MESSAGES = 500;
/** Reports that a firm may make in one day, in business time. */
export const REPORTS_A_DAY = 10;
/** How long a report's reason and texts are kept after it was handled. */
export const REPORT_KEPT_MONTHS = 12;

/** A message as the one who reports sees it. */
export interface ReportedMessage {
  readonly seq: number;
  readonly from: 'REPORTER' | 'REPORTED';
  readonly sentAt: string;
  /** Empty once it was older than texts are kept. */
  readonly body: string;
  /** All its texts, where it was edited: what was edited away is reported too. */
  readonly versions?: readonly { readonly version: number; readonly body: string; readonly writtenAt: string }[];
  /** What files it carried; their bytes are not kept here. */
  readonly attachments?: readonly { readonly fileName: string; readonly contentType: string; readonly sizeBytes: number; readonly sha256: string }[];
}

/** What a report holds, as docs/MODERATION.md has it. */
export interface ReportContent {
  readonly reason: string;
  /** Null: a report from before texts were kept. */
  readonly conversation: { readonly openedAt: string; readonly state: 'OPEN' | 'CLOSED'; readonly lastSeq: number; readonly identitiesRevealed: boolean } | null;
  /** How many older messages there are that are not here. */
  readonly messagesLeftOut: number;
  readonly messages: readonly ReportedMessage[];
}

/** SHA-256, in hexadecimal, of what a report holds, byte for byte. */
export function digestOfReport(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
