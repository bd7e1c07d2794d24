import type { NodeName, Quarantine } from './records.ts'

/**
 * What quarantined a node: a person; a crash recovery that is at work, or that gave up; an override, under which the
 * node publishes without commits, or one that has ended while the node's process is still in it; an upgrade.
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

/** The text of a quarantine while a crash recovery works on the node. For people only: `kindOf` gives the kind. */
export const UNDER_WAY = 'crash recovery'

/** The text of a quarantine whose node publishes without commits, by an operator's order. For people only. */
export const OVERRIDDEN = 'publishes without commits (override): its op-node must be restarted'

/** The text of a quarantine after an override has ended, while the node's process is still in it. For people only. */
export const AWAITS_RESTART = 'its override has ended, and its process does not know: restart its op-node'

/**
 * What quarantined the node. Records without a kind are recognized by the text that their version wrote, whatever is
 * written now. A person must lift a kind from a later version.
 */
export function kindOf({ kind, why }: Quarantine): QuarantineKind {
  if (kind !== undefined) return quarantineKinds.find((known) => known === kind) ?? 'operator'
  if (why === 'crash recovery') return 'recovery'
  if (why === 'publishes without commits (override): its op-node must be restarted') return 'override'
  if (why.startsWith('crash recovery failed: ')) return 'recovery-failed'
  return versionWords(why) === undefined ? 'operator' : 'upgrade'
}

/** The version an upgrade installs on the node; `undefined` when no upgrade quarantined it. */
export function versionOf(entry: Quarantine): string | undefined {
  if (kindOf(entry) !== 'upgrade') return undefined
  return entry.version ?? versionWords(entry.why)
}

const versionWords = (why: string): string | undefined => /^upgrade to (\S+)$/.exec(why)?.[1]

/** The node that publishes without commits by an operator's order, other than `except`. There is at most one. */
export function overriddenNode(
  quarantine: Readonly<Record<NodeName, Quarantine>> = {},
  except?: NodeName,
): { readonly node: NodeName; readonly entry: Quarantine } | undefined {
  const [found] = Object.entries(quarantine).filter(([node, entry]) => node !== except && kindOf(entry) === 'override')
  return found && { node: found[0], entry: found[1] }
}

/** The interval of an owner's heartbeats, and the silence after which the owner counts as gone (ms). */
export const HEARD_EVERY_MS = 15_000
export const SILENT_MS = 90_000
/** The previous version wrote no heartbeat, and ended whatever it began within this time (ms). */
const UNHEARD_MS = 30 * 60_000

/** Recorded work: its owner, since when, and the owner's last heartbeat (Unix ms). */
export type Carried = { readonly owner?: string; readonly since: number; readonly heardAt?: number }

/** Whether the owner may still be at work. Work that was given up has no owner. */
export function isHeld({ owner, since, heardAt = since }: Carried, now: number): boolean {
  // A heartbeat far ahead comes from a wrong clock, and would count for as long as that clock is wrong.
  return owner !== undefined && Math.abs(now - heardAt) <= SILENT_MS
}

/** Whether a recovery of the node may still be at work: another one would stop and start the same processes. */
export function isHeldQuarantine(entry: Quarantine, now: number): boolean {
  return entry.kind === undefined ? now - entry.since <= UNHEARD_MS : isHeld(entry, now)
}
