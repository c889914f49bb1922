import { readCredentials } from '../settings.js';
import { ApiFailure } from './ask-api.js';
import { importFile } from './import-file.js';
import { readArguments, USAGE, UsageError } from './read-arguments.js';

// An upload that is interrupted leaves nothing: the import can be sent again.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  const command = readArguments(process.argv.slice(2));
  if (command) process.exitCode = await importFile(command, readCredentials());
  else process.stdout.write(USAGE);
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  console.error(error instanceof UsageError ? `${error.message}\nardoise --help says how.` : error instanceof ApiFailure ? error.message : error);
}
