import type { NodeName, Quarantine } from './records.ts'

/**
 * What took a node out: a person; a crash recovery that is at work, or that gave up; an override, under which the
 * node publishes without commits, or one that has ended while the node's process still has it; an upgrade.
 */
export const quarantineKinds = [
  'operator',
  'recovery',
  'recovery-failed',
  'override',
  'awaits-restart',
  'upgrade',
] as const

/** One of {@link quarantineKinds}. */
export type QuarantineKind = (typeof quarantineKinds)[number]

/** The words of a quarantine while a crash recovery works on the node. For people only: `kindOf` tells what it is. */
export const UNDER_WAY = 'crash recovery'

/** The words of a quarantine whose node publishes without commits, by a person's order. For people only. */
export const OVERRIDDEN = 'publishes without commits (override): its op-node must be restarted'

/** The words of a quarantine after the return from an override, while the node's process has it still. For people only. */
export const AWAITS_RESTART = 'its override has ended, and its process does not know: restart its op-node'

/**
 * What took the node out. Records from before there was a kind are known by the text that version wrote, whatever is
 * written now; a kind of a later version is a person's to lift.
 */
export function kindOf({ kind, why }: Quarantine): QuarantineKind {
  if (kind !== undefined) return quarantineKinds.find((known) => known === kind) ?? 'operator'
  if (why === 'crash recovery') return 'recovery'
  if (why === 'publishes without commits (override): its op-node must be restarted') return 'override'
  if (why.startsWith('crash recovery failed: ')) return 'recovery-failed'
  return versionWords(why) === undefined ? 'operator' : 'upgrade'
}

/** The version an upgrade is to install on the node; `undefined` when no upgrade took it out. */
export function versionOf(entry: Quarantine): string | undefined {
  if (kindOf(entry) !== 'upgrade') return undefined
  return entry.version ?? versionWords(entry.why)
}

const versionWords = (why: string): string | undefined => /^upgrade to (\S+)$/.exec(why)?.[1]

/** The node that publishes without commits by a person's order, if there is one besides `except`: no other may. */
export function overriddenNode(
  quarantine: Readonly<Record<NodeName, Quarantine>> = {},
  except?: NodeName,
): { readonly node: NodeName; readonly entry: Quarantine } | undefined {
  const [found] = Object.entries(quarantine).filter(([node, entry]) => node !== except && kindOf(entry) === 'override')
  return found && { node: found[0], entry: found[1] }
}

/** An owner says this often that it is at work, and is taken for gone after this long without a word (ms). */
export const HEARD_EVERY_MS = 15_000
export const SILENT_MS = 90_000
/** The version before wrote no word of an owner, and ended whatever it began within this time (ms). */
const UNHEARD_MS = 30 * 60_000

/** Work as its record has it: who carries it out, since when, and when that one was heard of last (Unix ms). */
export type Carried = { readonly owner?: string; readonly since: number; readonly heardAt?: number }

/** Whether whoever carries work out may still be at it. One that gave it up has left no owner. */
export function isHeld({ owner, since, heardAt = since }: Carried, now: number): boolean {
  // A word from far ahead was written by a wrong clock, and would hold for as long as that is wrong.
  return owner !== undefined && Math.abs(now - heardAt) <= SILENT_MS
}

/** Whether a recovery of the node may still be at work: another one would stop and start the same processes. */
export function isHeldQuarantine(entry: Quarantine, now: number): boolean {
  return entry.kind === undefined ? now - entry.since <= UNHEARD_MS : isHeld(entry, now)
}
