import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stopProgram } from '../bench-house.js';
import { XMPP_HOST, type XmppAccount } from '../chat/xmpp-client.js';

const PROGRAM = '/usr/bin/prosody';

/** A Prosody of its own, with an archive that holds nothing yet. `await using` stops it and removes its files. */
export interface Prosody extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly accounts: readonly XmppAccount[];
  /** What the package says it is. */
  readonly version: string;
}

/**
 * Starts Debian's Prosody with nothing but what two who talk need and the archive, for everybody and every message. Its own
 * storage appends to one file for each user and does not wait for the disk: the fastest it has that keeps anything.
 */
export async function startProsody(accounts: number): Promise<Prosody> {
  if (!existsSync(PROGRAM)) throw new Error('Prosody is not here: apt-get install prosody');
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-bench-prosody-'));
  const owner = process.getuid?.() === 0 ? await findOwner() : undefined;
  const made = Array.from({ length: accounts }, (_, index) => ({ name: `user${index}`, password: `secret${index}` }));
  const accountsAt = join(directory, 'data', XMPP_HOST, 'accounts');
  await mkdir(accountsAt, { recursive: true });
  for (const { name, password } of made) await writeFile(join(accountsAt, `${name}.dat`), `return {\n\t["password"] = "${password}";\n};\n`);
  const port = await freePort();
  const config = join(directory, 'prosody.cfg.lua');
  await writeFile(config, configure(directory, port));
  if (owner) await promisify(execFile)('chown', ['-R', `${owner.uid}:${owner.gid}`, directory]);
  await chmod(directory, 0o755);
  const child = spawn(PROGRAM, ['--config', config, '-F'], { ...owner, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: '/usr/bin:/bin', HOME: directory } });
  try {
    await becomeReady(child, port, join(directory, 'prosody.log'));
    const { stdout: version } = await promisify(execFile)('dpkg-query', ['-W', '-f', '${Version}', 'prosody']).catch(() => ({ stdout: 'of unknown version' }));
    return { pid: child.pid!, port, accounts: made, version, [Symbol.asyncDispose]: () => end(child, directory) };
  } catch (error) {
    await end(child, directory);
    throw error;
  }
}

/** Passwords are kept as they are and nothing is enciphered: no time is spent on either while it is measured. */
function configure(directory: string, port: number): string {
  return `
    pidfile = "${directory}/prosody.pid"
    data_path = "${directory}/data"
    log = { warn = "${directory}/prosody.log" }
    modules_enabled = { "roster", "saslauth", "disco", "posix", "ping", "mam" }
    modules_disabled = { "s2s" }
    authentication = "internal_plain"
    allow_unencrypted_plain_auth = true
    c2s_require_encryption = false
    interfaces = { "127.0.0.1" }
    c2s_ports = { ${port} }
    c2s_direct_tls_ports = { }
    storage = "internal"
    default_archive_policy = true
    archive_expires_after = "never"
    mam_include_total = true
    -- The archive of a user is cut at 10,000 messages otherwise.
    storage_archive_item_limit = 100000000
    VirtualHost "${XMPP_HOST}"
  `;
}

async function becomeReady(child: ChildProcess, port: number, log: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.end());
    });
    if (reached) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Prosody did not start: ${await readFile(log, 'utf8').catch(() => '')}`);
}

/** Killed, for nothing of it is kept; asked to stop while clients are still signed in it may fail at that and stay. */
async function end(child: ChildProcess, directory: string): Promise<void> {
  await stopProgram(child, 'SIGKILL');
  await rm(directory, { recursive: true, force: true });
}

/** It refuses to run as root. */
async function findOwner(): Promise<{ readonly uid: number; readonly gid: number }> {
  const idOf = async (flag: string): Promise<number> => Number((await promisify(execFile)('id', [flag, 'prosody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
