import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batonAlarms } from '../../lib/cdk/alarms/baton-alarms.ts'
import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { renderReason } from '../../lib/protocol/reason.ts'
import type { HistoryRecord } from '../../lib/protocol/records.ts'
import { baton } from '../cli/run-cli.ts'
import { functions } from '../lambdas/harness/bundle.ts'
import { chainDifferences, longestGap, watchBlocks } from '../real/devnet/observe.ts'
import { until } from '../real/devnet/wait.ts'
import { archived } from './archive.ts'
import { account } from './emulator.ts'
import { readLogs, readMetrics } from './logs.ts'
import { AwsRig, CHAIN, configure } from './rig.ts'
import { runWorkflow } from './workflow.ts'

let rig: AwsRig
const head = async () => {
  const found = await rig.stores.heads.read(CHAIN)
  if (!found) throw new Error('the chain has no head')
  return found
}
const reportRecord = ({ what, term, reasons }: HistoryRecord) =>
  `term ${term}: ${what}: ${reasons.map(renderReason).join('; ')}`
/** The devnet's configuration names no L1 endpoint of our own. */
const raised = chainAlarms.filter(({ needs }) => needs === undefined)
/** Commits refused because of what they are. A store that a busy machine kept from answering in time refuses nothing: they come again. */
const refusedByRule = () => rig.wire.refused.filter(({ message }) => message !== 'store unavailable')
/** The longest time between two acknowledged commits since a moment, in seconds. */
const longestPause = (since: number) => {
  const times = rig.wire.acknowledged.map(({ at }) => at).filter((at) => at >= since)
  return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at))) / 1_000
}

beforeAll(async () => {
  rig = await AwsRig.create()
  Object.assign(process.env, rig.emulator.env)
  await rig.cdk.bootstrap()
  await rig.deploy()
  await rig.writeSecrets()
})
afterAll(() => rig?.stop())

