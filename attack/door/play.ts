import setUp from '../../test/global-setup.js';
import tearDown from '../../test/global-teardown.js';
import { DOOR_ATTACKS } from './all.js';
import { DoorWorld } from './world.js';

/** Plays the attacks through the door by themselves: `node dist/attack/door/play.js [full] [A19 …]`. */
const words = process.argv.slice(2);
const effort = words.includes('full') ? 'full' : 'fast';
const named = words.filter((word) => word !== 'full');
await setUp();
try {
  const began = performance.now();
  await using world = await DoorWorld.open();
  console.log(`the world stands after ${Math.round(performance.now() - began)} ms`);
  for (const attack of DOOR_ATTACKS.filter(({ id }) => named.length === 0 || named.includes(id))) {
    const from = performance.now();
    try {
      const { product, control } = await attack.run(world, effort);
      const verdict = !attack.passes(product, effort) ? 'FAILS' : attack.passes(control, effort) ? 'PROVES NOTHING' : 'holds';
      console.log(`${attack.id} ${verdict}: ${product.said} (${product.trials} trials); control: ${control.said} [${Math.round(performance.now() - from)} ms]`);
    } catch (error) {
      console.log(`${attack.id} BROKE:`, error);
    }
  }
} finally {
  await tearDown();
}
