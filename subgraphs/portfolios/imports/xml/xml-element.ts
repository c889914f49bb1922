/** An element of an XML document, without the means of changing it. */
export interface XmlElement {
  /** The local name, without a prefix. */
  readonly name: string;
  /** The namespace's URI; empty for none. */
  readonly namespace: string;
  /** By local name; an attribute of a namespace by `{uri}name`. Declarations of namespaces are none. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own characters put together, without the white space around them; that of its children is theirs. */
  readonly text: string;
  /** The line of the file on which it begins, counted from 1. */
  readonly line: number;
}

/** The children of this name, in their order. Namespaces are the reader's to check once, at the root. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first element at this path of names below `element`; at each step the first child of that name counts. */
export function elementAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

/** The text at a path; `undefined` when there is no such element or it is empty. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return elementAt(element, ...path)?.text || undefined;
}
