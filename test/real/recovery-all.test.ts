import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { rpc } from './devnet/rpc.ts'
import { pause, until } from './devnet/wait.ts'
import { blocks, committed, eligible, latest, reported, verdictOn } from './recovery/scene.ts'
import { Supervisor } from './recovery/supervisor.ts'

// Three hosts that each lose everything they have when they are killed (path scheme, not an archive),
// and no batcher: what was committed is nowhere but with Baton.
let rig: Rig
let supervisor: Supervisor

beforeAll(async () => {
  supervisor = await Supervisor.listen()
  rig = await Rig.create({
    blockTime: 1,
    batcher: false,
    storage: { scheme: 'path', gcmode: 'full' },
    configure: (config, devnet) => supervisor.configure(config, devnet),
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

const hashAt = async (url: string, number: number) =>
  (await rpc<{ hash: string } | null>(url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false]))?.hash

test('all hosts killed at once, the last committed block inserted nowhere: the chain goes on from it', async () => {
  await blocks(rig, 40)
  let orphan: { number: number; hash: string } | undefined
  rig.wire.intercept(async (commit): Promise<'drop'> => {
    orphan = commit
    await Promise.all(rig.devnet.hosts.map((host) => supervisor.lose(host)))
    return 'drop'
  })
  await until('the last block is committed, and all hosts are gone', () => orphan !== undefined)
  await pause(1_000)
  const begun = Date.now()
  expect(await committed(rig)).toBe(orphan?.number)
  for (const host of rig.devnet.hosts) supervisor.boot(host)
  await until('the chain goes on', async () => (await committed(rig)) > (orphan?.number ?? 0) + 3, { within: 150_000 })
  console.log(`all three killed: the next blocks ${Date.now() - begun} ms after they were booted`)
  const [first] = rig.devnet.hosts
  if (!first || !orphan) throw new Error('three hosts are needed')
  for (const host of rig.devnet.hosts) console.log(`${host.name}: well after ${await eligible(rig, host, begun)} ms`)
  expect(await hashAt(first.executionUrl, orphan.number)).toBe(orphan.hash)
  await rig.healthy()
  await checkChain(rig)
})

test('one node and the archive are enough; with none a person is called and nothing is invented', async () => {
  const [one, ...others] = rig.devnet.hosts
  if (!one) throw new Error('three hosts are needed')
  await Promise.all(rig.devnet.hosts.map((host) => supervisor.lose(host)))
  const head = await rig.ports.heads.read('901')
  const paged = async () =>
    (await rig.ports.history.list('901', { limit: 50 })).find(
      ({ what, at }) => what === 'page' && at > Date.now() - 60_000,
    )
  const page = await until('a person is called', paged, { within: 60_000 })
  console.log('none left:', page.reasons.map(({ code }) => code).join(', '))
  await pause(10_000)
  const after = await rig.ports.heads.read('901')
  expect(after).toMatchObject({ number: head?.number, hash: head?.hash })

  const begun = Date.now()
  supervisor.boot(one)
  const goesOn = async () => (await committed(rig)) > Number(head?.number) + 3
  await until('the chain goes on', goesOn, { within: 150_000 }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await reported(rig, one, begun)}`)
  })
  console.log(`one node left: the next blocks ${Date.now() - begun} ms after it was booted`)
  expect(await hashAt(one.executionUrl, Number(head?.number))).toBe(head?.hash)
  expect(await latest(one)).toBeGreaterThan(Number(head?.number))
  expect((await verdictOn(rig, one))?.role).toBe('leading')
  for (const host of others) supervisor.boot(host)
  await rig.healthy(150_000)
  await checkChain(rig)
})
