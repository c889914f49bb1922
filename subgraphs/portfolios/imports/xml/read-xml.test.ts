import { expect, test } from '@jest/globals';
import { Refusal } from '../../../../src/errors.js';
import { readXml, readXmlParts, type XmlLimits } from './read-xml.js';
import { childrenOf, textAt } from './xml-element.js';

const LIMITS: XmlLimits = { bytes: 512 * 1024 ** 2, elements: 1_000, milliseconds: 60_000 };

async function* chunksOf(data: string | Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void, void> {
  const bytes = Buffer.from(data as Uint8Array);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function* repeated(head: string, body: string, times: number): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(head);
  const chunk = Buffer.from(body.repeat(Math.ceil(65_536 / body.length)));
  for (let sent = 0; sent < times * body.length; sent += chunk.length) yield chunk;
}

async function faultOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.path.join(' ')}: ${error.message}`;
    throw error;
  }
  return 'read';
}

test('a document is read with its namespaces, attributes, texts and lines, whatever the size of its chunks', async () => {
  const text = '<?xml version="1.0"?>\r\n<!-- é --><a:Root xmlns:a="urn:a" xmlns="urn:d" x="1" a:y="&lt;&#233;">\r\n <Item n="1"> one <![CDATA[< two]]> </Item>\n\n <Item/>&amp;</a:Root>\n';
  for (const size of [1, 2, 3, 7, 65_536]) {
    const root = await readXml(chunksOf(text, size), 'utf-8', LIMITS);
    expect(root).toMatchObject({ name: 'Root', namespace: 'urn:a', line: 2, text: '&', attributes: new Map([['x', '1'], ['{urn:a}y', '<é']]) });
    expect(childrenOf(root, 'Item')).toMatchObject([{ namespace: 'urn:d', text: 'one < two', line: 3, attributes: new Map([['n', '1']]) }, { text: '', line: 5 }]);
    expect(textAt(root, 'Item')).toBe('one < two');
    expect(textAt(root, 'Nothing', 'Here')).toBeUndefined();
  }
});

const DECLARED = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a>é€</a>`;

