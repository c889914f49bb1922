import { expect } from '@jest/globals';
import type { FirmVisitor } from './house.js';

/** An import as its firm sees it at its end. */
export interface ImportedJob {
  readonly id: string;
  readonly status: string;
  readonly uploadUrl: string | null;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly failure: { readonly code: string; readonly message: string; readonly path: readonly string[] } | null;
  readonly warnings: readonly { readonly line: number | null; readonly code: string }[];
  readonly rejections: { readonly totalCount: number; readonly nodes: readonly { readonly line: number; readonly column: string | null; readonly value: string | null; readonly code: string; readonly message: string }[] };
}

const JOB = `id status uploadUrl rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message path } warnings { line code } rejections { totalCount nodes { line column value code message } }`;

/** Sends a file to an import of its own and waits for its end. */
export async function importFile(firm: FirmVisitor, input: Readonly<Record<string, unknown>>, body: BodyInit): Promise<ImportedJob> {
  const { importCreate } = await firm.get<{ importCreate: { job: ImportedJob; userErrors: readonly unknown[] } }>(
    `mutation ($input: ImportInput!) { importCreate(input: $input) { job { ${JOB} } userErrors { code message path } } }`, { input },
  );
  expect(importCreate.userErrors).toEqual([]);
  const { id, uploadUrl } = importCreate.job;
  const response = await fetch(uploadUrl!, { method: 'PUT', body, headers: firm.token ? { authorization: `Bearer ${firm.token}` } : {}, duplex: 'half' } as RequestInit);
  await response.text();
  const socket = firm.socket();
  try {
    let last = importCreate.job;
    for await (const { data, errors } of socket.iterate<{ importProgress: ImportedJob }>({ query: `subscription ($id: ID!) { importProgress(id: $id) { ${JOB} } }`, variables: { id } })) {
      if (errors || !data) throw new Error(JSON.stringify(errors));
      last = data.importProgress;
    }
    return last;
  } finally {
    await socket.dispose();
  }
}
