import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from '../log.ts'

/** The logger of this function: JSON lines with its service, version and request. */
export const logger = new Logger()

/**
 * The log of `lib` on Powertools' logger; facts become fields, so `chain`, `term` and `record` (the
 * id of the History record a line tells of) can be searched for. `quiet`: what is told at `info` is
 * debug here, for a path where one line a call is too many.
 */
export function powertoolsLog({ quiet = false }: { readonly quiet?: boolean } = {}): Log {
  return {
    info: (message, facts = {}) => logger[quiet ? 'debug' : 'info'](message, { ...facts }),
    warn: (message, facts = {}) => logger.warn(message, { ...facts }),
    error: (message, facts = {}) => logger.error(message, { ...facts }),
  }
}
