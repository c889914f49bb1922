import { runProcess } from '../src/server/run-process.js';
import { readSettings } from '../src/settings.js';

await runProcess(async (stopping) => {
  const settings = readSettings();
  // Loaded only now: for the second that it takes, Ctrl-C is heard already.
  const [{ openHouse }, { loadDemoNetwork }, { printBanner }] = await Promise.all([
    import('./house.js'), import('../examples/demo-network/load.js'), import('../examples/demo-network/banner.js'),
  ]);
  stopping.throwIfAborted();
  const house = await openHouse(settings, (rooms) => loadDemoNetwork(rooms, settings), stopping);
  await printBanner(house.url, settings);
  return house;
});
