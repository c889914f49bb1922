/** Works for one firm after another. What fails for one keeps no other waiting: it is thrown when all of them had their turn. */
export async function forEachFirm(firmIds: readonly string[], work: (firmId: string) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const firmId of firmIds) {
    try {
      await work(firmId);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `this failed for ${failures.length} of ${firmIds.length} firms`);
}
