import { runProcess } from '../src/server/run-process.js';
import { readSettings } from '../src/settings.js';

await runProcess(async (stopping) => {
  const settings = readSettings();
  // Loaded only now: for the second that it takes, Ctrl-C is heard already.
  const { openHouse } = await import('./house.js');
  stopping.throwIfAborted();
  const house = await openHouse(settings, undefined, stopping);
  console.log(`Ardoise is at ${house.url}/graphql`);
  return house;
});
