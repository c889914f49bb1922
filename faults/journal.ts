import type { Kept } from './experiment.js';

export type Side = 0 | 1;

/** A message that its sender was told is sent. */
export interface Acknowledged {
  readonly side: Side;
  readonly clientId: string;
  readonly body: string;
  readonly seq: number;
}

/** A message as a reader was shown it. */
export interface Shown {
  readonly seq: number;
  readonly mine: boolean;
  readonly body: string;
  /** The sender's own; null for what the other side sent. */
  readonly clientId: string | null;
}

/** A message as the database keeps it. */
export interface Stored {
  readonly seq: number;
  readonly side: Side;
  readonly clientId: string;
  readonly body: string;
}

/** What one reader of a conversation was shown, in the order in which it was. */
export interface Reading {
  readonly side: Side;
  /** What it had before the first one shown. */
  readonly after: number;
  readonly shown: readonly Shown[];
}

/** Everything known of one conversation when its load is over. */
export interface Journal {
  readonly acknowledged: readonly Acknowledged[];
  /** Every text that was ever tried, acknowledged or not: whatever else is found came from somewhere else. */
  readonly tried: ReadonlySet<string>;
  readonly stored: readonly Stored[];
  readonly readings: readonly Reading[];
}

export type Verdict = Pick<Kept, 'lost' | 'doubled' | 'disordered' | 'gaps' | 'foreign'> & {
  /** The first few findings, in words. */
  readonly findings: readonly string[];
};

/** Holds what was acknowledged, what is stored and what every reader was shown against each other. Order of `stored` does not matter. */
export function judge({ acknowledged, tried, stored, readings }: Journal): Verdict {
  const findings: string[] = [];
  const count = { lost: 0, doubled: 0, disordered: 0, gaps: 0, foreign: 0 };
  const find = (kind: keyof typeof count, what: string): void => {
    count[kind] += 1;
    if (findings.length < 20) findings.push(`${kind}: ${what}`);
  };

  const bySeq = new Map<number, Stored>();
  const byClientId = new Map<string, Stored>();
  for (const message of stored) {
    const key = `${message.side} ${message.clientId}`;
    if (bySeq.has(message.seq)) find('doubled', `number ${message.seq} is stored twice`);
    if (byClientId.has(key)) find('doubled', `${message.clientId} is stored as ${byClientId.get(key)!.seq} and ${message.seq}`);
    if (!tried.has(message.body)) find('foreign', `number ${message.seq} is stored with a text that nobody sent here`);
    bySeq.set(message.seq, message);
    byClientId.set(key, message);
  }
  const last = stored.reduce((most, { seq }) => Math.max(most, seq), 0);
  for (let seq = 1; seq <= last; seq += 1) if (!bySeq.has(seq)) find('gaps', `number ${seq} is not stored`);

  for (const { side, clientId, body, seq } of acknowledged) {
    const kept = byClientId.get(`${side} ${clientId}`);
    if (kept === undefined) find('lost', `${clientId} was acknowledged as ${seq} and is not stored`);
    else if (kept.seq !== seq || kept.body !== body) find('disordered', `${clientId} was acknowledged as ${seq} and is stored as ${kept.seq}`);
  }

  for (const [place, { side, after, shown }] of readings.entries()) {
    const reader = `reader ${place} (side ${side})`;
    const seen = new Set<number>();
    let before = after;
    for (const message of shown) {
      if (seen.has(message.seq)) find('doubled', `${reader} was shown ${message.seq} twice`);
      else if (message.seq < before) find('disordered', `${reader} was shown ${message.seq} after ${before}`);
      else if (message.seq > before + 1) find('gaps', `${reader} was shown ${message.seq} after ${before}`);
      seen.add(message.seq);
      before = Math.max(before, message.seq);
      const kept = bySeq.get(message.seq);
      if (kept === undefined || !tried.has(message.body)) find('foreign', `${reader} was shown ${message.seq}, which is not of this conversation`);
      else if (kept.body !== message.body || message.mine !== (kept.side === side) || message.clientId !== (message.mine ? kept.clientId : null)) find('disordered', `${reader} was shown ${message.seq} as another message`);
    }
    for (const { seq } of acknowledged) if (seq > after && !seen.has(seq)) find('lost', `${reader} was never shown ${seq}`);
  }
  return { ...count, findings };
}

/** The sum of several verdicts. */
export function sumOf(verdicts: readonly Verdict[]): Verdict {
  const total = (kind: keyof Omit<Verdict, 'findings'>): number => verdicts.reduce((sum, verdict) => sum + verdict[kind], 0);
  return { lost: total('lost'), doubled: total('doubled'), disordered: total('disordered'), gaps: total('gaps'), foreign: total('foreign'), findings: verdicts.flatMap(({ findings }) => findings).slice(0, 20) };
}
