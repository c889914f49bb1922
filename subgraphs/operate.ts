import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { UsageError } from '../src/cli/read-arguments.js';
import { OPERATOR_USAGE, readOperatorArguments, type OperatorCommand } from '../src/cli/read-operator-arguments.js';
import { Clock } from '../src/clock.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { lockDirectory } from '../src/database/lock-directory.js';
import { Refusal } from '../src/errors.js';
import { memoryWires, openHints } from '../src/events/open-hints.js';
import { demandKeyFiles, makeKeyFiles } from '../src/keys.js';
import { openLog } from '../src/log.js';
import type { RoomName } from '../src/rooms.js';
import { openRoom } from '../src/server/open-room.js';
import type { Room } from '../src/server/room.js';
import { readSettings, SettingsError, type KeyFiles, type Settings } from '../src/settings.js';
import { SUBGRAPHS } from './all.js';
import type { BrokenEntry } from './community/benchmark/release.js';
import { verifyReleases } from './community/benchmark/verify-releases.js';
import { verifyAudit, type BrokenAuditEntry } from './community/audit/verify-audit.js';
import { exportReport, handleReport } from './community/chat/export-report.js';
import { listReports } from './community/chat/list-reports.js';
import { listSeatAlarms } from './community/membership/watch-seats.js';
import { unverifyFirm, verifyFirm } from './identity/firms/verify-firm.js';
import { linkFirms, unlinkFirms } from './identity/operator/link-firms.js';
import { findTies, listFirms } from './identity/operator/list-firms.js';
import { listLinkAlarms } from './identity/operator/list-link-alarms.js';
import { listMatchingKeys } from './portfolios/contributions/list-matching-keys.js';
import { readKeyAge } from './portfolios/contributions/read-matching-keys.js';
import { rotateMatchingKey } from './portfolios/contributions/rotate-matching-key.js';

/** Why an entry of the ledger of releases does not stand, for a person. */
const BROKEN: Readonly<Record<Exclude<BrokenEntry['reason'], 'CUT_OFF'>, string>> = {
  MISSING: 'it is gone',
  CHAIN_BROKEN: 'it does not follow from the entry before it',
  ENTRY_CHANGED: 'it was changed after it was written',
  CELLS_CHANGED: 'what was published was changed afterwards',
  INTAKE_CHANGED: 'what it was made of was changed afterwards',
  EPOCH_NOT_ENTERED: 'an epoch was published without it',
};

/** Why an entry of the audit log does not stand, for a person. */
const AUDIT_BROKEN: Readonly<Record<Exclude<BrokenAuditEntry['reason'], 'UNKNOWN_HASH'>, string>> = {
  MISSING: BROKEN.MISSING,
  CHAIN_BROKEN: BROKEN.CHAIN_BROKEN,
  ENTRY_CHANGED: BROKEN.ENTRY_CHANGED,
  REPORT_CHANGED: 'the report that it tells of is gone or was changed afterwards',
  CUT_OFF: 'it and what came after it were cut off',
};

/** `ardoise operator …`: what the people who run the network do, on its database. */
try {
  const command = readOperatorArguments(process.argv.slice(2));
  if (command) await operate(command, readSettings());
  else process.stdout.write(OPERATOR_USAGE);
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  if (error instanceof UsageError) console.error(`${error.message}\nardoise operator --help says how.`);
  else console.error(readableReason(error) ?? error);
}

/** What is wrong with the call or its surroundings, in one line; nothing of a fault of the program. */
function readableReason(error: unknown): string | undefined {
  // Firms are the only things of which a refusal does not say itself where they are listed.
  if (error instanceof Refusal) return error.code === 'NOT_FOUND' && error.path[0] !== 'reportId' ? 'There is no such firm: ardoise operator firm list shows their ids.' : error.message;
  if (error instanceof SettingsError) return error.message;
  const { code, message } = error as { code?: unknown; message?: string };
  // The network's codes, and those of a server that lets nobody in: wrong login, no such database, starting or stopping.
  return typeof code === 'string' && /^(?:E[A-Z]+|28\w{3}|3D000|57P0\d)$/.test(code) ? `The database cannot be used (${message || code}).` : undefined;
}

async function operate(command: OperatorCommand, settings: Settings): Promise<void> {
  const { url, close } = await openDatabase(settings);
  try {
    for (const line of await perform(command, (name, work) => withRoom(settings, url, name, work), (name) => hasRoom(url, name))) console.log(line);
  } finally {
    await close();
  }
}

