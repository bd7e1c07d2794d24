import type { ChainPorts } from '../../lib/context/ports.ts'
import { leaveToOpConductor } from '../../lib/operations/disaster/leave.ts'
import { overrideLeader } from '../../lib/operations/disaster/override.ts'
import { placeHead } from '../../lib/operations/disaster/place-head.ts'
import { returnFromOverride } from '../../lib/operations/disaster/return.ts'
import { adopt } from '../../lib/operator/adopt.ts'
import { hold, pause, resume } from '../../lib/operator/modes.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { cancelSwitchover, switchover } from '../../lib/operator/switchover.ts'
import type { Block } from '../../lib/protocol/block.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { blocksAt, childrenOf, GENESIS, labelOf } from './blocks.ts'
import { LATER } from './monitors.ts'
import { NODES, type Scope } from './scope.ts'
import type { Stage } from './stage.ts'

/** One program of an operator, with what was asked of it and what the nodes show it. */
export type Act = {
  /** Distinguishes it from every other act, what the nodes show included. */
  readonly text: string
  readonly stage: Stage
  readonly run: (ports: ChainPorts, by: string) => Promise<unknown>
}

type Situation = { readonly head: Head | undefined; readonly nodes: readonly string[]; readonly scope: Scope }

const blockOf = ({ number, hash, parentHash, timestamp }: Head): Block => ({ number, hash, parentHash, timestamp })

/** The product's own programs, each as an operator may start it in a situation. */
const PROGRAMS: Readonly<Record<string, (situation: Situation) => readonly Act[]>> = {
  pause: () => [plain('pause', pause)],
  resume: () => [plain('resume', resume)],
  hold: () => [plain('hold', hold)],
  cancel: () => [plain('cancel', cancelSwitchover)],
  switchover: ({ nodes }) =>
    nodes.flatMap((to) => [
      plain(`switchover to ${to}`, (ports, by) => switchover(ports, { to, by })),
      plain(`switchover to ${to} later`, (ports, by) => switchover(ports, { to, by, notBefore: LATER })),
    ]),
  quarantine: ({ nodes }) =>
    nodes.flatMap((node) => [
      plain(`quarantine ${node}`, (ports, by) => setQuarantine(ports, node, 'broken', by)),
      plain(`quarantine ${node} lift`, (ports, by) => setQuarantine(ports, node, undefined, by)),
    ]),
  adopt: ({ head, nodes, scope }) =>
    (head ? [] : [GENESIS, ...blocksAt(1).slice(0, scope.height > 0 ? 1 : 0)]).flatMap((block) =>
      nodes.slice(1).map((to) => ({
        text: `adopt ${labelOf(block.hash)} to ${to}`,
        stage: { chain: [block], sequencing: nodes[0] ?? '' },
        run: (ports, by) => adopt(ports, { to, by }),
      })),
    ),
  place: ({ nodes }) =>
    [GENESIS, ...blocksAt(1)].flatMap((block) =>
      [undefined, ...nodes].map((to) => ({
        text: `place ${labelOf(block.hash)}${to ? ` to ${to}` : ''}`,
        stage: { chain: [block] },
        run: (ports, by) => placeHead(ports, { hash: block.hash, by, againstVote: true, ...(to && { to }) }),
      })),
    ),
  override: ({ head, nodes }) =>
    head
      ? nodes.map((node) => ({
          text: `override ${node} at ${labelOf(head.hash)}`,
          stage: { chain: [blockOf(head)], sequencing: head.leader },
          run: (ports, by) => overrideLeader(ports, { node, hash: head.hash, by }),
        }))
      : [],
  return: ({ head, nodes, scope }) =>
    head && head.number < BigInt(scope.height)
      ? nodes.flatMap((node) =>
          childrenOf(head).map((child) => ({
            text: `return ${node} at ${labelOf(head.hash)} with ${labelOf(child.hash)}`,
            stage: { chain: [blockOf(head), child], sequencing: node },
            run: (ports, by) => returnFromOverride(ports, { node, hash: head.hash, by }),
          })),
        )
      : [],
  leave: ({ head }) =>
    head?.leader
      ? [
          {
            text: `leave at ${labelOf(head.hash)} from ${head.leader}`,
            stage: { chain: [blockOf(head)], sequencing: head.leader },
            run: (ports, by) => leaveToOpConductor(ports, { hash: head.hash, by }),
          },
        ]
      : [],
}

export const PROGRAM_NAMES: readonly string[] = Object.keys(PROGRAMS)

/** Every act with one of these programs that an operator may begin now. */
export function actsNow(programs: readonly string[], head: Head | undefined, scope: Scope): Act[] {
  const situation = { head, scope, nodes: NODES.slice(0, scope.nodes) }
  const acts = programs.flatMap((name) => PROGRAMS[name]?.(situation) ?? [])
  return acts.map((act) => ({ ...act, text: `${act.text} (${act.stage.chain.map(shown).join(' ')})` }))
}

const shown = ({ hash, parentHash }: Block) => `${labelOf(parentHash)}-${labelOf(hash)}`

function plain(text: string, run: Act['run']): Act {
  return { text, stage: { chain: [] }, run }
}
