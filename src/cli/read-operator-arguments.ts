import { parseArgs } from 'node:util';
import { UsageError } from './read-arguments.js';

export const OPERATOR_USAGE = `Usage: ardoise operator COMMAND

For whoever runs the network: works on its database, not through the API. Every change is written down with who and why.

  firm list [--unverified]                 the firms, or those whose registration nobody checked yet
  firm verify ID --by NAME --note TEXT     its registration was checked: from now on it counts
  firm unverify ID --by NAME --note TEXT   takes that back
  firm link ID ID --by NAME --why TEXT     two firms are one (a corporate group, say): of them one counts
  firm unlink ID ID --by NAME --why TEXT   two firms are not one, whatever they share
  alarms                                   what should be looked at: firms found to be one, cells that few hold
  matching-key rotate --by NAME --why TEXT exchanges the key that customers are matched by; no answer changes
  matching-key status                      how far the exchanges are, and when the next is due
  releases verify [HASH]                   recomputes the ledger of what was published; HASH, kept from an earlier run, also
                                           shows that nothing was cut off since
  report list [--handled]                  what members reported and nobody handled yet; with --handled all of it
  report export ID --by NAME --why TEXT    one report with the texts it keeps, as JSON (docs/MODERATION.md)
  report handle ID --by NAME --note TEXT   notes that it was dealt with, once
  audit verify [HASH]                      recomputes the audit log of peers and chat; HASH as above

Works on DATABASE_URL, else on the embedded database in ARDOISE_DATA_DIR, while Ardoise runs or not. Where rooms run apart,
firms and their alarms are in the database of identity, cells, releases, reports and the audit log in that of community, the
key in that of portfolios; each needs the key files of its room.
Ends with 0 when it is done or was so already, 1 when it was refused, 2 when it was called wrongly.
`;

/** What an operator asks for. */
export type OperatorCommand =
  | { readonly name: 'firm list'; readonly unverified: boolean }
  | { readonly name: 'firm verify' | 'firm unverify'; readonly firmId: string; readonly word: Word }
  | { readonly name: 'firm link' | 'firm unlink'; readonly firmId: string; readonly otherFirmId: string; readonly word: Word }
  | { readonly name: 'matching-key rotate'; readonly word: Word }
  | { readonly name: 'releases verify' | 'audit verify'; readonly head: string | undefined }
  | { readonly name: 'report list'; readonly handled: boolean }
  | { readonly name: 'report export' | 'report handle'; readonly reportId: string; readonly word: Word }
  | { readonly name: 'alarms' | 'matching-key status' };

interface Word {
  readonly by: string;
  readonly why: string;
}

const OPTIONS = {
  by: { type: 'string' },
  why: { type: 'string' },
  note: { type: 'string' },
  unverified: { type: 'boolean' },
  handled: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the arguments after `operator`; `undefined` when only help was asked for. Throws a `UsageError`. */
export function readOperatorArguments(given: readonly string[]): OperatorCommand | undefined {
  const { values, positionals } = parse(given);
  if (values.help || positionals.length === 0) return undefined;
  const [noun, verb, ...ids] = positionals;
  const name = noun === 'alarms' ? noun : `${noun} ${verb ?? ''}`.trim();
  const demandIds = (count: number): readonly string[] => {
    const found = noun === 'alarms' ? positionals.slice(1) : ids;
    if (found.length !== count) throw new UsageError(count === 0 ? `${name} takes nothing more.` : `${name} takes the ${count === 1 ? `id of one ${noun}` : `ids of two ${noun}s`}.`);
    return found;
  };
  const word = (): Word => {
    const why = values.why ?? values.note;
    if (values.by === undefined || values.by.trim() === '') throw new UsageError('Say --by whom.');
    if (why === undefined || why.trim() === '') throw new UsageError('Say why, in --note or --why.');
    return { by: values.by, why };
  };
  switch (name) {
    case 'firm list':
      demandIds(0);
      return { name, unverified: values.unverified ?? false };
    case 'firm verify':
    case 'firm unverify': {
      const [firmId] = demandIds(1) as [string];
      return { name, firmId, word: word() };
    }
    case 'firm link':
    case 'firm unlink': {
      const [firmId, otherFirmId] = demandIds(2) as [string, string];
      return { name, firmId, otherFirmId, word: word() };
    }
    case 'matching-key rotate':
      demandIds(0);
      return { name, word: word() };
    case 'report list':
      demandIds(0);
      return { name, handled: values.handled ?? false };
    case 'report export':
    case 'report handle': {
      const [reportId] = demandIds(1) as [string];
      return { name, reportId, word: word() };
    }
    case 'releases verify':
    case 'audit verify': {
      const [head, ...more] = ids;
      if (more.length > 0 || (head !== undefined && !/^[0-9a-f]{64}$/.test(head))) throw new UsageError(`${name} takes one hash of 64 digits, or nothing.`);
      return { name, head };
    }
    case 'alarms':
    case 'matching-key status':
      demandIds(0);
      return { name };
    default:
      throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
  }
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]!.replace(/\.?$/, '.'));
  }
}
