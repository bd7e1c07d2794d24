import type { ObservedNode, View } from './decision.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/**
 * What a standby would do differently from the leader, or could not do after a fork. It excludes no node from a
 * failover: Baton prefers another node, and an operator who names this one must confirm it. Differences of rollup
 * configurations are graver, and belong to a node's identity.
 */

/** A version as clients report it: which of the two it is, and its numbers. */
type Version = { readonly client: 'op-node' | 'op-reth'; readonly numbers: readonly number[] }

/** From Karst on payloads are built with `engine_getPayloadV5`: both clients must know it. */
const SINCE_KARST: Readonly<Record<Version['client'], readonly number[]>> = {
  'op-node': [1, 19, 1],
  'op-reth': [2, 3, 2],
}

/** The drift of one node; none if it does not answer. */
export function driftOf(view: View, node: NodeName): Reason[] {
  const known = view.observed[node]
  if (!known) return []
  const leader = view.head && view.head.leader !== node ? view.observed[view.head.leader] : undefined
  return [...tooOld(node, known), ...lacksMethods(node, known, leader), ...(leader ? unlike(node, known, leader) : [])]
}

/** The drift a node would have if one of its clients became this version; none if that cannot be determined. */
export function driftWith(view: View, node: NodeName, version: string): Reason[] {
  const known = view.observed[node]
  const read = readVersion(version)
  if (!known || !read || !knowsKarst(known)) return []
  return isBefore(read) ? [outdated(node, read.client, version)] : []
}

function tooOld(node: NodeName, known: ObservedNode): Reason[] {
  if (!knowsKarst(known)) return []
  return versionsOf(known).flatMap(({ client, version }) => {
    const read = readVersion(version)
    return read?.client === client && isBefore(read) ? [outdated(node, client, version)] : []
  })
}

const outdated = (node: NodeName, client: Version['client'], version: string) =>
  reason('before-karst', { client, version }, node)

/** Whether its chain has the fork, active or scheduled. */
function knowsKarst({ observation: { identity } }: ObservedNode): boolean {
  return identity?.consensus?.ok === true && identity.consensus.value.rollup?.karst_time !== undefined
}

/** The versions a node reports, and which client each would be of. */
function versionsOf({ observation: { consensus, execution } }: ObservedNode) {
  const reported = [
    { client: 'op-node', version: consensus.ok ? consensus.value.version : undefined },
    { client: 'op-reth', version: execution.ok ? execution.value.version : undefined },
  ] as const
  return reported.flatMap(({ client, version }) => (version === undefined ? [] : [{ client, version }]))
}

/**
 * op-node's versions are v1.19.6 and the like; op-reth reports reth/v2.10.0. A bare number is op-reth's from 2 on.
 * op-geth's, v1.101702.3, is neither, nor are those of forks, which count on their own: celo-v2.2.4.
 */
function readVersion(text: string): Version | undefined {
  const [, name = '', ...digits] = /(?:^|\b(op-node|op-reth|reth)[/ @:-]*)v?(\d+)\.(\d+)\.(\d+)/i.exec(text) ?? []
  const numbers = digits.map(Number)
  const [major, minor] = numbers
  if (major === undefined || minor === undefined || minor >= 1_000 || /geth/i.test(text)) return undefined
  if (/reth/i.test(name) || (name === '' && major === 2)) return { client: 'op-reth', numbers }
  // v0.0.0 is a local build.
  return /op-node/i.test(name) || (name === '' && /^v1\./.test(text)) ? { client: 'op-node', numbers } : undefined
}

function isBefore({ client, numbers }: Version): boolean {
  const least = SINCE_KARST[client]
  const at = least.findIndex((number, i) => numbers[i] !== number)
  return at >= 0 && (numbers[at] ?? 0) < (least[at] ?? 0)
}

/** Methods by which an op-node has blocks built and inserted. */
const BUILDS = /^engine_(newPayload|getPayload|forkchoiceUpdated)V\d+$/

/** Methods its engine lacks and needs for the leader's blocks, or from Karst on. */
function lacksMethods(node: NodeName, known: ObservedNode, leader: ObservedNode | undefined): Reason[] {
  const { engine } = known
  if (!engine) return []
  const wanted = (leader?.engine ?? []).filter((method) => BUILDS.test(method))
  const needed = new Set([...wanted, ...(knowsKarst(known) ? ['engine_getPayloadV5'] : [])])
  const methods = [...needed].filter((method) => !engine.includes(method)).sort()
  return methods.length === 0 ? [] : [reason('engine-lacks', { methods: methods.join(', ') }, node)]
}

/** Settings that differ from the leader's: its blocks would differ, or the batcher could not slow it down. */
function unlike(node: NodeName, { observation: own }: ObservedNode, { observation: theirs }: ObservedNode): Reason[] {
  const found: Reason[] = []
  for (const client of ['consensus', 'execution'] as const) {
    const [mine, leaders] = [own[client], theirs[client]]
    const [value, leader] = [mine.ok ? mine.value.sdm : undefined, leaders.ok ? leaders.value.sdm : undefined]
    if (value !== undefined && leader !== undefined && value !== leader)
      found.push(reason('sdm-differs', { client, value: onOff(value), leader: onOff(leader) }, node))
  }
  const [mine, leaders] = [own.identity?.execution, theirs.identity?.execution]
  if (mine?.ok && leaders?.ok && leaders.value.throttled && mine.value.throttled === false)
    found.push(reason('not-throttled', {}, node))
  return found
}

const onOff = (value: boolean) => (value ? 'on' : 'off')
