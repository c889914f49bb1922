import { setImmediate } from 'node:timers/promises';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { decodeXml } from './decode-xml.js';
import type { XmlElement } from './xml-element.js';
import { XmlRefusal } from './xml-refusal.js';

/** How much of a document is taken, whatever it may hold. A document type is never: with it go all entities of one's own. */
export interface XmlLimits {
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** Elements held at once: of a document, or of one part of it. */
  readonly elements: number;
  /** Milliseconds spent on its reading; what it waits for more bytes does not count. */
  readonly milliseconds: number;
}

/** The deepest invoice and the deepest bank statement have some fifteen levels. */
const DEEPEST = 64;

/** A root with the declarations of all its namespaces has some thirty. */
const MOST_ATTRIBUTES = 256;

/** Characters between two tags, or in one: what is longer (a document within the document) stands where nothing is kept. */
const LONGEST_RUN = 1024 ** 2;

/** Characters held at once, of texts and of attributes. */
const MOST_CHARACTERS = 4 * 1024 ** 2;

/** So many characters are read at a stretch (some two milliseconds) before others have their turn. */
const SLICE_CHARACTERS = 64 * 1024;

/** What is met while a document is read. Only a `PART` has its children; `OPEN` and `CLOSE` are those of a container. */
export interface XmlEvent {
  readonly event: 'OPEN' | 'PART' | 'CLOSE';
  readonly element: XmlElement;
}

/** Which elements are gone into, and which are passed over. An element is told by itself and by its depth; the root's is 0. */
export interface XmlRoute {
  /** Elements that are not held: each of their children is a part, or a container of its own. None by default. */
  readonly isContainer?: (element: XmlElement, depth: number) => boolean;
  /** Elements that are checked to be well-formed, and otherwise as if they were not there. None by default. */
  readonly isSkipped?: (element: XmlElement, depth: number) => boolean;
}

/**
 * Reads a whole document, strictly: well-formed, namespaces declared, no document type. What is no such document, or
 * beyond the limits, is an `XmlRefusal` that names the line.
 */
export async function readXml(bytes: AsyncIterable<Uint8Array>, encoding: string, limits: XmlLimits, isSkipped?: XmlRoute['isSkipped']): Promise<XmlElement> {
  let root: XmlElement | undefined;
  for await (const { element } of readXmlParts(bytes, encoding, limits, isSkipped ? { isSkipped } : {})) root = element;
  // A document without a root is refused at its end.
  return root!;
}

/**
 * Reads a document part by part, as it comes in: each part is held only until the next is asked for. Of a statement whose
 * containers are its root, its message and its statements, the parts are a statement's header fields and its entries.
 */
export async function* readXmlParts(bytes: AsyncIterable<Uint8Array>, encoding: string, limits: XmlLimits, route: XmlRoute): AsyncGenerator<XmlEvent, void, void> {
  const reader = new XmlReader(limits, route);
  for await (const text of decodeXml(bytes, encoding, limits.bytes)) {
    for (let from = 0; from < text.length; from += SLICE_CHARACTERS) {
      reader.write(text.slice(from, from + SLICE_CHARACTERS));
      yield* reader.take();
      await setImmediate();
    }
  }
  reader.end();
  yield* reader.take();
}

interface OpenElement extends XmlElement {
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

class XmlReader {
  private readonly parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  private events: XmlEvent[] = [];
  private readonly containers: OpenElement[] = [];
  /** The open elements of the part that is being read, outermost first. */
  private readonly held: OpenElement[] = [];
  /** Levels below the element that is passed over, itself included; 0 when none is. */
  private skipped = 0;
  private elements = 0;
  private characters = 0;
  private attributes = 0;
  private line = 1;
  private lastTag = 0;
  private milliseconds = 0;

