import { runProcess } from '../src/server/run-process.js';

/** Runs one room, or several, as a process of its own: `start-room.js identity`. */
await runProcess(async (stopping) => {
  // Loaded only now: from here on what is compiled is kept.
  const { startRooms } = await import('./start-rooms.js');
  return startRooms(process.argv.slice(2), stopping);
});
