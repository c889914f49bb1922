/** Why the API did not do what was asked, for a person. */
export class ApiFailure extends Error {}

/** One operation over HTTP; its data, or an `ApiFailure`. */
export async function askApi<Data>(url: string, token: string | undefined, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
  let response: Response;
  try {
    response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new ApiFailure(`Nobody answers at ${url} (${reasonOf(error)}).`, { cause: error });
  }
  const body = (await response.json().catch(() => undefined)) as { data?: Data | null; errors?: readonly { message: string }[] } | undefined;
  const [first] = body?.errors ?? [];
  if (first) throw new ApiFailure(first.message);
  if (!body?.data) throw new ApiFailure(`${url} answers, but not as Ardoise does (HTTP ${response.status}).`);
  return body.data;
}

/** The first reason of a failed request that says anything. */
export function reasonOf(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: string; message?: string };
  return cause instanceof Error ? reasonOf(cause) : (code ?? (message === '' ? undefined : message) ?? 'unknown');
}

export interface UserErrors {
  readonly userErrors: readonly { readonly message: string; readonly path: readonly string[] }[];
}

/** Throws what a mutation refused. */
export function demandDone({ userErrors }: UserErrors): void {
  if (userErrors.length > 0) throw new ApiFailure(userErrors.map(({ message, path }) => (path.length > 1 ? `${path.slice(1).join('.')}: ${message}` : message)).join('\n'));
}
