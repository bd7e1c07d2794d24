import type { Damage } from './classify.ts'

/**
 * The remedies, from harmless to drastic.
 *
 * - `wait`: a supervisor may restart it, a sync may finish.
 * - `reset-derivation`: have op-node start over from its execution client's chain.
 * - `fill`: give it the committed payloads it lacks.
 * - `restart-consensus`, `restart-execution`: through its machine.
 * - `cut-tail`: remove the stored blocks whose state is lost (`debug_setHead`), and restart.
 * - `restore-execution`: replace its chain data with a snapshot, by the operator's own command.
 * - `empty-execution`: move its chain data aside and begin at genesis; other nodes and the archive supply the blocks.
 */
export const remedies = [
  'wait',
  'reset-derivation',
  'fill',
  'restart-consensus',
  'restart-execution',
  'cut-tail',
  'restore-execution',
  'empty-execution',
] as const
export type Remedy = (typeof remedies)[number]

/** What is possible on this node. */
export type Abilities = {
  /** Prepared steps run on its machine. */
  readonly host: boolean
  /** Its machine can restore a snapshot, or begin at genesis. */
  readonly restore: boolean
  readonly empty: boolean
  /** Its execution client answers `debug_setHead`. */
  readonly setHead: boolean
  /** It accepts payloads: its op-node answers, or Baton has access to its engine. */
  readonly fillable: boolean
}

/** An attempted remedy, with the damage and the newest block at that time. */
export type Tried = { readonly method: Remedy; readonly kind: Damage['kind']; readonly at: bigint }

/** The last remedies, for a database beyond repair. */
const startOver = ['restore-execution', 'empty-execution'] as const satisfies readonly Remedy[]

/** The remedies against each damage, in order. None = a person must decide. */
const remediesAgainst: Readonly<Record<Damage['kind'], readonly Remedy[]>> = {
  none: [],
  forked: [],
  unknown: ['wait'],
  'execution-down': ['wait', 'restart-execution', ...startOver],
  foreign: [...startOver],
  'state-missing': ['restart-execution', 'cut-tail', ...startOver],
  syncing: ['wait', 'fill', 'restart-execution', ...startOver],
  'state-lost': ['cut-tail', ...startOver],
  'catching-up': ['wait'],
  'execution-short': ['reset-derivation', 'restart-consensus', 'restart-execution'],
  behind: ['fill', 'restart-execution', 'restart-consensus', ...startOver],
  'consensus-down': ['wait', 'restart-consensus'],
}

/** Every kind of damage. */
export const damageKinds = Object.keys(remediesAgainst) as Damage['kind'][]

/** All remedies against a damage on this node, each with what prevents it. */
export function remediesFor(
  damage: Damage,
  able: Abilities,
): { readonly method: Remedy; readonly obstacle?: string }[] {
  return remediesAgainst[damage.kind].map((method) => {
    const obstacle = obstacleTo(method, able)
    return obstacle === undefined ? { method } : { method, obstacle }
  })
}

/**
 * The next remedy against a damage: the first possible one not yet tried against it. `fill` and `wait` are repeated
 * while they make progress, and after each restart: a client that refuses blocks in one mode accepts them in another.
 * `undefined` = none remains.
 */
export function nextRemedy(damage: Damage, able: Abilities, tried: readonly Tried[]): Remedy | undefined {
  const at = 'latest' in damage ? damage.latest.number : 0n
  return remediesAgainst[damage.kind].find((method) => {
    if (obstacleTo(method, able) !== undefined) return false
    const last = tried.findLastIndex((one) => one.method === method && one.kind === damage.kind)
    if (last < 0) return true
    const changed = tried.slice(last + 1).some((one) => !repeatable.has(one.method))
    return repeatable.has(method) && (changed || at > (tried[last]?.at ?? at))
  })
}

const repeatable = new Set<Remedy>(['wait', 'fill'])

const NO_HOST = 'no host is configured'

function obstacleTo(method: Remedy, { host, restore, empty, setHead, fillable }: Abilities): string | undefined {
  switch (method) {
    case 'wait':
    case 'reset-derivation':
      return undefined
    case 'fill':
      return fillable ? undefined : 'its op-node does not answer, and no engine access is configured'
    case 'restart-consensus':
    case 'restart-execution':
      return host ? undefined : NO_HOST
    case 'restore-execution':
      return host ? (restore ? undefined : 'no restore command is configured (host.restore)') : NO_HOST
    case 'empty-execution':
      return host ? (empty ? undefined : 'its client is not refilled from genesis') : NO_HOST
    case 'cut-tail':
      return setHead ? undefined : 'its execution client does not offer debug_setHead'
  }
}
