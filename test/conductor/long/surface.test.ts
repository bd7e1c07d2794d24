import { expect, test } from 'vitest'
import { deskMethods, roles } from '../../../lib/gate/desk.ts'
import { quarantine } from '../../../lib/protocol/control.ts'
import { ask, openRig, post, type Rig, SECRETS } from '../rig.ts'

const getters = {
  conductor_active: true,
  conductor_paused: false,
  conductor_stopped: false,
  conductor_leaderOverridden: false,
  conductor_sequencerHealthy: true,
}

const leaderOf = async ({ stage }: Rig) => (await stage.ports.heads.read('901'))?.leader ?? ''
const standbyOf = async (rig: Rig) => {
  const leader = await leaderOf(rig)
  return rig.config.nodes.find(({ name }) => name !== leader)?.name ?? ''
}
const operator = SECRETS.operator

test('the getters say what op-conductor means by them, at each of the three paths', async () => {
  const rig = await openRig({
    configure: (config) => ({
      ...config,
      nodes: config.nodes.map((node) => ({ ...node, noFailover: node.name === 'cyd' })),
    }),
  })
  const leader = await leaderOf(rig)
  const standby = await standbyOf(rig)
  const places = [
    [rig.at(leader), true],
    [rig.at(standby), false],
    [rig.at(standby, 'mon', SECRETS.reader), false],
    [rig.url(leader), true],
    [rig.url(standby), false],
    [rig.leader(), true],
    [rig.leader(standby, rig.config.nodes.find(({ name }) => name === standby)?.secrets[0]), true],
    [rig.url('grafana', '/', SECRETS.reader), true],
  ] as const
  for (const [url, leads] of places) {
    for (const [method, result] of Object.entries(getters))
      expect(await ask(url, method), method).toMatchObject({ result })
    expect(await ask(url, 'conductor_leader')).toMatchObject({ result: leads })
    const addr = new URL(rig.config.nodes.find(({ name }) => name === leader)?.consensus ?? '').host
    expect((await ask(url, 'conductor_leaderWithID')).result).toEqual({ id: leader, addr, suffrage: 0 })
    const { result } = await ask(url, 'conductor_clusterMembership')
    expect(result).toMatchObject({
      servers: [
        { id: 'ada', suffrage: 0 },
        { id: 'bob', suffrage: 0 },
        { id: 'cyd', suffrage: 1 },
      ],
      version: expect.any(Number),
    })
  }
})

test('a node that is down is not healthy; the others are', async () => {
  const rig = await openRig()
  const standby = await standbyOf(rig)
  await rig.stage.chain.node(standby).kill('execution')
  await rig.stage.until('it is not healthy', async () => {
    return (await ask(rig.at(standby), 'conductor_sequencerHealthy')).result === false
  })
  expect((await ask(rig.at(await leaderOf(rig)), 'conductor_sequencerHealthy')).result).toBe(true)
})

test('every getter that is no node’s sign of life waits for a store that is away for a moment', async () => {
  const rig = await openRig()
  const standby = await standbyOf(rig)
  const methods = ['conductor_sequencerHealthy', 'conductor_paused', 'conductor_leaderWithID']
  for (const method of methods) {
    rig.stage.storeGone = true
    const asked = ask(rig.at(standby, 'mon', SECRETS.reader), method)
    setTimeout(() => {
      rig.stage.storeGone = false
    }, 120)
    expect(await asked, method).toHaveProperty('result')
  }
})

