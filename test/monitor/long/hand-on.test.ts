import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RelayedStage, relayedStage } from '../relayed-stage.ts'
import type { Stage } from '../stage.ts'

let set: RelayedStage
let stage: Stage
/** What a node's `--conductor.rpc` is, where it is not the usual one. */
let conductors: Record<string, string>

beforeEach(async () => {
  conductors = {}
  set = await relayedStage({ conductorOf: (node, usual) => conductors[node] ?? usual })
  stage = set.stage
})
afterEach(() => set.close())

const handOverMs = 3_000
const monitor = (owner: string) => stage.monitor(owner, { handOverMs, apart: owner === 'two' })

const triesOf = (name: string) =>
  set.at[name]?.consensus.methods.filter((method) => method === 'admin_startSequencer').length ?? 0

/** Waits until the first monitor has ended and the second one has acted for some turns. */
async function handOver(one: { ended: Promise<void> }, meanwhile = async () => {}): Promise<void> {
  monitor('two')
  await stage.until('two waits', async () => (await stage.ports.monitorLease.read('901'))?.waiting?.owner === 'two')
  await meanwhile()
  await one.ended
  await stage.until('two is active', async () => (await stage.ports.monitorLease.read('901'))?.owner === 'two')
  const before = stage.committed.length
  await stage.until('four more blocks', () => stage.committed.length >= before + 4)
}

async function oneHasTried() {
  const one = monitor('one')
  await stage.leads((leader) => leader === 'ada')
  await stage.until('both standbys were tried', () => triesOf('bob') === 1 && triesOf('cyd') === 1)
  return one
}

test('a successor does not try what the monitor before it has proved', async () => {
  await handOver(await oneHasTried())
  expect([triesOf('bob'), triesOf('cyd')]).toEqual([1, 1])
  expect(await stage.ports.monitorLease.read('901')).not.toHaveProperty('proved')
})

test('a standby that restarts while both watch it is tried again, and a wrong way is found', async () => {
  await handOver(await oneHasTried(), async () => {
    await stage.ports.clock.sleep(handOverMs / 2)
    await stage.chain.node('bob').kill('consensus')
    set.at.bob?.consensus.cut()
    conductors.bob = stage.usual('bob').replace(/bob:[^@]+@/, 'bob:not-the-secret@')
    await stage.chain.node('bob').restart('consensus')
  })
  await stage.until('bob was tried again', () => triesOf('bob') > 1)
  expect(triesOf('cyd')).toBe(1)
})

test('a successor tries by itself what no monitor handed on to it', async () => {
  const one = await oneHasTried()
  await one.kill()
  monitor('two')
  await stage.until('two tries both', () => triesOf('bob') === 2 && triesOf('cyd') === 2)
})
