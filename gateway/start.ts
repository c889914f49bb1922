import { runProcess } from '../src/server/run-process.js';

await runProcess(async () => {
  // Loaded only now: from here on what is compiled is kept.
  const { startGateway } = await import('./start-gateway.js');
  return startGateway();
});
