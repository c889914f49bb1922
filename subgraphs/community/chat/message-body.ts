/** The most characters (Unicode code points) of one message. */
export const LONGEST_BODY = 4000;
/** The longest id a client may give a message. */
const LONGEST_CLIENT_ID = 100;

// Everything of Unicode's category Cc but the line feed and the tab.
const CONTROL = /(?![\n\t])\p{Cc}/u;

/** Why a message's text is refused; `undefined` when it may be sent. It is kept as it is, so nothing is trimmed here. */
export function faultOfBody(body: string): string | undefined {
  if (!body.isWellFormed()) return 'The text is not valid Unicode.';
  if (body.length === 0) return 'The text is empty.';
  // A code point has at most two UTF-16 units: longer than this need not be counted.
  if (body.length > 2 * LONGEST_BODY || [...body].length > LONGEST_BODY) return `A message has at most ${LONGEST_BODY} characters.`;
  if (CONTROL.test(body)) return 'Of the control characters only line feed and tab may be sent.';
  return undefined;
}

/** Why a client's id of a message is refused; `undefined` when it is one. */
export function faultOfClientId(clientId: string): string | undefined {
  if (clientId.length === 0 || clientId.length > LONGEST_CLIENT_ID) return `An id has 1 to ${LONGEST_CLIENT_ID} characters.`;
  if (!clientId.isWellFormed() || CONTROL.test(clientId) || /[\n\t]/.test(clientId)) return 'An id has no control characters.';
  return undefined;
}
