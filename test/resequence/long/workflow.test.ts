import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { EndedStep, Host } from '../../../lib/host/host.ts'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { openResequence } from '../../../lib/operations/resequence/open.ts'
import { resequence } from '../../../lib/operations/resequence/operation.ts'
import { createRpc } from '../../../lib/operations/resequence/rpc.ts'
import { readLastBlock } from '../../../lib/operations/resequence/zk-node.ts'
import { faultsOf } from '../../operations/interpret.ts'
import { runMachine, task } from '../../operations/run-machine.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

// The definition that is deployed, run by a local interpreter, with the deployed steps, on the model of the node.

const definition = toStateMachine(resequence, task)

let world: World
afterEach(() => world?.close())

/** Long commands, as Systems Manager runs them: on their own, and asked for later. */
const commands = new Map<string, EndedStep | undefined>()
/** Which long commands were begun, in order. */
let begun: string[] = []

/** Under which ids slices were carried, in order. */
const held: { readonly owner: string }[] = []

/** How long a long command takes on top of its own time, ms: longer than a slice. */
const SLOW_MS = 1_200

function remote(host: Host): Host {
  return {
    run: host.run,
    async begin(step, parameters) {
      begun.push(step)
      const id = randomUUID()
      commands.set(id, undefined)
      setTimeout(() => void host.run(step, parameters).then((ended) => commands.set(id, ended)), SLOW_MS)
      return id
    },
    ask: async (_, id) => commands.get(id),
  }
}

type Ended = {
  readonly path: readonly string[]
  readonly cause: string
  readonly reported: string
  readonly slices: number
}

/** Runs the state machine in slices of this length; `after` may fail a call after it was made. */
async function run(
  input: object,
  after: (slice: number) => void | Promise<void> = () => {},
  sliceMs = 500,
): Promise<Ended> {
  let reported = ''
  let slices = 0
  const { stores, objects, config, say } = world
  const asked = { chain: '779', act: 'begin', batch: String(KEEP), hash: '', from: 'stream', bad: '', dryRun: false }
  const open = (given: Parameters<typeof openResequence>[0]) => {
    const runContext = openResequence({ ...given, say: (text) => [given.say, say].forEach((each) => void each(text)) })
    const { host } = runContext.endpoints
    return { ...runContext, endpoints: { ...runContext.endpoints, host: remote(host), l1Host: host } }
  }
  const given = { ...asked, by: 'automation 7', ...input }
  const { path, error } = await runMachine(resequence, { stores, objects, config, open }, given, {
    sliceMs,
    before(step, owner) {
      if (step === 'Carry it on') held.push({ owner: `${given.by}/${owner}` })
    },
    async after(step, { text }) {
      if (step === 'Plan') reported = text
      else await after(++slices)
    },
  })
  return { path, cause: error?.message ?? '', reported, slices }
}

async function setUp() {
  begun = []
  world = await buildWorld()
  return (await readLastBlock(createRpc('sequencer', world.config.sequencer.rpc, 1_000), KEEP)).hash
}

test('the definition is valid, and without what the local interpreter would ignore', () => {
  expect(faultsOf(definition)).toEqual([])
})

test('the plan names the hash; a wrong one, none, or nothing to resume is refused, and nothing is changed', async () => {
  const hash = await setUp()
  const dry = await run({ dryRun: true })
  expect(dry.path.at(-1)).toBe('Would carry out')
  expect(dry.reported).toContain(`kept batch     ${KEEP}, its last block ${hash}`)
  const wrong = await run({ hash: `0x${'ab'.repeat(32)}` })
  expect([wrong.path.at(-1), wrong.cause]).toEqual([
    'Refused',
    expect.stringContaining('is not the last block of batch 4'),
  ])
  expect((await run({})).path.at(-1)).toBe('Refused')
  expect((await run({ batch: '' })).cause).toContain('batch: must be')
  expect((await run({ act: 'resume' })).cause).toContain('no run is open')
  expect(readFileSync(`${world.folder}/l1-clients`, 'utf8')).toBe('active\n')
  expect(await world.runContext().journal.latest()).toBeUndefined()
  expect(await world.stores.history.list('779')).toEqual([])
}, 240_000)

test('in slices shorter than its commands, some answers lost: each command once, every predicate holds', async () => {
  const hash = await setUp()
  world.behave({ mutation: 'slow' })
  const ended = await run({ hash }, (slice) => {
    if (slice % 4 === 2) throw new Error('the answer was lost')
  })
  expect([ended.path.at(-1), ended.cause]).toEqual(['Done', ''])
  expect(ended.slices).toBeGreaterThan(6)
  expect(begun).toEqual(['backup', 'compare-backup', 'unwind'])
  expect(world.said.join('\n')).toMatch(/✓ P8/)
  expect(world.said.filter((message) => message.startsWith('halt: start'))).not.toHaveLength(0)
  const runs = await world.runContext().journal.latest()
  expect(runs).toMatchObject({ number: 1, ended: true })
}, 240_000)

test('a failed predicate stops it; restore puts the backup back, in slices too', async () => {
  const hash = await setUp()
  world.behave({ limit: 25 })
  const stopped = await run({ hash })
  expect([stopped.path.at(-1), stopped.cause]).toEqual(['Stopped', expect.stringContaining('strict: batch 5 became 2')])
  expect((await run({ act: 'restore', hash: `0x${'ab'.repeat(32)}` })).path.at(-1)).toBe('Refused')
  const back = await run({ act: 'restore', hash, by: 'automation 8' })
  expect([back.path.at(-1), back.cause]).toEqual(['Done', ''])
  expect(back.slices).toBeGreaterThan(2)
  expect(begun.slice(3)).toEqual(['restore', 'compare-backup'])
  expect(world.said.join('\n')).toMatch(/as before/)
}, 240_000)

test('two executions by the same person at once are two: the second is refused, the first ends', async () => {
  const hash = await setUp()
  world.behave({ mutation: 'slow' })
  let second: Promise<Ended> | undefined
  const first = await run({ hash }, (slice) => {
    // Between two slices of the first: its lease is kept.
    if (slice === 2) second = run({ hash })
  })
  expect([first.path.at(-1), first.cause]).toEqual(['Done', ''])
  const other = await second
  expect(['Refused', 'Stopped']).toContain(other?.path.at(-1))
  expect(other?.cause).toMatch(/is not over|is being re-sequenced by automation 7/)
  expect(await world.runContext().journal.latest()).toMatchObject({ number: 1, ended: true })
}, 240_000)

test('an execution whose run another one has taken on ends, and does not take it back', async () => {
  const hash = await setUp()
  world.behave({ mutation: 'slow' })
  let taken: Promise<Ended> | undefined
  const first = await run({ hash }, async (slice) => {
    if (slice !== 2) return
    // Its lease has run out, and another one takes it on before its next slice.
    const { owner } = held.at(-1) ?? { owner: '' }
    taken = world.stores.monitorLease
      .release('resequence/779', owner)
      .then(() => run({ hash, act: 'resume', by: 'automation 8' }))
    for (let i = 0; i < 3_000 && (await world.runContext().journal.latest())?.owners.length === 1; i++)
      await new Promise((done) => setTimeout(done, 20))
  })
  expect(first).toMatchObject({ cause: expect.stringMatching(/is being re-sequenced by|was taken on by/) })
  expect((await taken)?.path.at(-1)).toBe('Done')
}, 240_000)
