import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { overrideLeader } from '../../lib/operations/disaster/override.ts'
import { returnFromOverride } from '../../lib/operations/disaster/return.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import type { BlockId } from '../../lib/protocol/block.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { watchBlocks } from './devnet/observe.ts'
import { rpc } from './devnet/rpc.ts'
import { pause, until } from './devnet/wait.ts'
import { atSlot, scene } from './scenarios.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const WRONG = `0x${'ab'.repeat(32)}`
let rig: Rig

beforeAll(async () => {
  rig = await Rig.create()
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
  // Until then blocks come in quick succession, and no moment is between two commits.
  const inStep = async () => Math.abs(Date.now() / 1_000 - Number((await head())?.timestamp ?? 0n)) < 3
  await until('the chain made up for its late start', inStep, { within: 60_000 })
})
afterAll(() => rig?.stop())
afterEach(async () => {
  await rig.healthy()
  await checkChain(rig)
})

/** `baton disaster`, as an operator runs it. */
async function disaster(...words: string[]) {
  const args = [join(ROOT, 'bin/baton.ts'), 'disaster', ...words, '--config', rig.configFile]
  const program = process.execPath
  const run = promisify(execFile)(program, args, { env: { ...process.env, BATON_OPERATOR: 'ann' }, timeout: 60_000 })
  return await run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

const head = () => rig.ports.heads.read('901')
const heightOf = async (url: string) => BigInt(await rpc<string>(url, 'eth_blockNumber'))

/** Each block between two is in the archive, the child of the one below it. */
async function expectLinked(from: BlockId, downTo: BlockId): Promise<void> {
  const archive = chainArchive(rig.ports.objects, '901')
  for await (const step of archive.walkBack(from, downTo.number + 1n)) {
    expect(step.found, `block ${step.number}`).toBe(true)
    if (step.found && step.number === downTo.number + 1n) expect(step.parentHash).toBe(downTo.hash)
  }
}

/** Ends the gate between two commits, so that each block that was committed is on the nodes; returns the head. */
async function stopCommits() {
  const watch = watchBlocks(rig.devnet.hosts[0]?.executionUrl ?? '')
  await atSlot(watch, 0.4, rig.devnet.blockTime)
  await rig.gate.kill()
  await watch.stop()
  const last = await head()
  if (!last) throw new Error('the chain has no head')
  return last
}

test('the store is emptied while the chain runs: no head is invented, the named one goes on, armed again', async () => {
  const before = await head()
  await rig.emptyStore()
  await pause(5_000)
  expect(await head()).toBeUndefined()
  expect(await rig.ports.leases.read('901')).toBeUndefined()

  const survey = await disaster('survey', '--json')
  const { best, head: none } = JSON.parse(survey.said) as {
    best: { block: { number: string; hash: string } }
    head?: object
  }
  expect(none).toBeUndefined()
  expect(BigInt(best.block.number)).toBeGreaterThanOrEqual(before?.number ?? 0n)
  const refused = await disaster('re-seed', '--confirm', WRONG)
  expect(refused.code).toBe(5)
  expect(refused.said).toContain('neither a node nor the archive has block')
  expect(await head()).toBeUndefined()

  const placed = await disaster('re-seed', '--confirm', best.block.hash)
  expect(placed.said).toMatch(/on 3 of 3 nodes .* committed here/)
  await rig.healthy()
  await until('armed again', async () => ((await rig.ports.leases.read('901'))?.armedAt ?? 0) > 0)
  const record = (await rig.ports.history.list('901')).find(({ what }) => what === 'place-head')
  expect(record).toMatchObject({ actor: { kind: 'operator', name: 'ann' } })
})

test('ten blocks without gate, monitor and store: adopted, each linked to the one before', async () => {
  const { leader, standbys } = await scene(rig)
  const [node, other] = standbys
  if (!node || !other) throw new Error('two standbys are needed')
  await rig.monitors[0]?.kill()
  const last = await stopCommits()
  await until(`${node.name} has it`, async () => (await heightOf(node.executionUrl)) === last.number)
  await rig.loseStore()
  const wrong = await disaster('override', '--node', node.name, '--confirm', WRONG)
  expect(wrong.code).toBe(5)
  const first = await disaster('override', '--node', node.name, '--confirm', last.hash)
  console.log('override while the old leader waits for its commit:', first.said.trim())
  if (first.code !== 0) {
    expect(first.said).toContain(`${leader.name} sequences and cannot be stopped`)
    await leader.killOpNode()
  }
  const done = first.code === 0 ? first : await disaster('override', '--node', node.name, '--confirm', last.hash)
  expect(done.said).toContain(`${node.name} publishes without commits`)
  await until('ten blocks', async () => (await heightOf(other.executionUrl)) >= last.number + 10n, { within: 60_000 })

  await rig.restoreStore()
  await rig.startGate()
  rig.startMonitor()
  await pause(3_000)
  expect((await head())?.hash, 'nothing is adopted by itself').toBe(last.hash)
  const back = await disaster('return', '--node', node.name, '--confirm', last.hash)
  expect(back.said).toMatch(/1\d blocks adopted/)
  if (first.code !== 0) await leader.startOpNode()
  await node.killOpNode()
  await node.startOpNode()
  await setQuarantine(rig.ports, node.name, undefined, 'ann')
  await rig.healthy()
  const now = await head()
  if (!now) throw new Error('the chain has no head')
  await expectLinked({ number: now.number - 1n, hash: now.parentHash }, last)
})

test('an override while the store is there: no other node may commit until the blocks are taken back', async () => {
  const { leader, standbys } = await scene(rig)
  const node = standbys[1] ?? leader
  await expect(overrideLeader(rig.ports, { node: node.name, hash: WRONG, by: 'ann' })).rejects.toThrow('is not')
  const last = await stopCommits()
  // A leader that cannot be stopped is ended, as the refusal says.
  await leader.killOpNode()
  await overrideLeader(rig.ports, { node: node.name, hash: last.hash, by: 'ann' })
  const overridden = last
  await rig.startGate()
  expect(await head()).toMatchObject({ leader: '', hash: overridden.hash })
  await until('three blocks', async () => (await heightOf(node.executionUrl)) >= overridden.number + 3n)
  expect(await head()).toMatchObject({ leader: '', hash: overridden.hash })
  const { adopted, restarted } = await returnFromOverride(rig.ports, {
    node: node.name,
    hash: overridden.hash,
    by: 'ann',
  })
  expect(adopted).toBeGreaterThanOrEqual(3)
  await leader.startOpNode()
  expect(restarted, 'its machine takes no steps').toBe(false)
  expect((await rig.ports.leases.read('901'))?.quarantine).toHaveProperty(node.name)
  await node.killOpNode()
  await node.startOpNode()
  await setQuarantine(rig.ports, node.name, undefined, 'ann')
})
