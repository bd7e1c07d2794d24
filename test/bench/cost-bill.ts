import { batonAlarms } from '../../lib/cdk/alarms/baton-alarms.ts'
import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { monitorMemory } from '../../lib/cdk/monitor.ts'
import { HAND_OVER_MS } from '../../lib/monitor/pace.ts'
import { fitsItem, inlineBytesOnAws, MAX_SMALL_BYTES } from '../../lib/store/payload.ts'
import type { HostUsage } from './cost-hosts.ts'
import type { Usage } from './cost-usage.ts'
import { assumed, HOURS_A_MONTH, prices } from './prices.ts'

/** How a fleet reaches the gate. */
export type Access = 'sidecar' | 'private-api'

/** What is billed: `headKb` is the size of a head item that has its payload inline. */
export type Plan = {
  readonly access: Access
  readonly chains: number
  readonly headKb: number
  /** What the monitors of two hosts use; absent = the monitor is a function. */
  readonly hosts?: HostUsage | undefined
}

/** One line of a month's bill, in dollars: for the first chain or none, and for each chain. */
export type BillLine = { readonly what: string; readonly once: number; readonly eachChain: number }

const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600
/**
 * How many runs of the monitor there are at any time: they start each minute and end when their successor is warm. If
 * none ended while it was counted, a start and the last turn are taken to need 3 s.
 */
function monitorsAtOnce({ monitorRuns }: Pick<Usage, 'monitorRuns'>): number {
  const seconds = monitorRuns.reduce((sum, each) => sum + each, 0) / monitorRuns.length
  return (monitorRuns.length > 0 ? seconds : 60 + HAND_OVER_MS / 1_000 + 3) / 60
}
/** One acts and one stands by; both look at the nodes. */
const MONITORS_ON_HOSTS = 2
const GB = 1e9
const KB = 1_024
/** Alarms that a chain does not have where hosts run the gate; what is measured has one in Lambda. */
const ofGate = chainAlarms.filter(({ needs }) => needs === 'gate').length
/**
 * Alarms of all chains beside those measured: where hosts run the gate there is none on throttling, and on AWS a gate in
 * Lambda has one for its canary, which the emulator has not.
 */
const BESIDE: Readonly<Record<Access, number>> = { sidecar: -1, 'private-api': 1 }

/** Alarms of all chains that only a monitor in Lambda could set off. */
const ofMonitor = [batonAlarms.monitorFails, batonAlarms.monitorDeadLetters].length

const line = (what: string, eachChain: number, once = 0): BillLine => ({ what, once, eachChain })
const run = (mb: number, ms: number) => prices.lambdaRequest + (mb / KB) * (ms / 1_000) * prices.lambdaGbSecond

/** What a month has of the requests that were counted. */
function monthlyOf({ requests, seconds }: Pick<Usage, 'requests' | 'seconds'>) {
  return (pick: RegExp, of: 'calls' | 'units' | 'bytes') =>
    ([...requests].reduce((sum, [name, metered]) => (pick.test(name) ? sum + metered[of] : sum), 0) * SECONDS_A_MONTH) /
    seconds
}

/**
 * What a month has of what was counted. A busy machine sends a commit twice: each block is billed once, and what was
 * counted of a block's own calls and logs is divided by the commits that were sent.
 */
function monthOf(usage: Usage) {
  const months = SECONDS_A_MONTH / usage.seconds
  const monthly = monthlyOf(usage)
  const commits = SECONDS_A_MONTH / usage.blockTime
  const ofBlocks = commits / Math.max(commits, monthly(/UpdateItem Heads/, 'calls'))
  const logsOf = (name: string, runs: number, share = 1) =>
    (((usage.logged.get(name) ?? 0) * months * share + runs * assumed.platformLogBytes) / GB) * prices.logGb
  const metrics = (name: string) => (usage.metrics.get(name) ?? 0) * prices.metricMonth
  const calls = Math.max(commits, monthly(/api call/, 'calls') * ofBlocks)
  return { monthly, logsOf, metrics, commits, calls, ofBlocks }
}

/**
 * Where a block of a size goes, and what of it is billed, by the rules of the gate and the archiver: into the head and
 * the table of payloads, or once into an object, which head and table name.
 */
function billedBlock(headKb: number, blockTimeMs: number) {
  const payload = Math.max(400, headKb * KB - assumed.headFieldBytes)
  const inline = payload <= inlineBytesOnAws(blockTimeMs) && fitsItem({ length: payload } as Uint8Array)
  const small = payload <= MAX_SMALL_BYTES
  return {
    payload,
    headUnits: inline ? Math.ceil((payload + assumed.headFieldBytes) / KB) : 1,
    readUnits: inline ? Math.ceil((payload + assumed.headFieldBytes) / (4 * KB)) : 1,
    archiveUnits: small ? Math.ceil((payload + assumed.archivedFieldBytes - 100) / KB) : 1,
    tableBytes: small ? payload + assumed.archivedFieldBytes : 2 * assumed.archivedFieldBytes,
    objects: Number(!small),
    objectBytes: small ? 0 : payload,
    /** Before a gate writes an object, it reads the head; the archiver reads the object to prove it. */
    looks: Number(!inline),
  }
}

