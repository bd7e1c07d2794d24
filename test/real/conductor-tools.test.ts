import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { freePorts } from './devnet/ports.ts'
import { until } from './devnet/wait.ts'
import { findInfra } from './infra/checkout.ts'
import { type Look, OpConductorMon } from './infra/op-conductor-mon.ts'
import { OpConductorOps } from './infra/op-conductor-ops.ts'
import { anotherLeads, scene } from './scenarios.ts'

// op-conductor-ops and op-conductor-mon of ethereum-optimism/infra, unchanged, on a chain that Baton runs. Where their
// sources cannot be had, test/conductor/{ops,mon}.test.ts speak as they do.
const infra = await findInfra()

const SECRET = { operator: 'secret-of-operators', reader: 'secret-of-readers' }
const NONVOTER = 'node2'

let rig: Rig
let ops: OpConductorOps
let mon: OpConductorMon
/** op-conductor-ops whose config.toml calls every node a voter. */
let mistaken: OpConductorOps
beforeAll(async () => {
  if (infra === undefined) return
  let gatePort = 0
  rig = await Rig.create({
    configure: ({ gate, nodes, ...config }) => {
      gatePort = (gate as unknown as { port: number }).port
      return {
        ...config,
        nodes: nodes.map((node, index) => ({ ...node, noFailover: `node${index}` === NONVOTER })),
        gate: { port: gatePort, operators: [SECRET.operator], readers: [SECRET.reader] },
      }
    },
  })
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
  const at = (user: string, secret: string, node: string) =>
    `http://${user}:${secret}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`
  const sequencers = (voting: (name: string) => boolean) =>
    Object.fromEntries(
      rig.devnet.hosts.map(({ name, consensusUrl }) => [
        name,
        { conductor: at('ops', SECRET.operator, name), node: consensusUrl, voting: voting(name) },
      ]),
    )
  const { logs } = rig.devnet.folder
  ops = await OpConductorOps.create(
    infra,
    logs,
    sequencers((name) => name !== NONVOTER),
  )
  mistaken = await OpConductorOps.create(
    infra,
    logs,
    sequencers(() => true),
  )
  const [port = 0] = await freePorts(1)
  const conductors = rig.devnet.hosts.map(({ name }) => [name, at('mon', SECRET.reader, name)])
  mon = await OpConductorMon.start(infra, logs, port, Object.fromEntries(conductors))
})
afterAll(async () => {
  await mon?.process.kill()
  await rig?.stop()
})

const names = () => rig.devnet.hosts.map(({ name }) => name)
const ofAll = <T>(value: T) => Object.fromEntries(names().map((name) => [name, value]))
/** op-conductor-mon says this within some of its polls. */
const says = (what: string, test: (look: Look) => boolean) =>
  until(`op-conductor-mon: ${what}`, async () => test(await mon.look()), { within: 15_000, hint: mon.process.log })
const headNumber = async () => (await rig.ports.heads.read('901'))?.number ?? 0n

/** Both tools agree on a well chain that this node leads; a machine with other work may need more than one look. */
async function checkWell(leader: string) {
  await until('op-conductor-ops: all is well', async () => {
    const { rows, warnings } = await ops.status()
    expect(warnings).toEqual([])
    for (const name of names())
      expect(rows[name], name).toMatchObject({
        active: true,
        healthy: true,
        leader: name === leader,
        sequencing: name === leader,
        voting: name !== NONVOTER,
        hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      })
    return true
  })
  await until(
    'op-conductor-mon: all is well',
    async () => {
      const look = await mon.look()
      const own = (name: string) => (name === leader ? ['leader'] : [])
      expect(look).toEqual({
        leaders: 1,
        states: Object.fromEntries(names().map((name) => [name, ['active', 'healthy', ...own(name)]])),
        leader: ofAll(leader),
        members: ofAll(3),
        voters: ofAll(2),
      })
      return true
    },
    { hint: mon.process.log },
  )
}

