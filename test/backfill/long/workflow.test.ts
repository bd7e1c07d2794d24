import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { getBlock } from '../../../lib/chain/block.ts'
import { type BackfillState, backfill } from '../../../lib/operations/backfill/operation.ts'
import type { BackfillPorts } from '../../../lib/operations/backfill/ports.ts'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { faultsOf } from '../../operations/interpret.ts'
import { runMachine, task } from '../../operations/run-machine.ts'
import { type HandmadeChain, makeChain } from '../chain.ts'
import { type ExecutionProcess, startClient } from '../client.ts'
import { proxyEngine } from '../proxy.ts'
import { CHAIN, commitAll, GONE, inMemory, openRig, type Records } from '../rig.ts'

// A client takes two seconds to start; on a busy machine ten.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

// The definition that is deployed, run by a local interpreter, with the deployed steps, on a real client.

const definition = toStateMachine(backfill, task)

let chain: HandmadeChain
let client: ExecutionProcess
const records: Records = inMemory()
beforeAll(async () => {
  chain = await makeChain(90, (number) => number % 3)
  await commitAll(records, chain.payloads)
  client = await startClient(chain.genesis)
})
afterAll(() => client.stop())

type Ended = {
  readonly error?: string
  readonly cause?: string
  readonly path: readonly string[]
  readonly slices: readonly BackfillState[]
}

async function run(ports: BackfillPorts, input: object, sliceMs: number): Promise<Ended> {
  const { path, error, taken } = await runMachine(backfill, ports, input, { sliceMs })
  const slices = taken.slice(1).map(({ state }) => state as BackfillState)
  return { path, slices, ...(error && { error: error.name, cause: error.message }) }
}

const input = { chain: CHAIN, node: 'seq-b', by: 'automation 7' }
const opened = () => openRig([{ rpcUrl: GONE }, client], records)

test('the definition is valid, and JSONPath only', () => {
  expect(faultsOf(definition)).toEqual([])
  for (const state of Object.values(definition.States)) {
    if (state.Type === 'Task') expect(state.TimeoutSeconds).toBeLessThan(definition.TimeoutSeconds)
  }
})

test('a dry run plans and gives nothing', async () => {
  const { path, slices } = await run(await opened(), { ...input, dryRun: true }, 1_000)
  expect(path.at(-1)).toBe('Would plug')
  expect(slices).toEqual([])
  expect((await getBlock(client.execution, { tag: 'latest' }))?.number).toBe(0n)
})

test('an engine that lies ends it with what was seen; it is not tried again', async () => {
  const status = { status: 'VALID', latestValidHash: null, validationError: null }
  const liar = await proxyEngine(client.engineUrl, (method) =>
    method.startsWith('engine_newPayload')
      ? status
      : method.startsWith('engine_forkchoice')
        ? { payloadStatus: status, payloadId: null }
        : undefined,
  )
  onTestFinished(() => liar.close())
  const ports = await openRig([{ rpcUrl: GONE }, { ...client, engineUrl: liar.url }], records)
  const { error, cause, path } = await run(ports, input, 10_000)
  expect(error).toBe('BackfillNotPlugged')
  expect(cause).toContain('answered VALID for block 1')
  expect(path.filter((name) => name === 'Plug a slice')).toHaveLength(1)
})

test('a refused node ends it before anything is given', async () => {
  const { error, cause } = await run(await opened(), { ...input, node: 'seq-x' }, 1_000)
  expect(error).toBe('BackfillNotPlanned')
  expect(cause).toContain('no node "seq-x"')
})

test('slices plug until nothing is missing; history reports the begin once and the end once', async () => {
  const before = (await records.stores.history.list(CHAIN)).length
  const { error, path, slices } = await run(await opened(), input, 400)
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Plugged')
  expect(slices.length).toBeGreaterThan(1)
  expect(slices.at(-1)).toMatchObject({ slices: slices.length, blocks: 90 })
  expect(slices.at(-1)?.findings.filter((what) => what.startsWith('corrupt'))).toEqual([])
  expect(Object.values(slices.at(-1)?.given ?? {}).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(90)
  expect((await getBlock(client.execution, { tag: 'latest' }))?.hash).toBe(
    chain.payloads.at(-1)?.executionPayload.blockHash,
  )
  const history = await records.stores.history.list(CHAIN)
  expect(history.slice(0, history.length - before).map(({ what, actor }) => [what, actor.name])).toEqual([
    ['backfill-done', 'automation 7'],
    ['backfill', 'automation 7'],
  ])
  expect((await run(await opened(), input, 1_000)).path.at(-1)).toBe('Nothing missing')
})