test.each<[string, Uint8Array, string, string]>([
  ['UTF-8 by default', Buffer.from('<a>é€</a>'), 'utf-8', 'é€'],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${DECLARED('UTF-8')}`), 'windows-1252', 'é€'],
  ['UTF-8 as declared, whatever the upload says', Buffer.from(DECLARED('utf-8')), 'windows-1252', 'é€'],
  ['UTF-16 with a mark, little end first', Buffer.from(`\uFEFF${DECLARED('UTF-16')}`, 'utf16le'), 'utf-8', 'é€'],
  ['UTF-16 with a mark, big end first', Buffer.from(`\uFEFF${DECLARED('UTF-16')}`, 'utf16le').swap16(), 'utf-8', 'é€'],
  ['UTF-16 without a mark', Buffer.from(DECLARED('UTF-16'), 'utf16le'), 'utf-8', 'é€'],
  ['Latin-1 as declared', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>', 'latin1'), 'utf-8', 'é'],
  ['Latin-9 as declared', Buffer.from("<?xml version='1.0' encoding='iso-8859-15'?><a>\u00a4</a>", 'latin1'), 'utf-8', '€'],
  ['Windows-1252 as the upload declares', Buffer.from([...Buffer.from('<a>'), 0x80, ...Buffer.from('</a>')]), 'windows-1252', '€'],
])('%s is read', async (_, bytes, fallback, text) => {
  for (const size of [1, 65_536]) expect((await readXml(chunksOf(bytes, size), fallback, LIMITS)).text).toBe(text);
});

const LAUGHS = `<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index || ''};`.repeat(10)}">`).join('\n')}]>\n<lolz>&lol9;</lolz>`;

test.each<[string, string, string]>([
  ['a billion laughs', LAUGHS, 'INVALID file xml: Line 10: a document type is not read'],
  ['a quadratic blowup', `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(100_000)}">]><a>${'&x;'.repeat(10_000)}</a>`, 'INVALID file xml: Line 1: a document type is not read'],
  ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'INVALID file xml: Line 1: a document type is not read'],
  ['an external document type', '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">\n<a/>', 'INVALID file xml: Line 1: a document type is not read'],
  ['an entity without a declaration', '<a>\n&x;</a>', 'INVALID file xml: Line 2: this is no well-formed XML (undefined entity).'],
  ['an unclosed element', '<a>\n<b>\n</b>', 'INVALID file xml: Line 3: this is no well-formed XML (unclosed tag: a).'],
  ['an unclosed quote', `<a b="${'x'.repeat(100)}\n\n`, 'INVALID file xml: Line 3: this is no well-formed XML (unexpected end).'],
  ['elements that cross', '<a><b>\n</a></b>', 'INVALID file xml: Line 2: this is no well-formed XML (unexpected close tag).'],
  ['two roots', '<a/>\n<b/>', 'INVALID file xml: Line 2: this is no well-formed XML (documents may contain only one root)'],
  ['a prefix without a namespace', '<a><b:c/></a>', 'INVALID file xml: Line 1: this is no well-formed XML (unbound namespace prefix: "b").'],
  ['the same attribute twice', '<a b="1" b="2"/>', 'INVALID file xml: Line 1: this is no well-formed XML (duplicate attribute: b).'],
  ['a NUL', '<a>\n\u0000</a>', 'INVALID file xml: Line 2: this is no well-formed XML (disallowed character).'],
  ['a NUL by its number', '<a>&#0;</a>', 'INVALID file xml: Line 1: this is no well-formed XML (malformed character entity'],
  ['a table', 'a;b;c\n1;2;3\n', 'INVALID file xml: Line 3: this is no well-formed XML (text data outside of root node).'],
  ['white space alone', ' \n ', 'INVALID file xml: Line 2: this is no well-formed XML (document must contain a root element).'],
  ['nothing', '', 'REQUIRED file: The file is empty.'],
  ['another encoding than it declares', '<?xml version="1.0" encoding="UTF-16"?><a/>', 'INVALID file encoding: The encoding "UTF-16" that the file declares is not read, or not its own; send UTF-8.'],
  ['a thousand attributes', `<a ${Array.from({ length: 1_000 }, (_, index) => `x${index}=""`).join(' ')}/>`, 'LIMIT_REACHED file xml: Line 1: an element has at most 256 attributes.'],
  ['too many elements', `<a>${'<b/>'.repeat(1_000)}</a>`, 'LIMIT_REACHED file xml: Line 1: there are more than 1000 elements in <a>.'],
])('%s is refused', async (_, text, fault) => {
  expect(await faultOf(readXml(chunksOf(text), 'utf-8', LIMITS))).toContain(fault);
});

test('bytes that are no text of their encoding are refused', async () => {
  expect(await faultOf(readXml(chunksOf(Buffer.from('<a>\u00e9</a>', 'latin1')), 'utf-8', LIMITS))).toBe('INVALID file encoding: The file is not UTF-8, which it must be by what it declares.');
  expect(await faultOf(readXml(chunksOf(Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0])), 'utf-8', LIMITS))).toContain('UTF-32');
});

