import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import type { Host } from '../../../lib/host/host.ts'
import { disaster } from '../../../lib/operations/disaster/operation.ts'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import type { Hash } from '../../../lib/protocol/block.ts'
import { memoryStores } from '../../../lib/store/memory/stores.ts'
import { type Stage, setStage } from '../../monitor/stage.ts'
import { faultsOf } from '../../operations/interpret.ts'
import { runMachine, task } from '../../operations/run-machine.ts'

// The definition that is deployed, run by a local interpreter, with the deployed steps, on simulated nodes.

const definition = toStateMachine(disaster, task)

let stage: Stage
let ports: ChainPorts

beforeEach(async () => {
  stage = await setStage()
  ports = { ...stage.ports, host: machineOf }
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('some blocks', () => stage.committed.length > 3)
})
afterEach(() => stage.close())

/** The machine of a simulated node: its op-node can be restarted. */
function machineOf(name: string): Host {
  return {
    async run(step) {
      await stage.chain.node(name).kill('consensus')
      // As long as the quickest op-node is away.
      await stage.ports.clock.sleep(100)
      await stage.chain.node(name).restart('consensus')
      return { step, exitCode: 0, stdout: '', stderr: '', ms: 1 }
    },
  }
}

type Ended = {
  readonly path: readonly string[]
  readonly cause: string
  /** What the survey reported. */
  readonly left: string
  /** How often the act was called. */
  readonly acts: number
}

/** Runs the state machine; `after` may fail a call after it was made. */
async function run(input: object, after: (step: string) => void = () => {}): Promise<Ended> {
  let left = ''
  let acts = 0
  const asked = { chain: '901', by: 'ann', hash: '', node: '', againstVote: false, dryRun: false, ...input }
  const { path, error } = await runMachine(disaster, ports, asked, {
    sliceMs: 8_000,
    before(name) {
      if (name === 'Act') acts++
    },
    after(name, { text }) {
      if (name === 'Survey what is left') left = text
      after(name)
    },
  })
  return { path, cause: error?.message ?? '', left, acts }
}

const wrong: Hash = `0x${'ab'.repeat(32)}`
const head = () => ports.heads.read('901')
const lease = () => ports.leases.read('901')
const headHash = async () => (await head())?.hash ?? ''
/** Everything a wrong confirmation must leave as it is, but for the blocks that come. */
const standing = async () => {
  const { leader, term } = (await head()) ?? {}
  const { mode, quarantine, switchover } = (await lease()) ?? {}
  return { leader, term, mode, quarantine, switchover, records: (await ports.history.list('901')).length }
}

test('the definition is valid, and without what the local interpreter would ignore', () => {
  expect(faultsOf(definition)).toEqual([])
})

test.each([
  [{ kind: 're-seed' }, 'neither a node nor the archive has block'],
  [{ kind: 'cold-start', node: 'cyd' }, 'neither a node nor the archive has block'],
  [{ kind: 'override', node: 'bob' }, 'is not the committed head'],
  [{ kind: 'return', node: 'bob' }, 'is not the committed head'],
  [{ kind: 'to-op-conductor' }, 'is not one of the newest'],
])(
  '%o with a wrong hash, without one, or without a node: refused, and nothing is changed',
  async (input, why) => {
    const before = await standing()
    const refused = await run({ ...input, hash: wrong })
    expect(refused.path.at(-1)).toBe('Refused')
    expect(refused.cause).toContain(why)
    expect(refused.cause).toContain('the votes are for block')
    expect((await run(input)).cause).toContain('hash: must be')
    if ('node' in input) expect((await run({ ...input, hash: wrong, node: '' })).cause).toContain('node: must be')
    expect(await standing()).toEqual(before)
  },
  20_000,
)

test('a dry run shows the vote and what would be done, confirmed or not, and changes nothing', async () => {
  const before = await standing()
  for (const hash of ['', wrong, await headHash()]) {
    const { path, left, acts } = await run({ kind: 'override', node: 'bob', hash, dryRun: true })
    expect(path.at(-1)).toBe('Would act')
    expect(left).toContain('the votes are for block')
    expect(left).toContain('let the named node publish without commits')
    expect(acts).toBe(0)
  }
  expect(await standing()).toEqual(before)
}, 20_000)

test('records lost: re-seeded by name, and the chain goes on; what is not answered is not done twice', async () => {
  Object.assign(ports.heads, memoryStores().heads)
  // A commit that was on its way is among the committed ones, too.
  await ports.clock.sleep(500)
  const newest = stage.committed.at(-1)?.hash ?? ''
  const lost = await run({ kind: 're-seed', hash: newest }, (name) => {
    if (name === 'Act') throw new Error('the answer was lost')
  })
  expect([lost.path.at(-1), lost.acts]).toEqual(['Not done', 1])
  const from = stage.committed.length
  await stage.until('blocks', () => stage.committed.length > from + 2)

  const placed = (await ports.history.list('901')).filter(({ what }) => what === 'place-head')
  expect(placed.map(({ actor }) => actor.name)).toEqual(['ann'])
}, 40_000)

test('no node is eligible: the one that is named goes on', async () => {
  await setQuarantine(ports, 'bob', 'slow disk', 'bea')
  for (const name of ['ada', 'cyd']) await stage.chain.node(name).kill('host')
  const { path, cause } = await run({ kind: 'cold-start', node: 'bob', hash: await headHash() })
  expect([path.at(-1), cause]).toEqual(['Done', ''])
  expect((await head())?.leader).toBe('bob')
}, 40_000)

test('one node publishes without Baton, and its blocks are taken back', async () => {
  const overridden = await overrideAtTheHead('bob')
  expect(overridden).toEqual(['Done', ''])
  expect((await lease())?.mode).toBe('paused')
  const at = await head()
  expect(at?.leader).toBe('')
  const port = ports.port('bob')
  await stage.until('ten blocks without commits', async () => (await port.unsafe()).number >= (at?.number ?? 0n) + 10n)
  expect(await headHash()).toBe(at?.hash)

  const back = await run({ kind: 'return', node: 'bob', hash: at?.hash })
  expect([back.path.at(-1), back.cause]).toEqual(['Done', ''])
  const record = (await ports.history.list('901')).find(({ what }) => what === 'return')
  expect(Number(record?.reasons[0]?.evidence.count)).toBeGreaterThanOrEqual(10)
  expect((await lease())?.quarantine).toEqual({})
}, 60_000)

/** The newest block is another one soon: a confirmation that came too late is refused, and given again. */
async function overrideAtTheHead(node: string): Promise<[string | undefined, string]> {
  for (let tries = 0; ; tries++) {
    const { path, cause } = await run({ kind: 'override', node, hash: await headHash() })
    if (tries === 20 || !cause.includes('is not the committed head')) return [path.at(-1), cause]
  }
}

test('handed over: at a block boundary, with no leader', async () => {
  const { path, cause } = await run({ kind: 'to-op-conductor', hash: stage.committed.at(-2)?.hash })
  expect([path.at(-1), cause]).toEqual(['Done', ''])
  expect(await head()).toMatchObject({ leader: '', hash: stage.committed.at(-1)?.hash })
}, 20_000)
