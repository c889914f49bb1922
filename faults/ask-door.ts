/** An operation over HTTP that was not answered, or not with data. */
export class Unanswered extends Error {
  constructor(
    /** The API's code; `NONE` when there was no answer at all. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** How long a client waits for an answer before it asks again, in milliseconds. */
export const PATIENCE_MILLISECONDS = 4000;

/** The public doors of a house, for one client: it stays with one while that answers, and goes to the next when it does not. */
export class Doors {
  #turn: number;

  constructor(readonly urls: readonly string[]) {
    this.#turn = Math.floor(Math.random() * urls.length);
  }

  get url(): string {
    return this.urls[this.#turn % this.urls.length]!;
  }

  turn(): void {
    this.#turn += 1;
  }
}

/** Runs one operation at a public door. Throws `Unanswered`. */
export async function askDoor<Data>(url: string, token: string | undefined, query: string, variables: Record<string, unknown>, patience = PATIENCE_MILLISECONDS): Promise<Data> {
  let text: string;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) }, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(patience),
    });
    text = await response.text();
  } catch (error) {
    throw new Unanswered('NONE', String(error));
  }
  let answer: { data?: Data | null; errors?: readonly { message: string; extensions?: { code?: string } }[] };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw new Unanswered('NONE', text.slice(0, 200));
  }
  const [error] = answer.errors ?? [];
  if (error || !answer.data) throw new Unanswered(error?.extensions?.code ?? 'NONE', error?.message ?? text.slice(0, 200));
  return answer.data;
}
