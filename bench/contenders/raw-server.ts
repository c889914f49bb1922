import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves JSON for JSON on a free port and says on which; nothing between node:http and `answer`. */
export function listenRaw<Asked>(answer: (asked: Asked) => Promise<unknown>): void {
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.stringify(await answer(JSON.parse(await readBody(incoming)) as Asked));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).once('end', () => resolve(body)).once('error', reject);
  });
}
