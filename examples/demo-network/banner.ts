import { DEMO_PASSWORD, MEMBER_FIRMS, SHOWN_FIRMS } from './member-firms.js';
import { readDemoState } from './demo-state.js';

/** A first query that shows something of every firm. */
const FIRST_QUERY = '{ portfolio { indicators { outstanding { amount currency } overdue { amount } dso lateShare } } }';

/** Prints where Ardoise is and, where the demo network was loaded, how to look at it. */
export async function printBanner(url: string, settings: { readonly dataDir: string; readonly demo: boolean }): Promise<void> {
  const lines = [`Ardoise is at ${url}/graphql (HTTP, WebSocket and server-sent events; a browser gets GraphiQL).`];
  if (settings.demo && (await readDemoState(settings.dataDir))?.complete) lines.push(...demoLines(url));
  console.log(lines.join('\n'));
}

function demoLines(url: string): string[] {
  const owners = MEMBER_FIRMS.filter((firm) => SHOWN_FIRMS.some((name) => name === firm.name));
  const widest = Math.max(...owners.map(({ owner }) => owner.email.length));
  return [
    '',
    `Demo sign-ins, all with the password ${DEMO_PASSWORD}:`,
    ...owners.map(({ name, owner }) => `  ${owner.email.padEnd(widest)}  ${name}`),
    '',
    `Open ${url}/graphql, run the tab SignIn, then the other tabs, or paste:`,
    `  ${FIRST_QUERY}`,
    '',
  ];
}
