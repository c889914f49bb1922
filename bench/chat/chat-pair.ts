/** What a client process hears of one message of a pair. */
export interface PairListener {
  /** The sender has its answer. `place`: its number in the conversation, where the server tells one. */
  answered(number: number): void;
  /** The receiver has it. `place`: its number in the conversation, where the server tells one. */
  received(text: string, place: number | undefined): void;
  failed(error: Error): void;
}

/** Two signed-in clients, one that sends and one that receives. */
export interface ChatPair {
  listener: PairListener | undefined;
  send(number: number, text: string): void;
  close(): void;
}

export function fail(pair: { readonly listener: PairListener | undefined }, message: string): void {
  const error = new Error(message);
  if (!pair.listener) throw error;
  pair.listener.failed(error);
}
