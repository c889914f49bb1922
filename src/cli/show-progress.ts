import { Presets, SingleBar } from 'cli-progress';

/** Shows how far an import is. */
export interface Progress {
  /** Bytes that were taken so far. */
  sent(bytes: number): void;
  /** Rows that were read so far. */
  read(rows: number): void;
  /** All of it was taken: what is left is the ledger's work, of which so much is done, from 0 to 1. */
  merged(share: number): void;
  end(): void;
}

/** A bar on a terminal; nothing elsewhere, where it would only be noise in a log. `size` is undefined for a stream. */
export function showProgress(stream: NodeJS.WriteStream, size: number | undefined): Progress {
  if (!stream.isTTY) return { sent: () => undefined, read: () => undefined, merged: () => undefined, end: () => undefined };
  const known = size !== undefined && size > 0;
  const bar = new SingleBar({ stream, format: known ? '{bar} {percentage}% {step} | {rows} rows | {duration_formatted}' : '{megabytes} MB {step} | {rows} rows | {duration_formatted}', hideCursor: true, clearOnComplete: true, etaBuffer: 1 }, Presets.shades_classic);
  bar.start(size ?? 0, 0, { rows: 0, megabytes: '0.0', step: 'sent' });
  return {
    sent: (bytes) => bar.update(known ? bytes : 0, { megabytes: (bytes / 1e6).toFixed(1) }),
    read: (rows) => bar.update({ rows: rows.toLocaleString('en') }),
    merged: (share) => {
      if (known) bar.setTotal(100);
      bar.update(known ? Math.round(share * 100) : 0, { step: known ? 'merged' : `sent, ${Math.round(share * 100)}% merged` });
    },
    end: () => bar.stop(),
  };
}