test.each<[string, AsyncIterable<Uint8Array>, string]>([
  ['a million levels', repeated('', '<a>', 1_000_000), 'LIMIT_REACHED file xml: Line 1: elements are nested more than 64 deep.'],
  ['one line of 200 MB', repeated('<a>', 'x', 200_000_000), 'LIMIT_REACHED file xml: Line 1: there are more than 1048576 characters without an element among them.'],
  ['an attribute of 200 MB', repeated('<a b="', 'x', 200_000_000), 'LIMIT_REACHED file xml: Line 1: there are more than 1048576 characters without an element among them.'],
  ['a comment of 200 MB', repeated('<a><!--', 'x', 200_000_000), 'LIMIT_REACHED file xml: Line 1: there are more than 1048576 characters without an element among them.'],
  ['a document type of 200 MB', repeated('<!DOCTYPE a [', ' ', 200_000_000), 'LIMIT_REACHED file xml: Line 1: there are more than 1048576 characters without an element among them.'],
  ['texts of 200 MB', repeated('<a>', `${'x'.repeat(1_000)}<!---->`, 200_000), 'LIMIT_REACHED file xml: Line 1: there are more than'],
])('%s are refused early', async (_, bytes, fault) => {
  expect(await faultOf(readXml(bytes, 'utf-8', LIMITS))).toContain(fault);
});

test('more bytes than are taken, and more time, are refused', async () => {
  expect(await faultOf(readXml(chunksOf(`<a>${' '.repeat(100_000)}</a>`), 'utf-8', { ...LIMITS, bytes: 99_999 }))).toBe('LIMIT_REACHED file: Such a file has at most 99999 bytes.');
  expect(await faultOf(readXml(chunksOf(`<a>${' '.repeat(100_000)}</a>`), 'utf-8', { ...LIMITS, milliseconds: 0 }))).toBe('LIMIT_REACHED file xml: Line 1: reading it takes too long.');
});

test('what is passed over is not held, however large, and still has to be well-formed', async () => {
  const isSkipped = ({ name }: { readonly name: string }): boolean => name === 'Line';
  async function* large(end: string): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('<Invoice><Line><ID>1</ID><File>');
    for (let sent = 0; sent < 200; sent += 1) yield Buffer.from('QUJD'.repeat(16_384));
    yield Buffer.from(`</File>${'<Deep>'.repeat(50)}${'</Deep>'.repeat(50)}</Line>\n<ID>F1</ID>${end}`);
  }
  const root = await readXml(large('</Invoice>'), 'utf-8', LIMITS, isSkipped);
  expect(root.children).toMatchObject([{ name: 'ID', text: 'F1', line: 2 }]);
  expect(await faultOf(readXml(chunksOf('<Invoice><Line><b></Line></Invoice>'), 'utf-8', LIMITS, isSkipped))).toContain('unexpected close tag');
});

test('a long document is read part by part, each as soon as it is there', async () => {
  let sent = 0;
  async function* statement(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><Msg><Stmt><Id>S1</Id>');
    for (; sent < 5_000; sent += 1) yield Buffer.from(`<Ntry><Amt Ccy="EUR">${sent}</Amt></Ntry>\n`);
    yield Buffer.from('</Stmt></Msg></Document>');
  }
  const met: string[] = [];
  let furthest = 0;
  const isContainer = ({ name }: { readonly name: string }, depth: number): boolean => name === ['Document', 'Msg', 'Stmt'][depth];
  for await (const { event, element } of readXmlParts(statement(), 'utf-8', { ...LIMITS, elements: 2 }, { isContainer })) {
    met.push(element.name === 'Ntry' ? `${event} ${textAt(element, 'Amt')}` : `${event} ${element.name}`);
    if (element.name === 'Ntry') furthest = Math.max(furthest, sent - Number(textAt(element, 'Amt')));
  }
  expect(met).toEqual(['OPEN Document', 'OPEN Msg', 'OPEN Stmt', 'PART Id', ...Array.from({ length: 5_000 }, (_, index) => `PART ${index}`), 'CLOSE Stmt', 'CLOSE Msg', 'CLOSE Document']);
  expect(furthest).toBeLessThan(2);
});

test('others have their turn while a large document is read', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const body = `<Ntry>${'x'.repeat(5_000)}</Ntry>`.repeat(4_000);
  await readXml(chunksOf(`<a>${body}</a>`, 1024 ** 3), 'utf-8', LIMITS, ({ name }) => name === 'Ntry');
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});
