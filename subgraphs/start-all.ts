import { readSettings, SettingsError } from '../src/settings.js';
import { openHouse } from './house.js';

try {
  const house = await openHouse(readSettings());
  console.log(`Ardoise is at ${house.url}/graphql`);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void house.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  if (error instanceof SettingsError) for (const line of error.lines) console.error(line);
  else console.error(error);
  process.exit(1);
}
