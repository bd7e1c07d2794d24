import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import type { StorageOptions } from './devnet/execution.ts'
import { pause } from './devnet/wait.ts'
import { eligible } from './recovery/scene.ts'
import { Supervisor } from './recovery/supervisor.ts'

// SIGKILLs of the leader's host at random moments. KILLS=30 does 30 with the path scheme and 10 with hash;
// without it a few of each.
const KILLS = Number(process.env.KILLS ?? 3)

const schemes: readonly (readonly [string, number, StorageOptions])[] = [
  ['path', KILLS, { scheme: 'path', gcmode: 'full' }],
  ['hash', Math.ceil(KILLS / 3), { scheme: 'hash', gcmode: 'full' }],
]

describe.each(schemes)('%s scheme, %d kills', (scheme, kills, storage) => {
  let rig: Rig
  let supervisor: Supervisor

  beforeAll(async () => {
    supervisor = await Supervisor.listen()
    rig = await Rig.create({
      blockTime: 1,
      storage,
      // Twelve moves an hour are enough for a chain that is not killed.
      configure: (config, devnet) => ({ ...supervisor.configure(config, devnet), policy: { budgetPerHour: 100 } }),
    })
    await rig.devnet.start()
    supervisor.keep(rig.devnet.hosts)
    await rig.startGate()
    rig.startMonitor()
    await rig.healthy()
  })
  afterAll(async () => {
    await supervisor?.stop()
    await rig?.stop()
  })

  test('each time the host is back as an eligible standby without a person, and no committed block is lost', async () => {
    const times: number[] = []
    for (let kill = 1; kill <= kills; kill++) {
      const name = await rig.healthy(150_000)
      const leader = rig.devnet.hosts.find((host) => host.name === name)
      if (!leader) throw new Error(`no host is called ${name}`)
      await pause(2_000 + Math.random() * 4_000)
      const begun = Date.now()
      await supervisor.crash(leader)
      times.push(await eligible(rig, leader, begun))
      console.log(
        `${scheme} kill ${kill} of ${leader.name}: eligible after ${((times.at(-1) ?? 0) / 1_000).toFixed(1)} s`,
      )
    }
    const sorted = times.toSorted((a, b) => a - b)
    const seconds = (ms = 0) => (ms / 1_000).toFixed(1)
    const median = sorted[Math.floor(sorted.length / 2)]
    console.log(`${scheme}: ${kills} kills, median ${seconds(median)} s, worst ${seconds(sorted.at(-1))} s`)
    await rig.healthy(150_000)
    await checkChain(rig)
    const history = await rig.ports.history.list('901', { limit: 500 })
    expect(history.filter(({ actor }) => actor.kind === 'operator')).toEqual([])
  }, 3_000_000)
})
