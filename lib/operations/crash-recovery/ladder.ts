import type { Damage } from './classify.ts'

/**
 * What can be done to a node, from harmless to drastic.
 *
 * - `wait`: a supervisor may restart it, a sync may finish.
 * - `reset-derivation`: have op-node start over from what its execution client has.
 * - `fill`: give it the committed payloads it lacks.
 * - `restart-consensus`, `restart-execution`: through its machine.
 * - `cut-tail`: remove the stored blocks whose state is lost (`debug_setHead`), and restart.
 * - `restore-execution`: put a snapshot in place of its chain data, by the operator's own command.
 * - `empty-execution`: move its chain data aside and begin at genesis; what it had comes from others.
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
  /** Its machine can put a snapshot in place, or begin at genesis. */
  readonly restore: boolean
  readonly empty: boolean
  /** Its execution client answers `debug_setHead`. */
  readonly setHead: boolean
  /** Payloads can be given to it: its op-node answers, or Baton has access to its engine. */
  readonly fillable: boolean
}

/** A method that was tried, at which damage, and at which newest block. */
export type Tried = { readonly method: Remedy; readonly kind: Damage['kind']; readonly at: bigint }

/** What is left for a database that is beyond repair. */
const anew = ['restore-execution', 'empty-execution'] as const satisfies readonly Remedy[]

/** The methods against each damage, in the order they are tried. None = a person must decide. */
const remediesAgainst: Readonly<Record<Damage['kind'], readonly Remedy[]>> = {
  none: [],
  forked: [],
  unknown: ['wait'],
  'execution-down': ['wait', 'restart-execution', ...anew],
  foreign: [...anew],
  'state-missing': ['restart-execution', 'cut-tail', ...anew],
  syncing: ['wait', 'fill', 'restart-execution', ...anew],
  'state-lost': ['cut-tail', ...anew],
  'catching-up': ['wait'],
  'execution-short': ['reset-derivation', 'restart-consensus', 'restart-execution'],
  behind: ['fill', 'restart-execution', 'restart-consensus', ...anew],
  'consensus-down': ['wait', 'restart-consensus'],
}

/** Every kind of damage there is a word for. */
export const damageKinds = Object.keys(remediesAgainst) as Damage['kind'][]

/** The whole ladder against a damage on this node, each rung with what stands in its way. */
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
 * The next method against a damage: the first possible one that was not tried at it before. Giving
 * blocks and waiting are worth it again when the node got further by it, and after each restart: a
 * client that refuses blocks in one mode takes them in another. `undefined` = nothing is left.
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
