import type { Envelope } from '../../lib/chain/envelope.ts'
import type { NodePort, StartOutcome } from '../../lib/context/ports.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import type { Process } from '../../lib/simulator/chain/process.ts'
import { fronted } from './front.ts'
import { served, type Wires } from './network.ts'
import type { NodeHost } from './node-host.ts'
import { observeAt } from './node-looks.ts'

const PROBE_MS = 500
const ACT_MS = 3_000

const refusals = [
  ['sequencer already running', 'already-running'],
  ['block hash does not match', 'head-mismatch'],
  ['no prestate', 'no-prestate'],
] as const

/** One monitor's way to one node: its requests and their answers travel over the wires. */
export function nodePort(from: string, caller: Process, node: NodeHost, wires: Wires): NodePort {
  const call = <T>(part: 'consensus' | 'execution', work: () => T | Promise<T>) =>
    caller.ask(() =>
      wires.call(from, node.name, ACT_MS, () => fronted(node, part, () => served(node[part].process, work))),
    )
  const act = <T>(work: () => T | Promise<T>) => call('consensus', work)
  const read = <T>(work: () => T | Promise<T>) => call('execution', work)
  return {
    observe: (asked) => caller.ask(() => observeAt(from, node, wires, PROBE_MS, asked, () => caller.now())),
    start: async (at) => {
      try {
        await act(() => startNode(node, at))
        return { outcome: 'started' }
      } catch (error) {
        const { message } = error as Error
        const outcome = refusals.find(([text]) => message.includes(text))?.[1]
        return (outcome ? { outcome } : { outcome: 'refused', message }) satisfies StartOutcome
      }
    },
    stop: () =>
      act(async () => {
        if (node.lie === 'claims-stopped') return headOf(node)
        return node.consensus.sequencer.stop()
      }),
    override: () =>
      act(() => {
        node.consensus.conductor.overridden = true
      }),
    resetDerivation: () => act(() => node.consensus.resetDerivation()),
    post: (envelope) => act(() => node.consensus.post(JSON.parse(envelope) as Envelope)),
    unsafe: () =>
      act(() => {
        const { number, hash } = node.consensus.heads?.unsafe ?? { number: 0n, hash: ZERO }
        return { number, hash }
      }),
    block: (query) =>
      read(() => {
        const { execution } = node
        return ('hash' in query ? execution.byHash(query.hash) : execution.at(query.number)) ?? null
      }),
    payload: ({ number, hash }) =>
      read(() => {
        const block = node.execution.at(number)
        return block?.hash === hash ? JSON.stringify(block.envelope) : undefined
      }),
  }
}

export const ZERO: Hash = `0x${'00'.repeat(32)}`

const headOf = ({ consensus }: NodeHost) => consensus.heads?.unsafe.hash ?? ZERO

async function startNode(node: NodeHost, at: Hash): Promise<void> {
  if (node.lie === 'claims-started') return
  await node.consensus.sequencer.start(node.lie === 'ignores-start-hash' ? headOf(node) : at)
}
