// Part of the explorer's page, before GraphiQL.

// Keeps the access token of the last sign-in for this browser tab, and sends it to this site with every operation that has
// no Authorization of its own, so nobody has to paste it.
{
  const KEY = 'ardoise:access-token';
  const send = globalThis.fetch.bind(globalThis);

  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin !== location.origin) return send(request);
    const token = sessionStorage.getItem(KEY);
    if (token === null || request.headers.has('authorization')) return keeping(await send(request));
    const again = request.clone();
    request.headers.set('authorization', `Bearer ${token}`);
    const response = await send(request);
    if (!(await isRefused(response))) return keeping(response);
    // Expired or revoked: who signs in anew must not be refused for the token of before.
    sessionStorage.removeItem(KEY);
    return keeping(await send(again));
  };

  async function keeping(response) {
    const session = Object.values((await readJson(response))?.data ?? {}).find((field) => field?.session?.accessToken)?.session;
    if (session) sessionStorage.setItem(KEY, session.accessToken);
    return response;
  }

  async function isRefused(response) {
    return (await readJson(response))?.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') ?? false;
  }

  // A stream of events is never read here: it belongs to whoever subscribed.
  async function readJson(response) {
    return /json/.test(response.headers.get('content-type') ?? '') ? response.clone().json().catch(() => undefined) : undefined;
  }
}
