import { Kind, type ASTVisitor, type FragmentDefinitionNode, type SelectionSetNode, type ValidationContext, type ValueNode } from 'graphql';
import { ApiError } from '../src/errors.js';

/** A document beyond one of these is refused before anything of it runs. The values leave room for every page we know. */
export const LIMITS = {
  /** Lexical tokens of a document; the parser stops there. */
  tokens: 4000,
  /** Fields inside one another. */
  depth: 16,
  /** The same field under other names, summed over the document. */
  aliases: 60,
  /** Directives on one field. */
  directives: 6,
  /** Fields of one operation, each counted as often as the lists around it may be long. */
  cost: 60_000,
  /** Root fields of a mutation, which run one after another. */
  mutations: 20,
} as const;

/** Items assumed in a list that is asked without `first`. */
const ASSUMED_PAGE = 50;

interface Measure {
  depth: number;
  aliases: number;
  cost: number;
}

/** A parser that stops at the largest document, with the code of the limits rather than that of a syntax error. */
export function limitTokens<Source, Options extends object>(parse: (source: Source, options?: Options) => unknown): (source: Source, options?: Options) => unknown {
  return (source, options) => {
    try {
      return parse(source, { ...options, maxTokens: LIMITS.tokens } as unknown as Options);
    } catch (error) {
      if (error instanceof Error && error.message.includes(`${LIMITS.tokens} tokens`)) throw tooComplex(`it has more than ${LIMITS.tokens} tokens`);
      // The parser calls itself once a level.
      if (error instanceof RangeError) throw tooComplex(`it is more than ${LIMITS.depth} levels deep`);
      throw error;
    }
  };
}

/** The up-front cost rule: measures an operation as it is written, variables at the largest page. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of context.getDocument().definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Measure>();

  const measureSelections = (selections: SelectionSetNode, open: ReadonlySet<string>): Measure => {
    const total: Measure = { depth: 0, aliases: 0, cost: 0 };
    const add = (part: Measure, level: number, factor: number): void => {
      total.depth = Math.max(total.depth, part.depth + level);
      total.aliases += part.aliases;
      total.cost += part.cost * factor;
    };
    for (const selection of selections.selections) {
      if ((selection.directives?.length ?? 0) > LIMITS.directives) throw tooComplex('a field has too many directives');
      if (selection.kind === Kind.FIELD) {
        if (selection.alias && selection.alias.value !== selection.name.value) total.aliases += 1;
        total.cost += 1;
        if (!selection.selectionSet) {
          total.depth = Math.max(total.depth, 1);
          continue;
        }
        const first = selection.arguments?.find(({ name }) => SIZES.has(name.value))?.value;
        const isList = first !== undefined || LISTS.has(selection.name.value) || SHORT_LISTS.has(selection.name.value);
        add(measureSelections(selection.selectionSet, open), 1, isList ? pageSize(first, selection.name.value) : 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(measureSelections(selection.selectionSet, open), 0, 1);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        // A circle of fragments is another rule's error; here it must only not run for ever.
        if (!fragment || open.has(name)) continue;
        let part = measured.get(name);
        if (!part) measured.set(name, (part = measureSelections(fragment.selectionSet, new Set([...open, name]))));
        add(part, 0, 1);
      }
      if (total.cost > LIMITS.cost || total.depth > LIMITS.depth) break;
    }
    return total;
  };

  /** Through fragments, each counted where it is first met: spread again it runs once all the same. */
  const countRootFields = (selections: SelectionSetNode, met: Set<string>): number =>
    selections.selections.reduce((count, selection) => {
      if (selection.kind === Kind.FIELD) return count + 1;
      if (selection.kind === Kind.INLINE_FRAGMENT) return count + countRootFields(selection.selectionSet, met);
      const fragment = fragments.get(selection.name.value);
      if (!fragment || met.has(selection.name.value)) return count;
      met.add(selection.name.value);
      return count + countRootFields(fragment.selectionSet, met);
    }, 0);

  return {
    OperationDefinition(operation) {
      if (operation.operation === 'mutation' && countRootFields(operation.selectionSet, new Set()) > LIMITS.mutations) throw tooComplex(`it has more than ${LIMITS.mutations} mutations`);
      const { depth, aliases, cost } = measureSelections(operation.selectionSet, new Set());
      if (depth > LIMITS.depth) throw tooComplex(`it is more than ${LIMITS.depth} fields deep`);
      if (aliases > LIMITS.aliases) throw tooComplex(`it has more than ${LIMITS.aliases} aliases`);
      if (cost > LIMITS.cost) throw tooComplex(`it may cost more than ${LIMITS.cost}; ask for smaller pages`);
    },
  };
}

/** Lists that are shorter when their length is not asked for. */
export const SHORT_LISTS: ReadonlyMap<string, number> = new Map([['benchmarkHistory', 12], ['history', 12], ['largestGaps', 10], ['hiddenSlowPayers', 10], ['breakdown', 10], ['trend', 12], ['attachments', 10], ['versions', 20], ['webhookEndpoints', 10], ['attempts', 20], ['mostConcerned', 10], ['factors', 20], ['appliedContextEvents', 20], ['characteristics', 20], ['bins', 8], ['caps', 5]]);

/** Arguments that say how long a list may be. */
export const SIZES: ReadonlySet<string> = new Set(['first', 'last', 'epochs', 'months']);

/** Lists of the API whose length a default page bounds. */
export const LISTS: ReadonlySet<string> = new Set(['customers', 'invoices', 'receipts', 'importJobs', 'rejections', 'conversations', 'messages', 'search', 'peers', 'alerts', 'alertRules', 'orderExposures', 'creditLimitHistory', 'creditLimitRequests', 'lines', 'disputes', 'promises', 'auditLog', 'peerSignals', 'webhookDeliveries', 'financialStatements', 'insolvencyNotices', 'contextEvents', 'scoreSimulation']);

function pageSize(value: ValueNode | undefined, list: string): number {
  if (!value) return SHORT_LISTS.get(list) ?? ASSUMED_PAGE;
  // A page beyond the largest is refused by the field itself, with its own words.
  return value.kind === Kind.INT ? Math.min(Math.max(Number(value.value), 1), 100) : 100;
}

function tooComplex(why: string): ApiError {
  return new ApiError('QUERY_TOO_COMPLEX', `The operation is refused: ${why}.`);
}