test('pause and resume are Baton’s own, once, with who asked; the getters and every path show it', async () => {
  const rig = await openRig()
  const { ports } = rig.stage
  const nodes = rig.config.nodes.map(({ name }) => name)
  // As op-conductor-ops does: the same act for each node.
  for (const node of nodes)
    expect(await ask(rig.at(node, 'alice', operator), 'conductor_pause')).toMatchObject({ result: null })
  expect(await ports.leases.read('901')).toMatchObject({ mode: 'paused', modeBy: 'alice (conductor_pause)' })
  for (const url of [rig.leader(), ...nodes.map((node) => rig.at(node))]) {
    expect((await ask(url, 'conductor_paused')).result).toBe(true)
    expect((await ask(url, 'conductor_active')).result).toBe(false)
  }
  for (const node of nodes)
    expect(await ask(rig.at(node, 'alice', operator), 'conductor_resume')).toMatchObject({ result: null })
  expect(await ports.leases.read('901')).toMatchObject({ mode: 'auto' })
  const acts = (await ports.history.list('901')).filter(({ actor }) => actor.kind === 'operator')
  expect(acts.map(({ what, actor }) => [what, actor.name])).toEqual([
    ['resume', 'alice (conductor_resume)'],
    ['pause', 'alice (conductor_pause)'],
  ])
})

test('a transfer moves sequencing; one that the monitor or the rules refuse is an error', async () => {
  const rig = await openRig()
  const { stage } = rig
  const leader = await leaderOf(rig)
  const standby = await standbyOf(rig)
  expect(await ask(rig.at(standby, 'bo', operator), 'conductor_transferLeader')).toMatchObject({
    error: { code: -32000, message: 'node is not the leader', data: { leader } },
  })
  expect(
    await ask(rig.at(leader, 'bo', operator), 'conductor_transferLeaderToServer', [standby, 'any:1']),
  ).toMatchObject({
    result: null,
  })
  await stage.leads((now) => now === standby)
  // The leader of now is whom the chain's path asks.
  expect(await ask(rig.leader('bo', operator), 'conductor_transferLeaderToServer', [standby, ''])).toMatchObject({
    error: { message: expect.stringContaining('already holds'), data: { code: 'refused-act' } },
  })
  expect(await ask(rig.leader('bo', operator), 'conductor_transferLeaderToServer', ['nobody', ''])).toMatchObject({
    error: { message: expect.stringContaining('no node "nobody"') },
  })
  expect(await ask(rig.leader('bo', operator), 'conductor_transferLeaderToServer', [])).toMatchObject({
    error: { code: -32602 },
  })
  expect(await ask(rig.leader('bo', operator), 'conductor_transferLeader')).toMatchObject({ result: null })
  await stage.leads((now) => now !== standby)
})

test('a transfer to a node that cannot lead says why', async () => {
  const rig = await openRig()
  const standby = await standbyOf(rig)
  await rig.stage.chain.node(standby).kill('consensus')
  const answer = await ask(rig.leader('bo', operator), 'conductor_transferLeaderToServer', [standby, ''])
  expect(answer.error?.message).toContain('refused')
  expect((await rig.stage.ports.leases.read('901'))?.switchover).toBeUndefined()
})

test('what has no safe meaning changes nothing, and says what to do', async () => {
  const rig = await openRig()
  const url = rig.at(await standbyOf(rig), 'bo', operator)
  const before = await rig.stage.ports.leases.read('901')
  const membership = [
    ['conductor_addServerAsVoter', ['seq-d', 'd:1', 0]],
    ['conductor_addServerAsNonvoter', ['seq-d', 'd:1', 0]],
    ['conductor_removeServer', ['ada', 0]],
    ['conductor_demoteVoter', ['ada', 0]],
  ] as const
  for (const [method, params] of membership) {
    const { error } = await ask(url, method, params)
    expect(error).toMatchObject({ code: -32000, message: expect.stringContaining('written in its configuration') })
    expect(error?.data?.remedy).toContain('chain.json')
  }
  const already = [
    ['conductor_addServerAsVoter', ['ada', 'ada:1', 0]],
    ['conductor_removeServer', ['seq-d', 0]],
  ] as const
  for (const [method, params] of already) expect(await ask(url, method, params)).toMatchObject({ result: null })
  expect(await ask(url, 'conductor_removeServer', [])).toMatchObject({ error: { code: -32602 } })
  expect(await ask(url, 'conductor_stop')).toMatchObject({ error: { data: { code: 'done-elsewhere' } } })
  const overridden = await ask(url, 'conductor_overrideLeader', [true])
  expect(overridden.error?.data?.remedy).toContain('baton switchover')
  expect(await ask(url, 'conductor_overrideLeader', [false])).toMatchObject({ result: null })
  expect(await ask(url, 'conductor_overrideLeader', ['yes'])).toMatchObject({ error: { code: -32602 } })
  expect(await rig.stage.ports.leases.read('901')).toMatchObject({ mode: before?.mode, orders: before?.orders })
})