describe.skipIf(infra === undefined)('on a chain of real nodes', () => {
  test('status and op-conductor-mon describe the chain alike', async () => {
    const { leader } = await scene(rig)
    expect(await ops.run('list-networks')).toMatchObject({ code: 0, text: expect.stringContaining('devnet') })
    await checkWell(leader.name)
  })

  test('transfer-leader moves the chain to a voter only', async () => {
    const { leader } = await scene(rig)
    const target = names().find((name) => name !== leader.name && name !== NONVOTER) ?? ''
    expect(await ops.run('transfer-leader', 'devnet', NONVOTER)).toMatchObject({
      code: 1,
      text: expect.stringContaining('is not a voter'),
    })
    expect(await ops.run('transfer-leader', 'devnet', target)).toEqual({
      code: 0,
      text: `Successfully transferred leader to ${target}\n`,
    })
    expect(await anotherLeads(rig, leader.name)).toBe(target)
    await rig.healthy()
    await checkWell(target)
  })

  test('pause and resume: paused, Baton leaves a halted sequencer alone until force-active-sequencer or resume', async () => {
    const { leader, standbys } = await scene(rig)
    const halt = () => ops.run('halt-sequencer', 'devnet')
    expect(await halt()).toMatchObject({ code: 1, text: expect.stringContaining('run the `pause` command') })

    const paused = await ops.run('pause', 'devnet')
    expect(paused).toEqual({
      code: 0,
      text: names()
        .map((name) => `Successfully paused ${name}\n`)
        .join(''),
    })
    await says('paused', ({ states }) =>
      names().every((name) => states[name]?.includes('paused') && !states[name]?.includes('active')),
    )
    expect((await mon.look()).leaders).toBe(1)
    const before = await headNumber()
    await until('a paused chain goes on', async () => (await headNumber()) > before)

    expect(await halt()).toMatchObject({ code: 0, text: expect.stringContaining(leader.name) })
    const halted = await headNumber()
    // A standby may not be forced: op-node asks its conductor, which says that another leads.
    const forced = await ops.run('force-active-sequencer', 'devnet', standbys[0]?.name ?? '')
    expect(forced).toMatchObject({ code: 1, text: expect.stringContaining('not the leader') })
    expect(await headNumber()).toBe(halted)
    expect(await ops.run('force-active-sequencer', 'devnet', leader.name)).toMatchObject({ code: 0 })
    await until('the leader goes on', async () => (await headNumber()) > halted)

    expect(await halt()).toMatchObject({ code: 0 })
    const resumed = await ops.run('resume', 'devnet')
    expect(resumed).toEqual({
      code: 0,
      text: names()
        .map((name) => `Successfully resumed ${name}\n`)
        .join(''),
    })
    await checkWell(await rig.healthy())
  })

  test('override-leader changes nothing, here and at the node, and says what to do; --remove succeeds', async () => {
    const { leader, standbys } = await scene(rig)
    const standby = standbys[0]?.name ?? ''
    const overridden = await ops.run('override-leader', 'devnet', standby)
    expect(overridden).toMatchObject({ code: 1, text: expect.stringContaining(`baton switchover --to ${standby}`) })
    expect(await ops.run('override-leader', 'devnet', standby, '--remove', '--y')).toMatchObject({
      code: 0,
      text: expect.stringContaining(`Successfully overrode leader for ${standby} to False`),
    })
    expect(await rig.healthy()).toBe(leader.name)
    await checkWell(leader.name)
  })

  test('membership: what is so succeeds; what differs is named, and stays', async () => {
    const { leader } = await scene(rig)
    const updated = await ops.run('update-cluster-membership', 'devnet')
    expect(updated.code).toBe(0)
    for (const name of names())
      expect(updated.text).toContain(`Successfully added ${name} as ${name === NONVOTER ? 'non-voter' : 'voter'}`)

    expect((await mistaken.status()).warnings).toEqual([
      expect.stringContaining(`${NONVOTER} does not have the correct voting status`),
      expect.stringContaining('update-cluster-membership'),
    ])
    const wrong = await mistaken.run('update-cluster-membership', 'devnet')
    expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('written in its configuration') })
    expect(await ops.run('remove-server', 'devnet', leader.name)).toMatchObject({
      code: 1,
      text: expect.stringContaining('written in its configuration'),
    })
    expect(await ops.run('bootstrap-cluster', 'devnet')).toMatchObject({
      code: 0,
      text: expect.stringContaining('already healthy. Skipping bootstrap'),
    })
    expect(await ops.run('bootstrap-standby-cluster', 'devnet')).toMatchObject({
      code: 1,
      text: expect.stringContaining(`${leader.name} is active`),
    })
    await checkWell(leader.name)
  })

  test('a lost leader: both tools show who is not healthy and who took over', async () => {
    const { leader } = await scene(rig)
    await leader.kill()
    const next = await anotherLeads(rig, leader.name)
    expect(next).not.toBe(NONVOTER)
    await says(
      `${leader.name} is not healthy, ${next} leads`,
      ({ leaders, states, leader: reported }) =>
        leaders === 1 &&
        !states[leader.name]?.includes('healthy') &&
        !states[leader.name]?.includes('leader') &&
        states[next]?.includes('leader') === true &&
        names().every((name) => reported[name] === next),
    )
    const { rows } = await ops.status()
    expect(rows[leader.name]).toMatchObject({ active: true, healthy: false, leader: false })
    expect(rows[next]).toMatchObject({ healthy: true, leader: true, sequencing: true })

    await leader.start()
    await rig.devnet.connectPeers()
    await checkWell(await rig.healthy())
    await checkChain(rig)
  })
})
