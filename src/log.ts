import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Structured lines on standard error, so that standard output stays what a person reads. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } }, pino.destination({ dest: 2, sync: false }));
}
