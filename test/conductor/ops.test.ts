import { expect, test } from 'vitest'
import { openRig, post, type Rig, SECRETS } from './rig.ts'

// What op-conductor-ops (ethereum-optimism/infra, c367a36) sends and reads, command by command: the bytes of Python's
// requests, the ids and parameters of its cli.py, and its ways to recognise a failure.

const HEADERS = { 'user-agent': 'python-requests/2.32.3', accept: '*/*', 'accept-encoding': 'gzip, deflate' }

/** `requests.post(url, json=make_rpc_payload(method, params))`, then `raise_for_status()`. */
async function call(url: string, method: string, params: readonly unknown[] = []) {
  const python = (value: unknown): string =>
    Array.isArray(value) ? `[${value.map(python).join(', ')}]` : JSON.stringify(value)
  const answer = await post(
    url,
    `{"id": 1, "jsonrpc": "2.0", "method": "${method}", "params": ${python(params)}}`,
    HEADERS,
  )
  if (answer.status >= 400) throw new Error(`HTTP ${answer.status}`)
  expect(answer.id).toBe(1)
  return answer
}

type Sequencer = { id: string; active: unknown; leader: unknown; healthy: unknown }
const urlOf = (rig: Rig, node: string) => rig.at(node, 'ops', SECRETS.operator)

/** `Network.update()`, as far as it asks conductors: five calls at once for each sequencer. */
function update(rig: Rig): Promise<Sequencer[]> {
  return Promise.all(
    rig.config.nodes.map(async ({ name: id }) => {
      const [active, leader, healthy] = await Promise.all(
        ['conductor_active', 'conductor_leader', 'conductor_sequencerHealthy'].map((method) =>
          call(urlOf(rig, id), method),
        ),
      )
      return { id, active: active?.result, leader: leader?.result, healthy: healthy?.result }
    }),
  )
}
const leaderIn = (network: readonly Sequencer[]) => network.find(({ leader }) => leader)?.id ?? ''

test('status, transfer-leader, pause, resume, override-leader and update-cluster-membership', async () => {
  const rig = await openRig()
  const network = await update(rig)
  const leader = leaderIn(network)
  expect(network.map(({ active, healthy }) => [active, healthy])).toEqual(network.map(() => [true, true]))
  expect(network.filter((each) => each.leader)).toHaveLength(1)

  // status: members of the leader's cluster with the standing that the configuration (`voting`) has.
  const { result } = await call(urlOf(rig, leader), 'conductor_clusterMembership')
  const { servers } = result as { servers: { id: string; suffrage: number }[] }
  expect(servers.map(({ id, suffrage }) => [id, suffrage])).toEqual(rig.config.nodes.map(({ name }) => [name, 0]))

  // update-cluster-membership: adds each server again, and warns of every error.
  for (const { name } of rig.config.nodes) {
    const added = await call(urlOf(rig, leader), 'conductor_addServerAsVoter', [name, `${name}:50050`, 0])
    expect(added).not.toHaveProperty('error')
  }

  // transfer-leader: to a healthy voter whose conductor is active, by the leader's conductor.
  const target = network.find(({ id, healthy }) => id !== leader && healthy)?.id ?? ''
  const moved = await call(urlOf(rig, leader), 'conductor_transferLeaderToServer', [target, `${target}:50050`])
  expect(moved).not.toHaveProperty('error')
  await rig.stage.leads((now) => now === target)
  expect(leaderIn(await update(rig))).toBe(target)

  // pause and resume: each conductor in turn.
  for (const [method, active] of [
    ['conductor_pause', false],
    ['conductor_resume', true],
  ] as const) {
    for (const { name } of rig.config.nodes) expect(await call(urlOf(rig, name), method)).not.toHaveProperty('error')
    expect((await update(rig)).map((each) => each.active)).toEqual(rig.config.nodes.map(() => active))
  }

  // override-leader: what its first call answers keeps it from the second, which would have op-node publish.
  const override = await call(urlOf(rig, leader), 'conductor_overrideLeader', [true])
  expect(override.error?.message).toContain('overrides no leader')
  expect(await call(urlOf(rig, leader), 'conductor_overrideLeader', [false])).not.toHaveProperty('error')
})
