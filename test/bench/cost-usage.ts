import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLogs, readMetrics } from '../aws/logs.ts'
import { Meter, type Metered } from '../aws/meter.ts'
import { AwsRig, CHAIN } from '../aws/rig.ts'

/** What one chain used of its AWS account while nothing went wrong. */
export type Usage = {
  readonly blockTime: 1 | 2
  readonly seconds: number
  readonly requests: ReadonlyMap<string, Metered>
  /** Bytes the functions wrote to their logs, by function, without what Lambda itself writes there. */
  readonly logged: ReadonlyMap<string, number>
  /** How long each run of the monitor took that ended in this time, in s. */
  readonly monitorRuns: readonly number[]
  /** Metrics with values in this time, by the function that emitted them. */
  readonly metrics: ReadonlyMap<string, number>
  /** Every process that watched: its CPU in s per s, and its resident memory in MB. */
  readonly monitors: readonly { readonly cpu: number; readonly mb: number }[]
  readonly alarms: { readonly ofChain: number; readonly ofBaton: number }
}

/** From here on two monitors run at any time but for the last five seconds of a minute. */
const SETTLED_MS = 125_000

/** Deploys into the emulated account, lets three real op-nodes make blocks, and counts whole minutes of it. */
export async function measureUsage(blockTime: 1 | 2, minutes: number): Promise<Usage> {
  const meter = new Meter()
  const rig = await AwsRig.create({ blockTime, meter })
  Object.assign(process.env, rig.emulator.env)
  try {
    await rig.cdk.bootstrap()
    await rig.deploy()
    const deployedAt = Date.now()
    await rig.writeSecrets()
    await rig.devnet.start()
    await rig.anotherLeads('', 120_000)
    await sleep(Math.max(5_000, deployedAt + SETTLED_MS - Date.now()))
    const processes = monitorProcesses()
    const before = processes.map(cpuSeconds)
    meter.reset()
    const began = Date.now()
    await sleep(minutes * 60_000)
    const requests = new Map(meter.counts)
    const seconds = (Date.now() - began) / 1_000
    const monitors = processes.flatMap((pid, i) => watched(pid, before[i], seconds))
    const lines = (await readLogs(rig)).filter(({ at }) => at >= began)
    return { blockTime, seconds, requests, monitors, ...readUsage(lines), alarms: await countAlarms(rig) }
  } finally {
    await rig.stop()
  }
}

/** Lines of Lambda itself. The emulator writes them for gate and archiver too, which on AWS are configured without. */
const OF_LAMBDA = /^(START|END|REPORT) RequestId: /

function readUsage(lines: Awaited<ReturnType<typeof readLogs>>): Pick<Usage, 'logged' | 'metrics' | 'monitorRuns'> {
  const logged = new Map<string, number>()
  const monitorRuns: number[] = []
  for (const { function: name, message } of lines) {
    if (!OF_LAMBDA.test(message)) logged.set(name, (logged.get(name) ?? 0) + Buffer.byteLength(message))
    const [, ms] = (name === 'Monitor' && /^REPORT .*\tDuration: ([\d.]+) ms/.exec(message)) || []
    if (ms !== undefined) monitorRuns.push(Number(ms) / 1_000)
  }
  const seen = new Map<string, string>()
  for (const { function: name, name: metric, dimensions } of readMetrics(lines)) {
    seen.set(`${metric} ${JSON.stringify(dimensions)}`, name)
  }
  const metrics = new Map<string, number>()
  for (const name of seen.values()) metrics.set(name, (metrics.get(name) ?? 0) + 1)
  return { logged, metrics, monitorRuns }
}

async function countAlarms({ client }: AwsRig): Promise<Usage['alarms']> {
  type Alarms = { MetricAlarms: { Dimensions?: { Name: string; Value: string }[] }[] }
  const target = 'GraniteServiceVersion20100801.DescribeAlarms'
  const { MetricAlarms } = await client.json<Alarms>('monitoring', target, { MaxRecords: 100 })
  const ofChain = MetricAlarms.filter(({ Dimensions = [] }) =>
    Dimensions.some(({ Name, Value }) => Name === 'chain' && Value === CHAIN),
  ).length
  return { ofChain, ofBaton: MetricAlarms.length - ofChain }
}

/** The emulator runs functions as processes of their own; their environment says which. */
function monitorProcesses(): number[] {
  const pids = execFileSync('pgrep', ['-x', 'node|MainThread'], { encoding: 'utf8' }).split('\n').filter(Boolean)
  return pids.map(Number).filter((pid) => {
    try {
      return /AWS_LAMBDA_FUNCTION_NAME=Baton-test-BatonMonitor/.test(readFileSync(`/proc/${pid}/environ`, 'utf8'))
    } catch {
      return false
    }
  })
}

/** A process that still runs after the time, with what it used in it. */
function watched(pid: number, before: number | undefined, seconds: number): Usage['monitors'] {
  try {
    const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return [{ cpu: (cpuSeconds(pid) - (before ?? 0)) / seconds, mb: kb / 1024 }]
  } catch {
    return []
  }
}

/** User and system time of a process; Linux counts them in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
