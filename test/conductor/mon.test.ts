import { expect, test } from 'vitest'
import { openRig, post, type Rig, SECRETS } from './rig.ts'

// What op-conductor-mon (ethereum-optimism/infra, c367a36) sends and reads: the bytes of go-ethereum's client, which it
// makes for every poll, one call after the other, and what its poller and its metrics make of the answers.
// test/real/conductor-tools.test.ts runs the program itself.

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'user-agent': 'Go-http-client/1.1',
  'accept-encoding': 'gzip',
}

type Member = { id: string; addr: string; suffrage: number }
type State = {
  readonly paused: boolean
  readonly stopped: boolean
  readonly active: boolean
  readonly healthy: boolean
  readonly leader: boolean
  readonly leaderWithID: Member
  readonly membership: { servers: Member[]; version: number }
}

/** `pollNode`: the first error ends it, and the node's state of before stays. */
async function pollNode(rig: Rig, node: string): Promise<State | undefined> {
  let id = 0
  const call = async (method: string): Promise<unknown> => {
    id += 1
    // A call without parameters has no "params" at all.
    const body = `{"jsonrpc":"2.0","id":${id},"method":"conductor_${method}"}`
    const answer = await post(rig.at(node, 'mon', SECRETS.reader), body, HEADERS)
    // The client takes an answer by its id, and refuses one without a result.
    if (answer.status < 200 || answer.status > 299) throw new Error(`${answer.status}`)
    expect(answer.id).toBe(id)
    if (answer.error) throw new Error(answer.error.message)
    if (answer.result === undefined) throw new Error('no result')
    return answer.result
  }
  const flag = async (method: string): Promise<boolean> => {
    const value = await call(method)
    if (typeof value !== 'boolean') throw new Error(`json: cannot unmarshal ${JSON.stringify(value)} into bool`)
    return value
  }
  try {
    return {
      paused: await flag('paused'),
      stopped: await flag('stopped'),
      active: await flag('active'),
      healthy: await flag('sequencerHealthy'),
      leader: await flag('leader'),
      leaderWithID: (await call('leaderWithID')) as Member,
      membership: (await call('clusterMembership')) as State['membership'],
    }
  } catch {
    return undefined
  }
}

/** `Tick`: every node in turn; then `reportMetrics`. */
async function tick(rig: Rig) {
  const states = new Map<string, State>()
  for (const { name } of rig.config.nodes) {
    const state = await pollNode(rig, name)
    if (state) states.set(name, state)
  }
  const all = [...states.values()]
  const each = <T>(of: (state: State) => T) => Object.fromEntries([...states].map(([name, state]) => [name, of(state)]))
  return {
    leader_count: all.filter(({ leader }) => leader).length,
    node_leader: each(({ leaderWithID }) => leaderWithID.id),
    node_state: each(({ paused, stopped, active, healthy, leader }) => ({ paused, stopped, active, healthy, leader })),
    cluster_membership_count: each(({ membership }) => membership.servers.length),
    cluster_voters_count: each(({ membership }) => membership.servers.filter(({ suffrage }) => suffrage === 0).length),
  }
}

test('its metrics are right: well, paused, after a transfer, and with a node lost', async () => {
  const rig = await openRig({
    configure: (config) => ({
      ...config,
      nodes: config.nodes.map((node) => ({ ...node, noFailover: node.name === 'cyd' })),
    }),
  })
  const names = rig.config.nodes.map(({ name }) => name)
  const ofAll = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]))
  const leader = (await rig.stage.ports.heads.read('901'))?.leader ?? ''
  const well = (leads: string, states: Partial<State> = {}) => ({
    leader_count: 1,
    node_leader: ofAll(leads),
    node_state: Object.fromEntries(
      names.map((name) => [
        name,
        { paused: false, stopped: false, active: true, healthy: true, leader: name === leads, ...states },
      ]),
    ),
    cluster_membership_count: ofAll(3),
    cluster_voters_count: ofAll(2),
  })
  expect(await tick(rig)).toEqual(well(leader))

  const operator = async (method: string, params = '[]') => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`
    expect(await post(rig.leader('ops', SECRETS.operator), body)).toMatchObject({ result: null })
  }
  await operator('conductor_pause')
  expect(await tick(rig)).toEqual(well(leader, { paused: true, active: false }))
  await operator('conductor_resume')

  const target = names.find((name) => name !== leader && name !== 'cyd') ?? ''
  await operator('conductor_transferLeaderToServer', `["${target}",""]`)
  await rig.stage.leads((now) => now === target)
  await rig.stage.until('the node that led is healthy again', async () => {
    return (await pollNode(rig, leader))?.healthy === true
  })
  expect(await tick(rig)).toEqual(well(target))

  await rig.stage.chain.node(leader).kill('consensus')
  await rig.stage.until('the lost node is not healthy', async () => (await pollNode(rig, leader))?.healthy === false)
  const lost = well(target)
  expect(await tick(rig)).toEqual({
    ...lost,
    node_state: { ...lost.node_state, [leader]: { ...lost.node_state[leader], healthy: false } },
  })
})

test('what it may not know, it is refused: a secret of no one is an error for each node, and no state', async () => {
  const rig = await openRig()
  const [node = ''] = rig.config.nodes.map(({ name }) => name)
  const body = '{"jsonrpc":"2.0","id":1,"method":"conductor_paused"}'
  expect(await post(rig.at(node, 'mon', 'a wrong one'), body, HEADERS)).toMatchObject({ status: 401 })
  const pause = '{"jsonrpc":"2.0","id":1,"method":"conductor_pause"}'
  expect((await post(rig.at(node, 'mon', SECRETS.reader), pause, HEADERS)).error?.data?.code).toBe('not-allowed')
  expect((await rig.stage.ports.leases.read('901'))?.mode).toBe('auto')
})
