import { loadPageClient } from '../faults/page-client.js';

/** What a process is told: a side of a conversation, and the name that its texts begin with. */
export interface PageOrder {
  readonly url: string;
  readonly token: string;
  readonly conversationId: string;
  readonly name: string;
}

/** What it says: a message that it was told, one that was acknowledged to it, that it sends no more, or that its conversation is closed. */
export type PageNews = { readonly told: { readonly seq: number; readonly body: string } } | { readonly sent: { readonly seq: number; readonly body: string } } | { readonly quiet: true } | { readonly closed: true };

// The client of docs/CHAT.md in a process of its own: it sends until it is told that it is enough, and follows until it is told to stop.
const { url, token, conversationId, name } = JSON.parse(process.argv[2]!) as PageOrder;
const tell = (news: PageNews): void => void process.send!(news);
const { send, follow } = await loadPageClient();
const door = { url, token: () => token };
const enough = new AbortController();
process.once('message', () => enough.abort());

async function talk(): Promise<void> {
  for (let count = 0; !enough.signal.aborted; count += 1) {
    const body = `${name} ${count}`;
    const answer = await send(door, conversationId, body);
    if (!answer?.message) throw new Error(`refused: ${JSON.stringify(answer?.userErrors)}`);
    tell({ sent: { seq: answer.message.seq, body } });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  tell({ quiet: true });
}

const talking = talk();
for await (const { seq, body } of follow(door, conversationId)) tell({ told: { seq, body } });
await talking;
// A connection that fell silent for good would keep the process for as long as TCP has patience.
process.send!({ closed: true } satisfies PageNews, () => process.exit(0));
