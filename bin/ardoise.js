#!/usr/bin/env node
// Starts the command line on the project's own Node, whatever the one of the system can do, and compiles it first if nobody has.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
const node = existsSync(own) ? own : process.execPath;
// What an operator does works on the rooms themselves; all else goes through the API.
const program = process.argv[2] === 'operator' ? join(root, 'dist', 'subgraphs', 'operate.js') : join(root, 'dist', 'src', 'cli', 'ardoise.js');

if (!existsSync(program)) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    console.error(`Run npm ci in ${root} first.`);
    process.exit(1);
  }
  const { status } = spawnSync(node, [compiler, '-p', root], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(1);
}

const child = spawn(node, ['--no-warnings', program, ...process.argv.slice(process.argv[2] === 'operator' ? 3 : 2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to both; what is sent to us alone is passed on. Its end is ours either way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