test('while a node publishes by an order, it is overridden, and only the procedure takes that back', async () => {
  const rig = await openRig()
  const { leases } = rig.stage.ports
  const [leader, standby] = [await leaderOf(rig), await standbyOf(rig)]
  const lease = await leases.read('901')
  if (!lease) throw new Error('there is no lease')
  const order = { since: Date.now(), why: 'test', by: 'bo', kind: 'override' }
  expect(await leases.write('901', quarantine(lease, standby, order))).toMatchObject({ applied: true })
  expect((await ask(rig.at(standby), 'conductor_leaderOverridden')).result).toBe(true)
  expect((await ask(rig.at(standby), 'conductor_leaderWithID')).result).toMatchObject({ id: 'N/A (Leader overridden)' })
  expect((await ask(rig.at(leader), 'conductor_leaderOverridden')).result).toBe(false)
  expect(await ask(rig.at(standby, 'bo', operator), 'conductor_overrideLeader', [true])).toMatchObject({ result: null })
  const back = await ask(rig.at(standby, 'bo', operator), 'conductor_overrideLeader', [false])
  expect(back.error?.data?.remedy).toContain(`disaster return --node ${standby}`)
})

test('each secret may do what its role says, and no more', async () => {
  const rig = await openRig()
  const standby = await standbyOf(rig)
  const held = [
    ['node', rig.at(standby)],
    ['node', rig.leader(standby, rig.config.nodes.find(({ name }) => name === standby)?.secrets[0])],
    ...roles.map((role) => [role, rig.at(standby, 'x', SECRETS[role])] as const),
    ...roles.map((role) => [role, rig.leader('x', SECRETS[role])] as const),
  ] as const
  // What this refuses, it refuses before anything is done: no call here acts.
  for (const [role, url] of held) {
    for (const [method, least] of Object.entries(deskMethods)) {
      const atNode = url.includes('/nodes/')
      const may =
        role === 'node'
          ? least === 'reader' || (least === 'batcher' && atNode)
          : roles.indexOf(role) >= roles.indexOf(least)
      if (may) continue
      const { error } = await ask(url, method, [standby, true])
      expect(error?.data?.code, `${role}: ${method}`).toBe('not-allowed')
    }
  }
  expect((await ask(rig.at(standby, 'x', 'a wrong one'), 'conductor_paused')).status).toBe(401)
  expect((await ask(rig.at(standby, 'x', SECRETS.reader), 'conductor_unknown')).error?.code).toBe(-32601)
})

test('a block is committed by its node alone: with its own secret, at its own path', async () => {
  const rig = await openRig()
  const leader = await leaderOf(rig)
  const commit = 'conductor_commitUnsafePayload'
  expect((await ask(rig.at(leader, 'x', operator), commit, [{}])).error?.data?.code).toBe('not-allowed')
  expect((await ask(rig.leader('x', operator), commit, [{}])).error?.data?.code).toBe('wrong-path')
  expect((await ask(rig.url('x', '/', operator), commit, [{}])).error?.data?.code).toBe('wrong-path')
  // A large body from anyone else is not even read.
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: commit, params: ['x'.repeat(70_000)] })
  expect((await post(rig.at(leader, 'x', operator), body)).status).toBe(413)
})

test('a reader’s call of conductor_leader is no sign that the node reaches the gate', async () => {
  const rig = await openRig()
  const standby = await standbyOf(rig)
  const sightings = () => rig.stage.ports.objects.get(`901/sightings/${standby}`)
  const before = await sightings()
  await ask(rig.at(standby, 'x', SECRETS.reader), 'conductor_leader')
  expect(await sightings()).toEqual(before)
  await ask(rig.at(standby), 'conductor_leader')
  expect(await sightings()).not.toEqual(before)
})
