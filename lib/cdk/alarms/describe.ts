import type { Told } from './alarm.ts'

/** Where the runbooks are when nobody says otherwise: in the repository this was deployed from. */
export const DEFAULT_RUNBOOK = 'docs/runbooks.md'

/** The description of an alarm: all that somebody reads who was just woken up. */
export function describeAlarm({ id, severity, meaning, firstAction }: Told, runbook: string): string {
  return `${severity.toUpperCase()}. ${meaning}\nFirst: ${firstAction}\nRunbook: ${runbook}#${id}`
}
