import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Loaded before a program whose memory is measured (`--import`): a signal lets it collect what nobody holds any more. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.on('SIGUSR2', () => {
  for (let turn = 0; turn < 3; turn += 1) collect();
});
