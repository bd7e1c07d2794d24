import { afterEach, beforeEach, expect, test } from 'vitest'
import { pause, resume } from '../../../lib/operator/modes.ts'
import { type RelayedStage, relayedStage } from '../relayed-stage.ts'
import type { Stage } from '../stage.ts'

const NO_BLOCK = `0x${'ff'.repeat(32)}`

let set: RelayedStage
let stage: Stage
let conductors: Record<string, string>

beforeEach(async () => {
  conductors = {}
  set = await relayedStage({ conductorOf: (node, usual) => conductors[node] ?? usual })
  stage = set.stage
})
afterEach(() => set.close())

type Monitor = ReturnType<Stage['monitor']>
const verdictOf = (monitor: Monitor, name: string) =>
  monitor.latest()?.decision.verdicts.find(({ node }) => node === name)
const pagesOf = (monitor: Monitor, name: string) =>
  monitor.latest()?.decision.page.flatMap(({ code, node }) => (node === name ? [code] : [])) ?? []
const probesOf = (name: string) =>
  set.at[name]?.consensus.methods.filter((method) => method === 'admin_startSequencer').length ?? 0

const wrong = [
  { kind: 'an old secret', of: (usual: string) => usual.replace(/bob:[^@]+@/, 'bob:not-the-secret@'), says: '401' },
  { kind: 'a dead address', of: () => 'http://bob:secret@127.0.0.1:1/v1/chains/901/nodes/bob', says: 'fetch failed' },
]

test.for(wrong)(
  'a standby with $kind is reported before it is needed, and until it is repaired',
  async ({ of, says }) => {
    conductors.bob = of(usualOf('bob'))
    const monitor = stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await stage.until('it is reported', () => pagesOf(monitor, 'bob').includes('gate-unreachable'))
    const verdict = verdictOf(monitor, 'bob')
    expect(verdict?.eligible).toBe(false)
    const reported = verdict?.reasons.find(({ code }) => code === 'gate-unreachable')?.evidence.message
    expect(reported).toContain(says)
    expect(reported).not.toMatch(/secret@|:\/\//)
    expect(monitor.latest()?.decision.condition).toBe('ok')
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader === 'cyd')
    delete conductors.bob
    await stage.until('it is eligible again', () => verdictOf(monitor, 'bob')?.eligible === true, 20_000)
  },
)

test('a standby whose conductor is the leader’s takes itself for the leader: reported', async () => {
  conductors.bob = usualOf('ada')
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('it is reported', () => pagesOf(monitor, 'bob').includes('gate-misled'))
  expect(verdictOf(monitor, 'bob')?.eligible).toBe(false)
  expect(stage.chain.node('bob').consensus.sequencer.active).toBe(false)
})

test('a standby that asks under another standby’s name: reported, and never granted', async () => {
  conductors.bob = usualOf('cyd')
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('it is reported', () => pagesOf(monitor, 'bob').includes('gate-misnamed'))
  const reported = verdictOf(monitor, 'bob')?.reasons.find(({ code }) => code === 'gate-misnamed')
  expect(reported?.evidence.message).toBe('cyd')
  expect(verdictOf(monitor, 'bob')?.eligible).toBe(false)
  expect(verdictOf(monitor, 'cyd')?.eligible).toBe(true)
  await stage.chain.node('ada').kill('host')
  await stage.leads((leader) => leader === 'cyd')
  delete conductors.bob
  await stage.until('it is eligible again', () => verdictOf(monitor, 'bob')?.eligible === true, 20_000)
})

test('the way is tried once, again when the node was away, and never by the leader or in a pause', async () => {
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('both were asked', () => probesOf('bob') === 1 && probesOf('cyd') === 1)
  const before = stage.committed.length
  await stage.until('five more blocks', () => stage.committed.length > before + 5)
  expect([probesOf('bob'), probesOf('cyd')]).toEqual([1, 1])
  expect(pagesOf(monitor, 'bob')).toEqual([])
  expect(set.at.ada?.consensus.params.admin_startSequencer).not.toContainEqual([NO_BLOCK])
  expect(set.at.bob?.consensus.params.admin_startSequencer).toEqual([[NO_BLOCK]])
  await stage.chain.node('bob').kill('consensus')
  await stage.until('bob is down', () => verdictOf(monitor, 'bob')?.role === 'down')
  await stage.chain.node('bob').restart('consensus')
  await stage.until('it was asked again', () => probesOf('bob') === 2)

  await pause(stage.ports, 'ann')
  await stage.chain.node('cyd').kill('consensus')
  await stage.until('cyd is down', () => verdictOf(monitor, 'cyd')?.role === 'down')
  await stage.chain.node('cyd').restart('consensus')
  await stage.until('cyd is back', () => verdictOf(monitor, 'cyd')?.role === 'standby')
  await stage.ports.clock.sleep(1_000)
  expect(probesOf('cyd')).toBe(1)
  await resume(stage.ports, 'ann')
  await stage.until('it was asked then', () => probesOf('cyd') === 2)
})

test('a try reads the notes of all nodes once, and then only the note of the node itself', async () => {
  const { objects } = stage.ports
  const { get } = objects
  const read: string[] = []
  Object.assign(objects, {
    get: (key: string) => {
      if (key.includes('/sightings/')) read.push(key.replace(/.*\//, ''))
      return get(key)
    },
  })
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('both were tried', () => probesOf('bob') === 1 && probesOf('cyd') === 1 && read.length >= 8)
  await stage.ports.clock.sleep(500)
  expect(read).toHaveLength(8)
  expect([read[3], read[7]].sort()).toEqual(['bob', 'cyd'])
})

test('what is no op-node is not asked: it would start', async () => {
  if (set.at.bob) set.at.bob.consensus.edit.optimism_version = () => 'base/0.9.0'
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('cyd was asked', () => probesOf('cyd') === 1)
  await stage.ports.clock.sleep(1_500)
  expect(probesOf('bob')).toBe(0)
})

const usualOf = (node: string) => stage.usual(node)