  constructor(private readonly limits: XmlLimits, private readonly route: XmlRoute) {
    const { parser } = this;
    parser.on('error', (error) => this.refuse(`this is no well-formed XML (${error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '').slice(0, 200)}).`));
    parser.on('doctype', () => this.refuse('a document type is not read, nor any entity that it declares. Send the document without it.'));
    parser.on('opentagstart', () => {
      this.line = parser.line;
      this.attributes = 0;
    });
    parser.on('attribute', () => {
      if ((this.attributes += 1) > MOST_ATTRIBUTES) this.exceed(`an element has at most ${MOST_ATTRIBUTES} attributes.`);
    });
    parser.on('opentag', (tag) => this.open(tag));
    parser.on('closetag', () => this.close());
    parser.on('cdata', (text) => this.add(text));
    this.keepTexts();
  }

  write(text: string): void {
    const from = performance.now();
    this.parser.write(text);
    if (this.skipped === 0 && this.parser.position - this.lastTag > LONGEST_RUN) this.exceed(`there are more than ${LONGEST_RUN} characters without an element among them.`);
    this.milliseconds += performance.now() - from;
    if (this.milliseconds > this.limits.milliseconds) this.exceed('reading it takes too long.');
  }

  end(): void {
    this.parser.close();
  }

  /** What was met since the last time. */
  take(): readonly XmlEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  private open(tag: SaxesTagNS): void {
    this.lastTag = this.parser.position;
    if (this.containers.length + this.held.length + this.skipped >= DEEPEST) this.exceed(`elements are nested more than ${DEEPEST} deep.`);
    if (this.skipped > 0) {
      this.skipped += 1;
      return;
    }
    const element: OpenElement = { name: tag.local, namespace: tag.uri, attributes: attributesOf(tag), children: [], text: '', line: this.line };
    const depth = this.containers.length + this.held.length;
    if (this.route.isSkipped?.(element, depth)) {
      this.skipped = 1;
      this.parser.off('text');
      return;
    }
    if (this.held.length === 0 && this.route.isContainer?.(element, depth)) {
      this.containers.push(element);
      this.events.push({ event: 'OPEN', element });
      return;
    }
    if ((this.elements += 1) > this.limits.elements) this.exceed(`there are more than ${this.limits.elements} elements ${this.held[0] ? `in <${this.held[0].name}>` : ''}.`);
    for (const value of element.attributes.values()) this.count(value);
    this.held.at(-1)?.children.push(element);
    this.held.push(element);
  }

  private close(): void {
    this.lastTag = this.parser.position;
    if (this.skipped > 0) {
      if ((this.skipped -= 1) === 0) this.keepTexts();
      return;
    }
    const element = this.held.pop();
    if (!element) {
      const container = this.containers.pop()!;
      container.text = container.text.trim();
      this.events.push({ event: 'CLOSE', element: container });
      return;
    }
    element.text = element.text.trim();
    if (this.held.length > 0) return;
    this.events.push({ event: 'PART', element });
    this.elements = 0;
    this.characters = 0;
  }

  private keepTexts(): void {
    this.parser.on('text', (text) => this.add(text));
  }

  /** Characters stand in the innermost element; between the parts of a container there are none that mean anything. */
  private add(text: string): void {
    const element = this.held.at(-1);
    if (!element || this.skipped > 0) return;
    this.count(text);
    element.text += text;
  }

  private count(text: string): void {
    if ((this.characters += text.length) > MOST_CHARACTERS) this.exceed(`there are more than ${MOST_CHARACTERS} characters in <${this.held[0]?.name}>.`);
  }

  private refuse(reason: string): never {
    throw new XmlRefusal('INVALID', this.parser.line, reason);
  }

  private exceed(reason: string): never {
    throw new XmlRefusal('LIMIT_REACHED', this.parser.line, reason);
  }
}

/** Few elements have attributes: those without share one map. */
const NO_ATTRIBUTES = new Map<string, string>();

const DECLARATIONS = 'http://www.w3.org/2000/xmlns/';

function attributesOf({ attributes }: SaxesTagNS): Map<string, string> {
  let found = NO_ATTRIBUTES;
  for (const name in attributes) {
    const { uri, local, value } = attributes[name]!;
    if (uri === DECLARATIONS) continue;
    if (found === NO_ATTRIBUTES) found = new Map();
    found.set(uri === '' ? local : `{${uri}}${local}`, value);
  }
  return found;
}