type WithRoom = <T>(name: RoomName, work: (room: Room) => Promise<T>) => Promise<T>;

/** Does what was asked; the lines to say. */
async function perform(command: OperatorCommand, withOne: WithRoom, has: (name: RoomName) => Promise<boolean>): Promise<readonly string[]> {
  switch (command.name) {
    case 'firm list':
      return withOne('identity', async (room) => {
        const firms = await listFirms(room, command.unverified);
        if (firms.length === 0) return [command.unverified ? 'There are no firms that wait to be verified.' : 'There are no firms.'];
        return firms.map(({ id, name, country, registration, verified, signedUpOn, others }) =>
          [id, verified ? 'verified' : 'unverified', signedUpOn, country, registration, readable(name), ...(others > 0 ? [`one with ${others} other${others > 1 ? 's' : ''}`] : [])].join('  '));
      });
    case 'firm verify':
    case 'firm unverify':
      return withOne('identity', async (room) => {
        const { firm, changed } = await (command.name === 'firm verify' ? verifyFirm : unverifyFirm)(room, command.firmId, command.word);
        const state = firm.verified ? 'verified' : 'not verified';
        const ties = firm.verified ? await findTies(room, firm.id) : [];
        return [
          `${readable(firm.name)} (${firm.registrationScheme} ${firm.registrationValue}) ${changed ? 'is now' : 'was already'} ${state}.`,
          ...ties.map((tie) => `It is linked with ${tie.firmId === firm.id ? tie.otherFirmId : tie.firmId} by ${tie.by}: of them one counts.`),
        ];
      });
    case 'firm link':
    case 'firm unlink':
      return withOne('identity', async (room) => {
        const { changed, oneGroup } = await (command.name === 'firm link' ? linkFirms : unlinkFirms)(room, command.firmId, command.otherFirmId, command.word);
        return [`${changed ? 'Noted' : 'It was so already'}. ${oneGroup ? 'The two count as one.' : 'The two count each.'}`];
      });
    case 'alarms': {
      const links = (await has('identity')) ? await withOne('identity', listLinkAlarms) : [];
      const seats = (await has('community')) ? await withOne('community', listSeatAlarms) : [];
      const lines = [
        ...links.map(({ raisedAt, firms, ties }) => `${raisedAt}  LINKED     by ${ties}: ${firms.join(' ')}`),
        ...seats.map(({ raisedAt, kind, quarter, firms, seats: count }) => `${raisedAt}  ${kind.padEnd(9)}  ${firms.length} of ${count} seats of a customer in ${quarter}: ${firms.join(' ')}`),
      ];
      return lines.length > 0 ? lines.toSorted().toReversed() : ['There are no alarms.'];
    }
    case 'releases verify':
      return withOne('community', async (room) => {
        const { entries, head, broken } = await verifyReleases(room, command.head);
        // What is run every night must fail aloud.
        if (broken) process.exitCode = 1;
        if (broken?.reason === 'CUT_OFF') return [`${entries} ${entries === 1 ? 'entry stands' : 'entries stand'}, but none has the hash given: entries were cut off or written anew since, or it is the hash of another network.`];
        return broken
          ? [`Entry ${broken.number}${broken.epochId === null ? '' : ` (epoch ${broken.epochId})`} does not stand: ${BROKEN[broken.reason]} (${broken.reason}).`]
          : [`${entries} ${entries === 1 ? 'entry stands' : 'entries stand'}${head === null ? '.' : `; keep the last hash elsewhere: ${head}`}`];
      });
    case 'report list':
      return withOne('community', async (room) => {
        const reports = await listReports(room, command.handled);
        if (reports.length === 0) return [command.handled ? 'There are no reports.' : 'There are no open reports.'];
        return reports.map(({ id, reportedAt, reporterFirmId, reportedFirmId, handled }) =>
          `${reportedAt}  ${id}  ${reporterFirmId} about ${reportedFirmId}  ${handled === null ? 'open' : `handled ${handled.at} by ${readable(handled.operator)} (${readable(handled.note)})`}`);
      });
    case 'report export':
      return withOne('community', async (room) => [JSON.stringify(await exportReport(room, command.reportId, command.word), undefined, 2)]);
    case 'report handle':
      return withOne('community', async (room) => [(await handleReport(room, command.reportId, command.word)) ? 'Noted.' : 'It was handled already; the first note stays.']);
    case 'audit verify':
      return withOne('community', async (room) => {
        const { entries, head, broken } = await verifyAudit(room, command.head);
        if (broken) process.exitCode = 1;
        const stand = `${entries} ${entries === 1 ? 'entry stands' : 'entries stand'}`;
        if (broken?.reason === 'UNKNOWN_HASH') return [`${stand}, but none has the hash given: entries were cut off or written anew since, or it is the hash of another network.`];
        return [broken ? `Entry ${broken.number} does not stand: ${AUDIT_BROKEN[broken.reason]} (${broken.reason}).` : `${stand}${head === null ? '.' : `; keep the last hash elsewhere: ${head}`}`];
      });
    case 'matching-key rotate':
      return withOne('portfolios', async (room) => [`Exchange ${await rotateMatchingKey(room, command.word)} has begun; Ardoise ends it while it runs. ardoise operator matching-key status says how far it is.`]);
    case 'matching-key status':
      return withOne('portfolios', async (room) => {
        const { inUseSince, dueOn, isDue } = await room.db.asSystem().transaction(readKeyAge);
        const exchanges = await listMatchingKeys(room);
        return [
          `The matching key is in use since ${inUseSince.toString()}${exchanges.length === 0 ? ' and was never exchanged' : ''}. The next exchange ${isDue ? 'was' : 'is'} due on ${dueOn.toString()}; it begins by itself unless ARDOISE_MATCHING_KEY_BY_HAND is set.`,
          ...exchanges.map(({ version, operator, why, startedAt, retiredAt, told, firms, unheard }) =>
            `Exchange ${version}, begun ${startedAt} by ${readable(operator)} (${readable(why)}): ${retiredAt === null ? `${told} of ${firms} firms told, ${unheard} events still to be heard` : `ended ${retiredAt}`}.`),
        ];
      });
  }
}

