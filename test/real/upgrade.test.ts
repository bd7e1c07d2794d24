import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectChain } from '../../lib/context/inspect.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { formatVersions } from '../../lib/text/summary.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { missedSlots } from './devnet/observe.ts'
import { rpc } from './devnet/rpc.ts'
import { until } from './devnet/wait.ts'
import { scene } from './scenarios.ts'
import { buildNext, NEXT_VERSION } from './upgrade/build-next.ts'
import { Machines, upgradeCommand } from './upgrade/machines.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const machines = new Machines()
let rig: Rig

beforeAll(async () => {
  const next = await buildNext()
  await machines.start()
  rig = await Rig.create({
    configure: (config, { hosts }) => ({
      ...config,
      nodes: config.nodes.map((node, i) => ({
        ...node,
        host: {
          kind: 'shell',
          stack: 'op-geth',
          commands: { upgrade: upgradeCommand(machines, hosts[i]?.name ?? '') },
        },
      })),
    }),
  })
  machines.serve(rig.devnet.hosts, next)
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
})
afterAll(async () => {
  machines.stop()
  await rig?.stop()
})

/** `baton upgrade`, as an operator runs it; the exit code and what it wrote. */
async function baton(...words: string[]) {
  const program = process.execPath
  const args = [join(ROOT, 'bin/baton.ts'), 'upgrade', ...words, '--config', rig.configFile]
  const run = promisify(execFile)(program, args, { env: { ...process.env, BATON_OPERATOR: 'ann' }, timeout: 170_000 })
  return await run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

/** The longest time between two blocks while something was done: by their commits, since any node may be away. */
async function watched<T>(act: () => Promise<T>) {
  const { acknowledged } = rig.wire
  const from = acknowledged.length
  const result = await act()
  const upto = acknowledged.length
  await until('two more blocks', () => acknowledged.length >= upto + 2)
  const times = acknowledged.slice(from).map(({ at, stalledMs }) => at - stalledMs)
  const seconds = Math.max(...times.slice(1).map((at, i) => (at - (times[i] ?? at)) / 1_000))
  return { result, seconds, missed: missedSlots(seconds, rig.devnet.blockTime) }
}

test('a version that does not start: stops after the first standby, and the chain goes on', async () => {
  const { leader, standbys } = await scene(rig)
  const { result, missed } = await watched(() => baton('--to', 'broken', '--within', '8'))
  expect(result.code).toBe(1)
  expect(result.said).toMatch(/stopped at node2: not fit within 8 s: .*refuses connections/)
  expect(machines.installed).toEqual(['node2 broken'])
  expect(missed).toBe(0)
  const lease = await rig.ports.leases.read('901')
  expect(lease?.quarantine).toMatchObject({ node2: { why: 'upgrade to broken', by: 'ann' } })
  expect(await rig.ports.heads.read('901')).toMatchObject({ leader: leader.name })

  const other = await baton('--to', 'next', '--dry-run')
  expect(other.code).toBe(5)
  expect(other.said).toMatch(/node2 is out for an upgrade to broken/)
  await standbys.find(({ name }) => name === 'node2')?.startOpNode()
  await setQuarantine(rig.ports, 'node2', undefined, 'ann')
  await rig.healthy()
})

test('three hosts, one after the other, to another build of op-node: no slot missed', async () => {
  machines.installed.length = 0
  const { leader } = await scene(rig)
  const skew: string[] = []
  const { result, missed, seconds } = await watched(async () => {
    const running = baton('--to', 'next', '--expect', NEXT_VERSION, '--bake', '6')
    let over = false
    const looking = (async () => {
      while (!over) {
        const consensus = formatVersions(await inspectChain(rig.ports)).find(({ client }) => client === 'consensus')
        if (consensus?.skewed) skew.push(consensus.sentence)
        await new Promise((again) => setTimeout(again, 1_000))
      }
    })()
    const ran = await running
    over = true
    await looking
    return ran
  })
  console.log(`rolling upgrade: longest gap ${seconds.toFixed(2)} s`)
  expect(result.said).toContain('every node is upgraded to next')
  expect(result.code).toBe(0)
  expect(machines.installed).toEqual(['node2 next', 'node1 next', 'node0 next'])
  expect(missed).toBe(0)
  expect(skew.some((sentence) => /^node0, node1: .*; node2: /.test(sentence))).toBe(true)
  for (const { consensusUrl } of rig.devnet.hosts) {
    expect(await rpc(consensusUrl, 'optimism_version')).toBe(NEXT_VERSION)
  }
  const head = await rig.ports.heads.read('901')
  expect(head?.leader).not.toBe(leader.name)
  expect((await rig.ports.leases.read('901'))?.quarantine).toEqual({})
  expect((await baton('--to', 'next', '--expect', NEXT_VERSION, '--dry-run')).said).toContain('nothing left to do')
  await rig.healthy()
  await checkChain(rig)
})
