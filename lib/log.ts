/** Structured logging: a sentence and facts. No secret ever goes in. */
export type Log = {
  info(message: string, facts?: object): void
  warn(message: string, facts?: object): void
  error(message: string, facts?: object): void
}

/** A log that keeps quiet. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