describe('what was deployed', () => {
  test('every function of lambdas/, on Node 24 on arm64', async () => {
    type Functions = { Functions: { FunctionName: string; Runtime: string; Architectures: string[] }[] }
    const { Functions } = (await (await rig.client.send('lambda', '/2015-03-31/functions')).json()) as Functions
    const names = Functions.map(
      ({ FunctionName }) => /(?:Baton|Resequencing)([A-Z][A-Za-z]+?)Function/.exec(FunctionName)?.[1],
    )
    const capital = (file: string) => file.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
    // One file carries five operations out, each in a function of its own.
    const operations = ['Switchover', 'Upgrade', 'CrashRecovery', 'Backfill', 'Disaster']
    // In an emulator no deploy waits for the monitor: no false alarm would wake anybody there.
    const deployed = functions.filter((file) => file !== 'settle')
    const expected = deployed.flatMap((file) => (file === 'operation' ? operations : [capital(file)]))
    expect(names.toSorted()).toEqual(expected.toSorted())
    for (const { Runtime, Architectures } of Functions)
      expect([Runtime, Architectures]).toEqual(['nodejs24.x', ['arm64']])
  })

  test('four tables on demand, with a stream of what others follow', async () => {
    const { HeadsTable, LeasesTable, HistoryTable, PayloadsTable } = rig.outputs
    const described = [HeadsTable, LeasesTable, HistoryTable, PayloadsTable].map((TableName) => {
      type Described = { Table: { LatestStreamArn?: string; BillingModeSummary: { BillingMode: string } } }
      return rig.client.json<Described>('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName })
    })
    const tables = (await Promise.all(described)).map(({ Table }) => Table)
    expect(tables.map(({ BillingModeSummary }) => BillingModeSummary.BillingMode)).toEqual(
      Array(4).fill('PAY_PER_REQUEST'),
    )
    expect(tables.map(({ LatestStreamArn }) => LatestStreamArn !== undefined)).toEqual([true, false, true, false])
  })

  test('every alarm, with its description', async () => {
    type Alarms = { MetricAlarms: { AlarmDescription: string }[] }
    const target = 'GraniteServiceVersion20100801.DescribeAlarms'
    const { MetricAlarms } = await rig.client.json<Alarms>('monitoring', target, { MaxRecords: 100 })
    const described = MetricAlarms.map(({ AlarmDescription }) => AlarmDescription).join('\n')
    const { workflowFailed: _, ...alarms } = batonAlarms
    for (const { id } of [...raised, ...Object.values(alarms)]) {
      expect(described).toContain(`docs/runbooks.md#${id}`)
    }
  })

  test('the configuration as a parameter, without secrets', async () => {
    const Name = `/baton/test/chains/${CHAIN}/config`
    type Got = { Parameter: { Type: string; Value: string } }
    const { Parameter } = await rig.client.json<Got>('ssm', 'AmazonSSM.GetParameter', { Name })
    expect(Parameter.Type).toBe('String')
    expect(JSON.parse(Parameter.Value)).toMatchObject({ chain: { id: Number(CHAIN) } })
  })
})

describe('the gate', () => {
  const call = (authorization: string | undefined, node = 'node0') =>
    fetch(`${rig.outputs.GateUrl}/v1/chains/${CHAIN}/nodes/${node}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_leader', params: [] }),
    })
  const basic = (secret: string) => `Basic ${btoa(`x:${secret}`)}`

  test('answers, and reaches its store with the rights it has', async () => {
    expect((await fetch(`${rig.outputs.GateUrl}/healthz`)).status).toBe(200)
    expect((await fetch(`${rig.outputs.GateUrl}/readyz`)).status).toBe(200)
  })

  test('knows a node by its secret, and no other', async () => {
    const known = await call(basic('s3cret/of-node0'))
    expect(await known.json()).toMatchObject({ result: false })
    for (const authorization of [undefined, basic('wrong'), basic('s3cret/of-node1')]) {
      expect((await call(authorization)).status).toBe(401)
    }
  })
})

test('three op-nodes start with the deployed API as their conductor, and the deployed monitor bootstraps them', async () => {
  await rig.devnet.start()
  const leader = await rig.anotherLeads('', 180_000)
  expect(rig.devnet.hosts.map(({ name }) => name)).toContain(leader)
})

test('100 blocks', async () => {
  const began = await head()
  await until('100 more blocks', async () => (await head()).number >= began.number + 100n, {
    within: 180_000,
    every: 500,
  })
  expect(refusedByRule()).toEqual([])
})

test('a deploy in the middle costs no block', async () => {
  const since = Date.now()
  const before = await head()
  const refused = refusedByRule().length
  rig.cdk.configure(configure(rig.devnet, { budgetPerHour: 9 }))
  await rig.deploy()
  await until('blocks go on', async () => (await head()).number > before.number + 10n, { within: 60_000, every: 200 })
  console.log(`longest time between two commits during a deploy: ${longestPause(since).toFixed(2)} s`)
  expect((await head()).term).toBe(before.term)
  expect(refusedByRule().slice(refused)).toEqual([])
  expect(longestPause(since)).toBeLessThan(3)
})

test("the leader's op-node is killed: the deployed monitor moves sequencing", async () => {
  const { leader: name } = await head()
  const leader = rig.named(name)
  const follower = rig.devnet.hosts.find((host) => host !== leader)
  if (!follower) throw new Error('three hosts are needed')
  // An emulator ends the run of a function that a deploy changes; AWS lets it end by itself.
  await until(
    'a monitor runs again',
    async () => ((await rig.stores.monitorLease.read(CHAIN))?.until ?? 0) > Date.now(),
    {
      within: 90_000,
      every: 500,
    },
  )
  const watch = watchBlocks(follower.executionUrl)
  try {
    await watch.more(2)
    await leader.killOpNode()
    const next = await rig.anotherLeads(name)
    await watch.more(3)
    const gap = longestGap(watch.sightings, rig.devnet.blockTime)
    console.log(`failover by the deployed monitor, ${name} to ${next}: ${gap?.seconds.toFixed(2)} s without a block`)
    expect(watch.replaced).toEqual([])
    // On an emulated account: how long it takes on a machine of its own is measured by bench:failover.
    expect(gap?.seconds).toBeLessThan(30)
  } finally {
    await watch.stop()
    await leader.startOpNode()
    await rig.devnet.connectPeers()
  }
})

describe('the switchover, started as the console does', () => {
  const target = async () => {
    const { leader } = await head()
    const to = rig.devnet.hosts.find(({ name }) => name !== leader)?.name ?? ''
    await until(
      `${to} can take over`,
      async () =>
        (await runWorkflow(rig, 'Switchover', { chain: CHAIN, to, by: 'test', dryRun: true })).status === 'SUCCEEDED',
      { within: 60_000, every: 1_000 },
    )
    return to
  }

  test('a dry run changes nothing', async () => {
    const before = await head()
    const { path } = await runWorkflow(rig, 'Switchover', {
      chain: CHAIN,
      to: await target(),
      by: 'test',
      dryRun: true,
    })
    expect(path.at(-1)).toBe('Would switch over')
    expect((await head()).term).toBe(before.term)
  })

  test('moves sequencing to the node it names', async () => {
    const to = await target()
    let since = Date.now()
    const run = () => runWorkflow(rig, 'Switchover', { chain: CHAIN, to, by: 'test' })
    let ended = await run()
    // A target that a busy machine lets miss its slot is rolled back, as it should be: then once more.
    for (let again = 0; again < 2 && ended.path.at(-1) === 'Rolled back'; again++) {
      since = Date.now()
      ended = await run()
    }
    const why = async () => (await rig.stores.history.list(CHAIN, { limit: 5 })).map(reportRecord).join('\n')
    expect(ended.path.at(-1), `${ended.cause}\n${await why()}`).toBe('Switched over')
    expect(ended.status).toBe('SUCCEEDED')
    expect((await head()).leader).toBe(to)
    console.log(`longest time between two commits during the switchover: ${longestPause(since - 3_000).toFixed(2)} s`)
  })

  test('refuses a node that is none', async () => {
    const ended = await runWorkflow(rig, 'Switchover', { chain: CHAIN, to: 'node9', by: 'test' })
    expect(ended).toMatchObject({ status: 'FAILED', error: 'SwitchoverRefused' })
  })
})

test('the other procedures plan as deployed, and change nothing', async () => {
  const before = await head()
  const asked = { chain: CHAIN, by: 'test', dryRun: true }
  const survey = await runWorkflow(rig, 'Disaster', { ...asked, kind: 're-seed', hash: '' })
  expect(survey.path.at(-1), survey.cause).toBe('Would act')
  const hash = `0x${'ab'.repeat(32)}`
  const wrong = await runWorkflow(rig, 'Disaster', { ...asked, kind: 're-seed', hash, dryRun: false })
  expect(wrong).toMatchObject({ error: 'DisasterRefused', cause: expect.stringContaining('neither a node nor') })
  const upgrade = await runWorkflow(rig, 'Upgrade', { ...asked, to: 'v2' })
  expect(upgrade).toMatchObject({
    error: 'UpgradeNotBegun',
    cause: expect.stringContaining('no host access configured'),
  })
  expect((await head()).term).toBe(before.term)
})

describe('the dashboard', () => {
  const nameOf = async (kind: string) => {
    type Functions = { Functions: { FunctionName: string }[] }
    const { Functions } = (await (await rig.client.send('lambda', '/2015-03-31/functions')).json()) as Functions
    return Functions.find(({ FunctionName }) => FunctionName.includes(`Baton${kind}Function`))?.FunctionName ?? ''
  }

  test('has the page with its buttons, and a description', async () => {
    const widget = await nameOf('Widget')
    const page = await rig.client.invoke<string>(widget, { chain: CHAIN, widgetContext: { theme: 'dark' } })
    expect(page).toContain((await head()).leader)
    expect(page).toContain('cwdb-action')
    // From the archive, with the rights of its role: the newest blocks, and those around the switchover.
    expect(page).toMatch(/Commits of the last [^:]+: [1-9]\d* blocks?, /)
    expect(page).toMatch(/Switchover from [^<]*<\/b>[\s\S]*?slots? missed, [\d.]+ s between the blocks/)
    expect(await rig.client.invoke<string>(widget, { describe: true })).toContain('Baton')
  })

  test('pauses and resumes, with who did it in the history', async () => {
    const act = await nameOf('Act')
    for (const [name, mode] of [
      ['pause', 'paused'],
      ['resume', 'auto'],
    ] as const) {
      await rig.client.invoke(act, { act: name, chain: CHAIN, by: 'test' })
      expect((await rig.stores.leases.read(CHAIN))?.mode).toBe(mode)
    }
    const history = await rig.stores.history.list(CHAIN, { limit: 50 })
    expect(history.filter(({ actor }) => actor.name === 'test').map(({ what }) => what)).toContain('pause')
  })
})

test('the CLI works on what was deployed, by the name in the outputs', async () => {
  const run = (...words: string[]) =>
    baton([...words, '--config', rig.outputs.Chain901Config ?? ''], import.meta.dirname, rig.emulator.env)
  expect((await run('status')).out).toContain((await head()).leader)
  expect(await run('pause')).toMatchObject({ code: 0, err: '' })
  expect((await rig.stores.leases.read(CHAIN))?.modeBy).toBe('ada')
  expect(await run('resume')).toMatchObject({ code: 0, err: '' })
})

test('what alarms look at is emitted, with exactly their dimensions', async () => {
  const names = new Set<string>()
  await until(
    'every metric was seen',
    async () => {
      for (const { name, dimensions } of readMetrics(await readLogs(rig))) {
        if (JSON.stringify(dimensions) === JSON.stringify({ baton: 'test', chain: CHAIN })) names.add(name)
      }
      return wanted.every((name) => names.has(name))
    },
    { within: 150_000, every: 5_000, hint: `${wanted.filter((name) => !names.has(name))}` },
  ).catch(() => undefined)
  expect(wanted.filter((name) => !names.has(name))).toEqual([])
})
/** Where silence is fine, a metric has values only when something is wrong; of those, what went wrong above. */
const wanted = [
  ...raised.filter(({ silence }) => silence !== 'fine').map(({ metric }) => metric),
  'Failovers',
  'CommitLatency',
] as const

test('one chain, every acknowledged block in it and in the archive once', async () => {
  const upto = (await head()).number
  await until(
    'all nodes have the head',
    async () => (await chainDifferences(rig.devnet.hosts, Number(upto))).length === 0,
    { within: 30_000, every: 500 },
  )
  const acknowledged = new Map<number, string>()
  for (const { number, hash } of rig.wire.acknowledged) {
    expect(acknowledged.get(number) ?? hash, `block ${number} was acknowledged twice`).toBe(hash)
    acknowledged.set(number, hash)
  }
  const numbers = [...acknowledged.keys()].filter((number) => number <= Number(upto))
  await until('the archive has the head', async () => (await archived(rig)).has(Number(upto)), {
    within: 30_000,
    every: 500,
  })
  const found = await archived(rig)
  for (const number of numbers) expect(found.get(number), `block ${number}`).toEqual([acknowledged.get(number)])
  console.log(`${numbers.length} blocks acknowledged and archived, ${rig.wire.refused.length} commits refused`)
})

test('nothing was left in the dead letters', async () => {
  type Queues = { QueueUrls?: string[] }
  const { QueueUrls = [] } = await rig.client.json<Queues>('sqs', 'AmazonSQS.ListQueues', {})
  const queues = QueueUrls.filter((url) => url.includes('DeadLetters'))
  expect(queues).toHaveLength(2)
  for (const QueueUrl of queues) {
    type Counted = { Attributes: { ApproximateNumberOfMessages: string } }
    const input = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }
    const { Attributes } = await rig.client.json<Counted>('sqs', 'AmazonSQS.GetQueueAttributes', input)
    expect(Attributes.ApproximateNumberOfMessages, QueueUrl).toBe('0')
  }
})

test('`cdk destroy` takes the functions and keeps the data', async () => {
  const last = await head()
  const blocks = (await archived(rig)).size
  await rig.cdk.destroy()
  const functions = (await (await rig.client.send('lambda', '/2015-03-31/functions')).json()) as { Functions: object[] }
  expect(functions.Functions).toEqual([])
  expect((await head()).number).toBeGreaterThanOrEqual(last.number)
  expect((await rig.stores.history.list(CHAIN, { limit: 1 })).length).toBe(1)
  expect((await archived(rig)).size).toBeGreaterThanOrEqual(blocks)
  expect(account.id).toBe('000000000000')
})
