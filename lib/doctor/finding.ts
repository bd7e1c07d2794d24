/** What is checked, in the order of the table. */
export const checks = [
  'op-node',
  'execution',
  'chain',
  'configuration',
  'admin',
  'conductor',
  'leader',
  'peers',
  'sync',
  'clock',
  'versions',
  'wired',
  'secrets',
  'engine',
] as const
export type Check = (typeof checks)[number]

/** The result of one check, of a node or of the fleet. */
export type Finding = {
  readonly check: Check
  /** Absent = the fleet. */
  readonly node?: string
  /** `skipped` = it was not asked for, or could not be asked. */
  readonly verdict: 'ok' | 'warn' | 'bad' | 'skipped'
  readonly text: string
  /** What to do about it. */
  readonly todo?: string
}

type Told = readonly [verdict: Finding['verdict'], text: string, todo?: string]

/** Makes a finding. */
export function finding(check: Check, node: string | undefined, [verdict, text, todo]: Told): Finding {
  return { check, ...(node !== undefined && { node }), verdict, text, ...(todo !== undefined && { todo }) }
}
