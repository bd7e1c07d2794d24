import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { Block } from '../../lib/protocol/block.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { commit, judgeRefusal } from '../../lib/protocol/commit.ts'
import { fence, grant } from '../../lib/protocol/grant.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { childOf, genesis, hashOf } from './blocks.ts'

/** The rules under test; a mutant replaces one. */
export type Rules = {
  readonly commit: typeof commit
  readonly fence: typeof fence
  /** Whether an error of the store is (wrongly) answered with OK. */
  readonly okOnError: boolean
}

export const rules: Rules = { commit, fence, okOnError: false }

const nodes = ['ada', 'bob', 'cyd'] as const
type Node = (typeof nodes)[number]

const reply = fc.oneof(
  { weight: 6, arbitrary: fc.constant('arrives' as const) },
  fc.constantFrom('reply lost' as const, 'request lost' as const),
)
const pause = fc.nat(2)
const does = <const D extends string>(what: D) => fc.constant(what)
const nodeStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: does('build'), pause, reply }) },
  { weight: 2, arbitrary: fc.record({ does: does('adopt the head'), pause }) },
  { weight: 1, arbitrary: fc.record({ does: does('build on an uncommitted block'), pause, reply }) },
  { weight: 1, arbitrary: fc.record({ does: does('leave one out'), pause, reply }) },
  { weight: 1, arbitrary: fc.record({ does: does('misnumber'), pause, reply }) },
)
const to = fc.constantFrom(...nodes)
const monitorStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: does('move'), pause, to, delay: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ does: does('repeat an old fence'), pause }) },
  { weight: 1, arbitrary: fc.record({ does: does('fence without a grant'), pause, to }) },
)

/** What three nodes and two monitors do, each at its own pace. */
export const plan = fc.record({
  nodes: fc.array(fc.array(nodeStep, { minLength: 8, maxLength: 24 }), { minLength: 3, maxLength: 3 }),
  monitors: fc.array(fc.array(monitorStep, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 2 }),
})
export type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never

/** A block whose commit a node got acknowledged; `begun`: the tick of its first try. */
type Acknowledged = { readonly node: Node; readonly block: Block; readonly begun: number; readonly tick: number }
/** A fence that was applied; `begun` and `tick`: when it was asked for and when the reply arrived. */
type Fenced = { readonly head: Head; readonly begun: number; readonly tick: number }
export type Raced = { readonly acknowledged: readonly Acknowledged[]; readonly fences: readonly Fenced[] }

export const payloadOf = (block: Pick<Block, 'hash'>) => new TextEncoder().encode(`payload of ${block.hash}`)

/** Lets everyone act at once on one chain, each through stores of its own. */
export async function race(
  storesOf: (actor: number) => Stores,
  chain: string,
  plan: Plan,
  rules: Rules,
): Promise<Raced> {
  const acknowledged: Acknowledged[] = []
  const fences: Fenced[] = []
  let ticks = 0

  const { heads, leases } = storesOf(0)
  await heads.write(chain, seedHead(genesis, 0, 0))
  await heads.write(chain, fence('ada', 1, 0))
  await leases.write(chain, seedLease('ada', 1, { kind: 'baton', name: 'baton' }, 0))

  const runNode = async (node: Node, { heads }: Stores, steps: Plan['nodes'][number]) => {
    let tip: Block = genesis
    let pending: { block: Block; begun: number } | undefined
    const send = async (block: Block, reply: string, begun = ++ticks) => {
      try {
        if (reply === 'request lost') throw new StoreUnavailableError('commit', chain, 'request lost')
        const committed = await heads.commit(chain, rules.commit(node, block, { payload: payloadOf(block) }, begun))
        if (reply === 'reply lost') throw new StoreUnavailableError('commit', chain, 'reply lost')
        const { outcome } = committed.applied ? { outcome: 'committed' } : judgeRefusal(node, block, committed.old)
        pending = undefined
        if (outcome !== 'committed' && outcome !== 'repeated') {
          if (!committed.applied && committed.old) tip = committed.old
          return
        }
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error
        pending = { block, begun }
        if (!rules.okOnError) return
      }
      acknowledged.push({ node, block, begun, tick: ++ticks })
      tip = block
    }
    for (const [i, step] of steps.entries()) {
      await sleep(step.pause)
      const mark = `${node}${i}`
      switch (step.does) {
        case 'build':
          await send(pending?.block ?? childOf(tip, mark), step.reply, pending?.begun)
          break
        case 'adopt the head':
          tip = (await heads.read(chain)) ?? genesis
          pending = undefined
          break
        case 'build on an uncommitted block':
          await send(childOf({ ...tip, hash: hashOf(mark) }, mark), step.reply)
          break
        case 'leave one out':
          await send(childOf(childOf(tip, mark), mark), step.reply)
          break
        case 'misnumber':
          await send({ ...childOf(tip, mark), number: tip.number + 3n }, step.reply)
      }
    }
  }

  const runMonitor = async ({ heads, leases }: Stores, steps: Plan['monitors'][number]) => {
    const asked: { to: Node; term: number }[] = []
    const apply = async ({ to, term }: { to: Node; term: number }) => {
      const begun = ++ticks
      const written = await heads.write(chain, rules.fence(to, term, begun))
      if (written.applied) fences.push({ head: written.item, begun, tick: ++ticks })
    }
    for (const step of steps) {
      await sleep(step.pause)
      if (step.does === 'repeat an old fence') {
        for (const old of asked.slice(0, 1)) await apply(old)
      } else if (step.does === 'fence without a grant') {
        const head = await heads.read(chain)
        await apply({ to: step.to, term: head?.term ?? 0 })
      } else {
        const lease = await leases.read(chain)
        if (!lease) continue
        const cause = { code: 'switchover', by: 'test' } as const
        const wish = { to: step.to, cause, overLease: true, automatic: false, sameRound: false, leaseMs: 1 }
        const granted = await leases.write(chain, grant(lease, wish, ++ticks))
        if (!granted.applied) continue
        const term = { to: step.to, term: granted.item.term }
        asked.push(term)
        await sleep(step.delay)
        await apply(term)
      }
    }
  }

  await Promise.all([
    ...nodes.map((node, i) => runNode(node, storesOf(i), plan.nodes[i] ?? [])),
    ...plan.monitors.map((steps, i) => runMonitor(storesOf(nodes.length + i), steps)),
  ])
  return { acknowledged, fences }
}
