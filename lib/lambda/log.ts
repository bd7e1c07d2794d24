import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from '../log.ts'

/** The logger of this function: JSON lines with its service, version and request. */
export const logger = new Logger()

/**
 * Adapts `lib`'s log to Powertools' logger. Facts become fields, so `chain`, `term` and `record` (the id of the History
 * record a line refers to) are searchable. `quiet` logs `info` as debug, for a path where one line per call is too
 * many.
 */
export function powertoolsLog({ quiet = false }: { readonly quiet?: boolean } = {}): Log {
  return {
    info: (message, facts = {}) => logger[quiet ? 'debug' : 'info'](message, { ...facts }),
    warn: (message, facts = {}) => logger.warn(message, { ...facts }),
    error: (message, facts = {}) => logger.error(message, { ...facts }),
  }
}
