/** Waits so long. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Something between half of `milliseconds` and all of it: whoever was cut off together does not come back together. */
export function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}

/** Looks until what it looks for is there, and says whether it came in time. A look that fails is no news. */
export async function comesTrue(look: () => boolean | Promise<boolean>, milliseconds: number, everyMilliseconds = 50): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (;;) {
    try {
      if (await look()) return true;
    } catch {
      // As good as not yet.
    }
    if (performance.now() > until) return false;
    await pause(everyMilliseconds);
  }
}