/** The database of the settings, or the embedded one, which is started when it does not run. */
async function openDatabase(settings: Settings): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  if (settings.databaseUrl !== undefined) return { url: settings.databaseUrl, close: async () => undefined };
  if (!existsSync(join(settings.dataDir, 'keys'))) throw new SettingsError([`There is nothing in ${settings.dataDir}: set ARDOISE_DATA_DIR or DATABASE_URL.`]);
  const running = await findEmbeddedPostgres(settings.dataDir);
  if (running !== undefined) return { url: running, close: async () => undefined };
  const release = await lockDirectory(settings.dataDir);
  try {
    const postgres = await startEmbeddedPostgres(settings.dataDir);
    return {
      url: postgres.url,
      async close() {
        await postgres.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Opens a room on the database for one piece of work. A room that is not there is not made. */
async function withRoom<T>(settings: Settings, url: string, name: RoomName, work: (room: Room) => Promise<T>): Promise<T> {
  if (!(await hasRoom(url, name))) throw new SettingsError([`This database does not hold the room ${name}: set DATABASE_URL to the one that does.`]);
  const log = openLog(settings.logLevel);
  const wires = settings.databaseUrl === undefined ? memoryWires() : await openHints(settings, url, log);
  try {
    const opened = await openRoom(SUBGRAPHS.find((subgraph) => subgraph.name === name)!, { settings, keyFiles: await findKeyFiles(settings, name), databaseUrl: url, clock: new Clock(), wires, replicated: false, log });
    try {
      return await work(opened.room);
    } finally {
      await opened.stop();
    }
  } finally {
    await wires.close();
  }
}

async function hasRoom(url: string, name: RoomName): Promise<boolean> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: [found] } = await client.query<{ there: boolean }>('select to_regnamespace($1) is not null as there', [name]);
    return found!.there;
  } finally {
    await client.end();
  }
}

/** The keys that the settings name, the others from the data directory where there is one: other keys than Ardoise's own would give its rows another meaning. */
async function findKeyFiles(settings: Settings, name: RoomName): Promise<KeyFiles> {
  const directory = join(settings.dataDir, 'keys');
  const given = Object.fromEntries(Object.entries(settings.keyFiles).filter(([, value]) => value !== undefined));
  const files: KeyFiles = existsSync(directory) ? { ...(await makeKeyFiles(directory)), ...given } : given;
  demandKeyFiles(files, name);
  return files;
}

/** A text that somebody else chose, without what would move a terminal's cursor. */
function readable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}
