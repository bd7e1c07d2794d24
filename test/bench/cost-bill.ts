import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { monitorMemory } from '../../lib/cdk/monitor.ts'
import type { Usage } from './cost-usage.ts'
import { assumed, HOURS_A_MONTH, prices } from './prices.ts'

/** How a fleet reaches the gate. */
export type Access = 'sidecar' | 'private-api'

/** One line of a month's bill, in dollars: for the first chain or none, and for each chain. */
export type BillLine = { readonly what: string; readonly once: number; readonly eachChain: number }

const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600
/** As lambdas/monitor.ts has it: a run of 115 s each minute. */
const MONITORS_AT_ONCE = 115 / 60
const GB = 1e9
/** Alarms that a chain does not have where hosts run the gate; what is measured has one in Lambda. */
const ofGate = chainAlarms.filter(({ needs }) => needs === 'gate').length

/** The bill of a month in which nothing goes wrong, of chains that are all like the measured one. */
export function billOf(usage: Usage, { access, chains }: { access: Access; chains: number }): BillLine[] {
  const months = SECONDS_A_MONTH / usage.seconds
  const monthly = (pick: RegExp, of: 'calls' | 'units' | 'bytes') =>
    [...usage.requests].reduce((sum, [name, metered]) => (pick.test(name) ? sum + metered[of] : sum), 0) * months
  const commits = monthly(/UpdateItem Heads/, 'calls')
  const payloads = monthly(/s3 PUT/, 'bytes')
  const calls = monthly(/api call/, 'calls')
  const line = (what: string, eachChain: number, once = 0): BillLine => ({ what, once, eachChain })
  const run = (mb: number, ms: number) => prices.lambdaRequest + (mb / 1_024) * (ms / 1_000) * prices.lambdaGbSecond
  const logsOf = (name: string, runs: number) =>
    (((usage.logged.get(name) ?? 0) * months + runs * assumed.platformLogBytes) / GB) * prices.logGb
  const runsOfMonitor = HOURS_A_MONTH * 60
  const metrics = (name: string) => (usage.metrics.get(name) ?? 0) * prices.metricMonth
  const alarmsOfChain = usage.alarms.ofChain - (access === 'sidecar' ? ofGate : 0)
  const common = [
    line(`monitor, ${monitorMemory(chains)} MB, with its warm standby`, 0, monitorDollars(chains)),
    line('archive: one S3 PUT a block', monthly(/s3 PUT/, 'calls') * prices.s3Put),
    line('archive: its function', commits * run(256, assumed.archiverMs)),
    line('archive: storage', (payloads / GB) * assumed.archiveMonths * prices.s3GbMonth),
    line('DynamoDB: commits', monthly(/UpdateItem Heads/, 'units') * prices.dynamoWrite),
    line('DynamoDB: leases', monthly(/(UpdateItem|PutItem) (Leases|History)/, 'units') * prices.dynamoWrite),
    line('DynamoDB: reads', monthly(/(GetItem|Query)/, 'units') * prices.dynamoRead),
    line('metrics', metrics('Monitor') + metrics('Archiver')),
    line('alarms', alarmsOfChain * prices.alarmMonth, usage.alarms.ofBaton * prices.alarmMonth),
    line('dashboard', 0, prices.dashboardMonth),
    line('logs', logsOf('Monitor', 0) + logsOf('Archiver', commits), logsOf('', runsOfMonitor)),
    line('schedule', 0, runsOfMonitor * prices.schedule),
  ]
  if (access === 'sidecar') return common
  const endpoint = assumed.zones * HOURS_A_MONTH * prices.endpointHour
  return [
    line(`private API: VPC endpoint in ${assumed.zones} zones`, 0, endpoint),
    line('private API: calls', calls * prices.apiCall),
    line('private API: data', (monthly(/api call/, 'bytes') / GB) * prices.endpointGb),
    line('gate: its function', calls * run(1_024, assumed.gateMs)),
    line('gate: metrics and logs', metrics('Gate') + logsOf('Gate', calls)),
    ...common,
  ]
}

/** What all chains together cost in a month. */
export function total(lines: readonly BillLine[], chains: number): number {
  return lines.reduce((sum, { once, eachChain }) => sum + once + chains * eachChain, 0)
}

function monitorDollars(chains: number): number {
  const gb = monitorMemory(chains) / 1_024
  const seconds = MONITORS_AT_ONCE * SECONDS_A_MONTH
  return seconds * gb * prices.lambdaGbSecond + HOURS_A_MONTH * 60 * prices.lambdaRequest
}
