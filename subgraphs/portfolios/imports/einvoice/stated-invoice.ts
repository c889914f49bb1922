import { elementAt, type XmlElement } from '../xml/xml-element.js';

/** A text as a document states it, with where that is. White space in it counts as one space, as XML's tokens have it. */
export interface Stated {
  /** Empty when the document has no such element, or says nothing in it. */
  readonly text: string;
  /** The scheme of an identifier, the format of a date, the currency of an amount; undefined where the document names none. */
  readonly qualifier: string | undefined;
  readonly line: number;
  /** The path of the element's names below the root. */
  readonly column: string;
}

/** How one side of an invoice is known to registers. */
export interface StatedParty {
  /** What the other side and registers call it (BT-29, BT-46), the other side's own word first. */
  readonly identifiers: readonly Stated[];
  /** BT-30, BT-47. */
  readonly legal: Stated;
  /** BT-31, BT-48. */
  readonly vat: Stated;
  /** BT-34, BT-49. */
  readonly endpoint: Stated;
}

/** The buyer of an invoice: the firm's customer. */
export interface StatedBuyer extends StatedParty {
  /** BT-44. */
  readonly name: Stated;
  /** BT-45. */
  readonly tradingName: Stated;
  /** BT-55. */
  readonly country: Stated;
}

/** What an electronic invoice says of itself that a ledger keeps, whatever its syntax. The numbers are those of EN 16931. */
export interface StatedInvoice {
  /** The line on which the document begins. */
  readonly line: number;
  /** Whether the document is a credit note by its very form. */
  readonly isCreditNote: boolean;
  /** BT-1. */
  readonly number: Stated;
  /** BT-3, of UNTDID 1001. */
  readonly type: Stated;
  /** BT-2, `yyyy-MM-dd`; as it stands where it has another form. */
  readonly issueDate: Stated;
  /** BT-9: of several, the last by which all is due. */
  readonly dueDate: Stated;
  /** BT-5. */
  readonly currency: Stated;
  /** BT-112: the total with VAT. */
  readonly total: Stated;
  /** BT-113: what was paid before. */
  readonly prepaid: Stated;
  /** BT-114: what the payable amount was rounded by. */
  readonly rounding: Stated;
  /** BT-115: what the buyer is asked to pay. */
  readonly payable: Stated;
  /** The firm itself, if the invoice is its own. */
  readonly seller: StatedParty;
  readonly buyer: StatedBuyer;
}

/** What stands at a path below `from`; where nothing does, the place is the nearest element that would hold it. */
export function statedAt(from: XmlElement, at: readonly string[], ...path: readonly string[]): Stated {
  let nearest = from;
  for (const name of path) {
    const next = elementAt(nearest, name);
    if (!next) return { text: '', qualifier: undefined, line: nearest.line, column: [...at, ...path].join('/') };
    nearest = next;
  }
  return statedBy(nearest, [...at, ...path].join('/'));
}

/** What an element states; its column is given. */
export function statedBy(element: XmlElement, column: string): Stated {
  const { attributes } = element;
  return { text: element.text.replace(/\s+/g, ' '), qualifier: attributes.get('schemeID') ?? attributes.get('format') ?? attributes.get('currencyID'), line: element.line, column };
}

/** The latest of several days; of days that cannot be compared as texts, the first. */
export function latestOf(days: readonly Stated[]): Stated | undefined {
  return days.reduce<Stated | undefined>((latest, day) => (latest === undefined || (day.text > latest.text && /^\d{4}-\d\d-\d\d$/.test(latest.text)) ? day : latest), undefined);
}
