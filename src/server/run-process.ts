import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { SettingsError } from '../settings.js';

/** What a process runs. */
export interface Running {
  /** Takes no more work, lets what is under way end, and leaves nothing open. */
  stop(): Promise<void>;
}

/** A process that cannot stop in order within this time stops without. */
const STOP_MILLISECONDS = 4500;

/**
 * Runs a process from its start to its end. What is wrong with its settings or its surroundings is said in a line each,
 * and it exits 1. SIGINT, SIGTERM or a closed terminal stop it in order, while it starts as well, and it exits 0.
 */
export async function runProcess(start: (stopping: AbortSignal) => Promise<Running>): Promise<void> {
  // The old generation is collected once it has grown by this much instead of when it has tripled: an upload leaves short-lived
  // rows in it, which made the process up to 200 MB larger for a collection or two that were saved.
  setFlagsFromString('--heap-growing-percent=40');
  // What is loaded from here on is not compiled anew at each start. Beside the compiled program, where nobody else may write.
  enableCompileCache(join(import.meta.dirname, '..', '..', '.compile-cache'));
  const stopping = new AbortController();
  const started = start(stopping.signal);
  const end = async (): Promise<void> => {
    // Ctrl-C reaches us from the terminal and from npm: the second one is no news.
    if (stopping.signal.aborted) return;
    stopping.abort();
    setTimeout(() => process.exit(0), STOP_MILLISECONDS).unref();
    // A start that was broken off has cleared up behind itself.
    await started.then((running) => running.stop()).catch(() => undefined);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
  try {
    await started;
  } catch (error) {
    if (stopping.signal.aborted) return;
    for (const line of linesOf(error)) console.error(line);
    process.exit(1);
  }
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof SettingsError) return error.lines;
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code === 'EADDRINUSE') return [portInUse(address ?? 'this machine', port ?? 0)];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

export function portInUse(host: string, port: number): string {
  return `Port ${port} on ${host} is in use: stop the other program or set PORT.`;
}
