import type { Request } from '../../../src/server/request.js';
import { readEpochs, type EpochRow } from './read-epoch.js';

/** A hint may be lost, and a day of publication may come; then epochs are looked up this much later. */
const LOOK_AGAIN_MILLISECONDS = 30_000;

/** Each epoch that is published from now on, once, in the order of publication. */
export async function* watchEpochs(request: Request): AsyncGenerator<EpochRow, void, void> {
  request.demand('community:read');
  const { room, db } = request;
  const read = (): Promise<readonly EpochRow[]> => db.transaction((em) => readEpochs(em, room.clock.today()));
  let wake: () => void = () => undefined;
  let hinted = false;
  const unsubscribe = room.hints.subscribe('epochs', () => {
    hinted = true;
    wake();
  });
  try {
    const told = new Set((await read()).map(({ id }) => id));
    for (;;) {
      if (!hinted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MILLISECONDS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hinted = false;
      for (const epoch of (await read()).toReversed()) {
        if (told.has(epoch.id)) continue;
        told.add(epoch.id);
        yield epoch;
      }
    }
  } finally {
    unsubscribe();
    wake();
  }
}
