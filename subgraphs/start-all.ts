import { runProcess } from '../src/server/run-process.js';
import { readSettings } from '../src/settings.js';
import { openHouse } from './house.js';

await runProcess(async (stopping) => {
  const house = await openHouse(readSettings(), undefined, stopping);
  console.log(`Ardoise is at ${house.url}/graphql`);
  return house;
});
