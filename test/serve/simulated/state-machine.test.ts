import { expect, test } from 'vitest'
import type { Envelope } from '../../../lib/chain/envelope.ts'
import type { Clock } from '../../../lib/simulator/chain/clock.ts'
import { ConsensusClient } from '../../../lib/simulator/chain/consensus.ts'
import type { Emit } from '../../../lib/simulator/chain/events.ts'
import { ExecutionClient } from '../../../lib/simulator/chain/execution.ts'
import { L1View, SimulatedL1 } from '../../../lib/simulator/chain/l1.ts'
import { Network } from '../../../lib/simulator/chain/network.ts'
import { buildBlock, genesisBlock, type SimulatedBlock } from '../../../lib/simulator/chain/payload.ts'
import { Process } from '../../../lib/simulator/chain/process.ts'

/** A clock that stands still until it is advanced. */
function manualClock() {
  let now = 1_800_000_000_000
  const timers = new Map<object, { at: number; work: () => void }>()
  const clock: Clock = {
    now: () => now,
    after(ms, work) {
      const timer = {}
      timers.set(timer, { at: now + ms, work })
      return () => void timers.delete(timer)
    },
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    clock,
    async advance(ms: number) {
      const until = now + ms
      for (;;) {
        await settle()
        const [next] = [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        const [timer, { at, work }] = next
        timers.delete(timer)
        now = at
        work()
      }
      now = until
    },
  }
}

/** Two nodes without any HTTP, and a conductor that is a function. */
async function run(conductorFails: (at: number) => boolean) {
  const { clock, advance } = manualClock()
  const from = clock.now()
  const l1 = new SimulatedL1(from, 12_000, () => clock.now())
  const genesis = genesisBlock(BigInt(from / 1000), l1.genesis)
  const network = new Network(clock)
  const log: string[] = []
  const nodes = ['a', 'b'].map((name) => {
    const execution = new ExecutionClient(clock, genesis)
    const emit: Emit = (event, facts) => void log.push(`${clock.now() - from} ${name} ${event} ${facts.block.number}`)
    const node = new ConsensusClient({
      name,
      process: new Process(clock),
      execution,
      l1: new L1View(l1),
      network,
      connected: () => true,
      conductorCall: async (method, [envelope]) => {
        if (method === 'conductor_leader') return name === 'a'
        if (conductorFails(clock.now() - from)) throw new Error('store unavailable')
        return (envelope as Envelope).executionPayload.blockHash
      },
      dueAt: (number) => from + Number(number) * 1_000,
      build: (parent: SimulatedBlock) =>
        buildBlock({ parent, timestamp: parent.timestamp + 1n, origin: l1.genesis, transactions: [] }),
      emit,
    })
    execution.process.start()
    node.boot()
    return node
  })
  const [a, b] = nodes
  if (a === undefined || b === undefined) throw new Error('no nodes')
  await advance(300)
  const started = a.sequencer.start(genesis.hash)
  await advance(3_000)
  await started
  return { log, a, b, advance }
}

test('the node logic runs on a given clock, to the millisecond, the same each time', async () => {
  const first = await run(() => false)
  expect(first.log).toEqual([
    '300 a started 0',
    ...[1, 2, 3].flatMap((number) => [
      `${number}001 a sealed ${number}`,
      `${number}001 a committed ${number}`,
      `${number}001 a gossip ${number}`,
      `${number}002 a insert ${number}`,
      `${number}007 b insert ${number}`,
    ]),
  ])
  expect((await run(() => false)).log).toEqual(first.log)
})

test('a failed commit is repeated 50 ms and a second later; the blocks missed are caught up', async () => {
  const tries: number[] = []
  const { log, advance } = await run((at) => {
    tries.push(at)
    return at > 1_500 && at < 3_000
  })
  await advance(2_000)
  expect(tries.slice(0, 4)).toEqual([1_001, 2_001, 2_051, 3_051])
  expect(log.filter((line) => line.includes('a committed'))).toEqual([
    '1001 a committed 1',
    '3051 a committed 2',
    '3053 a committed 3',
    '4001 a committed 4',
    '5001 a committed 5',
  ])
})

test('a killed process does nothing any more, a frozen one does it after the thaw', async () => {
  const { log, a, b, advance } = await run(() => false)
  b.process.freeze()
  await advance(2_000)
  expect(log.at(-1)).toMatch(/ a insert 5$/)
  b.process.thaw()
  await advance(10)
  expect(log.slice(-2)).toEqual(
    ['5310 b insert 4', '5311 b insert 5'].map((line) => expect.stringMatching(line.slice(5))),
  )
  a.process.kill()
  const { length } = log
  await advance(5_000)
  expect(log).toHaveLength(length)
  a.boot()
  await advance(300)
  expect(a.sequencer.active).toBe(false)
  expect(a.heads?.unsafe.number).toBe(5n)
})
