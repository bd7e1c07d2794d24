import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openRig, SECRETS } from '../conductor/rig.ts'
import surface from '../fixtures/op-conductor-v1.19.6.json' with { type: 'json' }
import { go } from './go.ts'
import { MODULE, prepareModule } from './go-module.ts'
import { readSurface } from './op-conductor-surface.ts'

const run = promisify(execFile)

test('the surface in the fixtures is that of the module’s source', async () => {
  const module = await prepareModule(console.error)
  const { Dir: source } = JSON.parse(
    await go(['list', module, '-m', '-json', 'github.com/ethereum-optimism/optimism'], console.error),
  ) as { readonly Dir: string }
  expect(readSurface(source)).toEqual(surface)
})

type Line = { method: string; at: string; value: unknown; error?: string; code?: number }

test('op-conductor’s own client calls every method, and understands each answer', async () => {
  const module = await prepareModule(console.error)
  const program = join(MODULE, '..', '..', '.cache', 'real', 'bin', 'conductor-client')
  await go(['build', module, '-trimpath', '-o', program, './conductor-client'], console.error)
  const rig = await openRig()
  const leader = (await rig.stage.ports.heads.read('901'))?.leader ?? ''
  const standby = rig.config.nodes.find(({ name }) => name !== leader)?.name ?? ''
  const at = (node: string) => rig.at(node, 'go', SECRETS.operator)
  const { stdout } = await run(program, [at(leader), at(standby), rig.at(leader), standby], { timeout: 90_000 })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

  const own = surface.methods.filter((method) => method.startsWith('conductor_'))
  expect([...new Set(lines.map(({ method }) => `conductor_${method}`))].toSorted()).toEqual(own)

  const said = (where: string, method: string) =>
    lines.filter((line) => line.at === where && line.method === method).map(({ value, error }) => error ?? value)
  const members = { servers: rig.config.nodes.map(({ name }) => expect.objectContaining({ id: name, suffrage: 0 })) }
  const looks = [
    ['leader', leader, true, false],
    ['standby', leader, false, false],
    ['node', leader, true, false],
    ['paused', leader, false, true],
    ['moved', standby, true, false],
  ] as const
  for (const [where, who, leads, paused] of looks) {
    expect(said(where, 'leader')).toEqual([leads])
    expect(said(where, 'leaderOverridden')).toEqual([false])
    expect(said(where, 'paused')).toEqual([paused])
    expect(said(where, 'stopped')).toEqual([false])
    expect(said(where, 'active')).toEqual([!paused])
    expect(said(where, 'sequencerHealthy')).toEqual([true])
    expect(said(where, 'leaderWithID')).toEqual([expect.objectContaining({ id: who, suffrage: 0 })])
    expect(said(where, 'clusterMembership')).toEqual([expect.objectContaining(members)])
  }
  expect(said('leader', 'pause')).toEqual([null])
  expect(said('standby', 'resume')).toEqual([null])
  expect(said('node', 'pause')).toEqual([expect.stringContaining('not allowed with the secret of a node')])
  expect(said('standby', 'stop')).toEqual([expect.stringContaining('not stopped by a call')])
  expect(said('standby', 'overrideLeader')).toEqual([expect.stringContaining('overrides no leader'), false])
  for (const method of ['addServerAsVoter', 'addServerAsNonvoter', 'demoteVoter', 'removeServer'])
    expect(said('leader', method), method).toEqual([expect.stringContaining('written in its configuration')])
  expect(said('leader', 'commitUnsafePayload')).toEqual([expect.stringContaining('needs that of a node')])
  expect(said('node', 'commitUnsafePayload')).toEqual([expect.any(String)])
  expect(said('standby', 'transferLeader')).toEqual(['node is not the leader'])
  expect(said('leader', 'transferLeaderToServer')).toEqual([standby])
  expect(said('moved', 'transferLeader')).toEqual([null])
  expect(lines.filter(({ error }) => error).every(({ code = 0 }) => code < 0)).toBe(true)
})