/** The bill of a month in which nothing goes wrong, of chains that are all like the measured one. */
export function billOf(usage: Usage, { access, chains, headKb, hosts }: Plan): BillLine[] {
  const { logsOf, metrics, commits, ofBlocks, monthly: deployed } = monthOf(usage)
  // The gates' own reads are few; where the monitor is a function they are counted with its own.
  const monthly = monthlyOf(hosts ?? usage)
  const block = billedBlock(headKb, usage.blockTime * 1_000)
  const stored = commits * assumed.archiveMonths
  const alarmsOfChain = usage.alarms.ofChain - (access === 'sidecar' ? ofGate : 0)
  const headReads = monthly(/GetItem Heads/, 'calls') * block.readUnits + commits * block.looks
  const otherReads = monthly(/(GetItem|Query) (Leases|History|Payloads)/, 'units')
  const archiverMs = assumed.archiverMs + (block.payload / KB) * assumed.archiverMsEachKb
  const common = [
    ...(hosts ? monitorOnHosts(hosts) : monitorFunction(usage, chains)),
    line('archive: its table, writes', commits * block.archiveUnits * prices.dynamoWrite),
    line('archive: its table, storage', ((stored * block.tableBytes) / GB) * prices.dynamoGbMonth),
    line('archive: objects', commits * block.objects * (prices.s3Put + block.looks * prices.s3Get)),
    line('archive: objects, storage', ((stored * block.objectBytes) / GB) * prices.s3GbMonth),
    line('archive: its function', commits * run(512, archiverMs)),
    line('DynamoDB: commits', commits * block.headUnits * prices.dynamoWrite),
    line('DynamoDB: leases', monthly(/(UpdateItem|PutItem) (Leases|History)/, 'units') * prices.dynamoWrite),
    line('DynamoDB: reads', (headReads + otherReads) * prices.dynamoRead),
    line('metrics', (hosts ? hosts.metrics * prices.metricMonth : metrics('Monitor')) + metrics('Archiver')),
    line(
      'alarms',
      alarmsOfChain * prices.alarmMonth,
      (usage.alarms.ofBaton + BESIDE[access] - (hosts ? ofMonitor : 0)) * prices.alarmMonth,
    ),
    line('logs of the archiver', logsOf('Archiver', 0, ofBlocks)),
    line(
      'tries of the way to the gate: objects',
      // Wherever the monitor runs, each standby tries its way as often; beside the simulated nodes there is no bucket.
      deployed(/^s3 PUT/, 'calls') * prices.s3Put + deployed(/^s3 GET/, 'calls') * prices.s3Get,
    ),
    line('traffic between zones, at most', zoneDollars(headKb, hosts ? MONITORS_ON_HOSTS : monitorsAtOnce(usage))),
  ].filter(({ once, eachChain }) => once + eachChain >= 0.005)
  return access === 'sidecar' ? common : [...privateApi(usage), ...common]
}

/** The monitor in Lambda: its time, its starts and its logs. */
function monitorFunction(usage: Usage, chains: number): BillLine[] {
  const { logsOf } = monthOf(usage)
  const runs = HOURS_A_MONTH * 60
  const atOnce = monitorsAtOnce(usage)
  return [
    line(`monitor, ${monitorMemory(chains)} MB, ${atOnce.toFixed(2)} of them`, 0, monitorDollars(chains, atOnce)),
    line('logs of the monitor', logsOf('Monitor', 0), logsOf('', runs)),
    line('schedule', 0, runs * prices.schedule),
  ]
}

/** Monitors on hosts that are there anyway write their metrics themselves, for all chains in one call. */
function monitorOnHosts({ cloudwatchCalls, seconds }: HostUsage): BillLine[] {
  return [line('CloudWatch: calls', 0, ((cloudwatchCalls * SECONDS_A_MONTH) / seconds) * prices.metricCall)]
}

/** What a private API adds. */
function privateApi(usage: Usage): BillLine[] {
  const { monthly, logsOf, metrics, calls, ofBlocks } = monthOf(usage)
  return [
    line(`private API: VPC endpoint in ${assumed.zones} zones`, 0, assumed.zones * HOURS_A_MONTH * prices.endpointHour),
    line('private API: calls', calls * prices.apiCall),
    line('private API: data', ((monthly(/api call/, 'bytes') * ofBlocks) / GB) * prices.endpointGb),
    line('gate: its function', calls * run(1_024, assumed.gateMs)),
    line('gate: metrics and logs', metrics('Gate') + logsOf('Gate', 0, ofBlocks)),
  ]
}

/** What is not in a bill unless it is chosen or there is no other way. */
export const byChoice: readonly BillLine[] = [
  line('dashboard; the first three of an account are free', 0, prices.dashboardMonth),
  line(
    'SSM endpoint: only with "engine", "host" or long configurations, and no NAT',
    0,
    assumed.zones * HOURS_A_MONTH * prices.endpointHour,
  ),
  line('NAT gateway: only to reach an L1 endpoint outside the VPC', 0, HOURS_A_MONTH * prices.natHour),
]

/** What all chains together cost in a month. */
export function total(lines: readonly BillLine[], chains: number): number {
  return lines.reduce((sum, { once, eachChain }) => sum + once + chains * eachChain, 0)
}

function monitorDollars(chains: number, atOnce: number): number {
  const gb = monitorMemory(chains) / KB
  const seconds = atOnce * SECONDS_A_MONTH
  return seconds * gb * prices.lambdaGbSecond + HOURS_A_MONTH * 60 * prices.lambdaRequest
}

/** Each second, each monitor looks at each node. */
function zoneDollars(headKb: number, monitors: number): number {
  const transactions = 1 + Math.max(0, headKb - 1) * assumed.transactionsEachKb
  const bytes = assumed.lookBytes + transactions * assumed.lookBytesEachTransaction
  const looks = monitors * assumed.nodes * SECONDS_A_MONTH
  return ((looks * bytes) / GB) * assumed.acrossZones * prices.zoneGb
}
