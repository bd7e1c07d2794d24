import type { ChainPorts, Clock } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Write, Written } from '../../lib/protocol/write.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import type { Act } from './operators.ts'
import { CHAIN, NODES } from './scope.ts'
import { nodePort } from './stage.ts'

/** What a program asks the records for. */
export type Call =
  | { readonly table: 'heads' | 'leases'; readonly asks: 'read' }
  | { readonly table: 'heads'; readonly asks: 'write'; readonly write: Write<Head> }
  | { readonly table: 'leases'; readonly asks: 'write'; readonly write: Write<Lease> }

/** What it was answered; `lost`: nothing, and it is not known whether a write was applied. */
export type Reply =
  | { readonly is: 'read'; readonly item: Head | Lease | undefined }
  | { readonly is: 'written'; readonly written: Written<Head> | Written<Lease> }
  | { readonly is: 'lost' }

/** Where a program stands: it waits for an answer, or it is over. */
export type Stand = { readonly call: Call } | { readonly end: string }

/** Patience ends after a few pauses, so that every wait of a program is short. */
const PAUSE_MS = 20_000

/**
 * Runs the product's own program from its beginning, up to the first thing it asks the records that is not answered:
 * the same answers always lead there.
 *
 * @param answer the reply to its n-th request; `undefined` = not answered.
 */
export async function replay(
  act: Act,
  by: string,
  nodes: number,
  answer: (call: Call, n: number) => Reply | undefined,
): Promise<Stand> {
  let asked = 0
  const reached = Promise.withResolvers<Stand>()
  const ask = async (call: Call): Promise<unknown> => {
    const reply = answer(call, asked++)
    if (!reply) {
      reached.resolve({ call })
      // It stays where it is: what would come next is found by another run.
      return new Promise(() => {})
    }
    if (reply.is === 'lost') throw new StoreUnavailableError('write', call.table, new Error('no answer'))
    return reply.is === 'read' ? reply.item : reply.written
  }
  act.run(portsFor(act, by, nodes, ask), by).then(
    () => reached.resolve({ end: 'done' }),
    (error: Error) => reached.resolve({ end: `${error.name}: ${error.message}` }),
  )
  return reached.promise
}

function portsFor(act: Act, by: string, count: number, ask: (call: Call) => Promise<unknown>): ChainPorts {
  const nodes = NODES.slice(0, count).map((name) => ({ name, zone: 'z', priority: 1, noFailover: false }))
  const ports = new Map(nodes.map(({ name }) => [name as string, nodePort(name, act.stage)]))
  const readHead = () => ask({ table: 'heads', asks: 'read' }) as Promise<Head | undefined>
  let suffixes = 0
  return {
    chain: { id: CHAIN, name: 'explored' },
    nodes,
    policy: defaultPolicy(2_000),
    port: (node) => ports.get(node) ?? nodePort(node, act.stage),
    heads: {
      read: readHead,
      readWithPayload: readHead,
      commit: () => Promise.reject(new Error('an operator commits nothing')),
      write: (_, write) => ask({ table: 'heads', asks: 'write', write }) as Promise<Written<Head>>,
    },
    leases: {
      read: () => ask({ table: 'leases', asks: 'read' }) as Promise<Lease | undefined>,
      write: (_, write) => ask({ table: 'leases', asks: 'write', write }) as Promise<Written<Lease>>,
    },
    history: { append: async () => {}, list: async () => [] },
    monitorLease: { acquire: notHere, read: notHere, wait: notHere, release: notHere },
    objects: memoryObjects(),
    clock: stillClock(),
    log: silentLog,
    suffix: () => `${by}-${suffixes++}`,
  }
}

const notHere = () => Promise.reject(new Error('a program has no monitor lease'))

/** It stands at zero; only who sleeps lets time pass. */
function stillClock(): Clock {
  let passed = 0
  return {
    now: () => 0,
    monotonic: () => passed,
    async sleep() {
      passed += PAUSE_MS
    },
  }
}
