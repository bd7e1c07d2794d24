import { parseArgs } from 'node:util'
import { monitorMemory } from '../../lib/cdk/monitor.ts'
import { type Access, type BillLine, billOf, byChoice, type Plan, total } from './cost-bill.ts'
import { type HostUsage, measureHosts } from './cost-hosts.ts'
import { measureUsage, type Usage } from './cost-usage.ts'
import { assumed, HOURS_A_MONTH } from './prices.ts'

// What a month costs: the requests of real op-nodes and the deployed functions in an emulated account,
// counted on the wire, times the price list. docs/cost.md explains each line.

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, 'block-time': { type: 'string', default: '2,1' } },
})
const minutes = Number(values.minutes)
const blockTimes = values['block-time'].split(',').map((text) => {
  if (text === '1' || text === '2') return text === '1' ? 1 : 2
  throw new Error(`--block-time ${text} is not possible; write 2, 1 or 2,1`)
})
/** Dollars a month for 2 s blocks. */
const GOALS = {
  sidecar: { first: 21, further: 11.5, firstOf20Kb: 38 },
  'private-api': { first: 40 },
  hosts: { first: 12 },
} as const
/** Sizes of a head item with its payload, in kB. */
const SIZES = [1, 20, 100] as const

for (const blockTime of blockTimes) {
  const usage = await measureUsage(blockTime, minutes)
  formatRequests(usage)
  for (const access of ['sidecar', 'private-api'] as const) formatBill(usage, access)
  const hosts = await measureHosts(blockTime, minutes)
  formatHosts(hosts)
  formatBill(usage, 'sidecar', hosts)
}
process.exit(0)

function formatRequests({ blockTime, seconds, requests, monitors, logged }: Usage): void {
  console.log(`\n# ${blockTime} s blocks: requests an hour, counted for ${seconds.toFixed(0)} s`)
  for (const [name, { calls, units, bytes }] of requests) {
    const hourly = ((calls * 3_600) / seconds).toFixed(0)
    const size = calls > 0 ? (bytes / calls / 1_000).toFixed(1) : '0'
    console.log(`${name.padEnd(30)} ${hourly.padStart(6)}   ${(units / calls).toFixed(1)} units, ${size} kB each`)
  }
  const bytes = [...logged].map(([name, sum]) => `${name} ${((sum * 3.6) / seconds).toFixed(0)} kB`)
  console.log(`logged an hour: ${bytes.join(', ')}`)
  for (const { cpu, mb } of monitors) {
    const share = (chains: number) => ((100 * cpu * chains * assumed.mbPerCpu) / monitorMemory(chains)).toFixed(0)
    const of = `${share(1)} % of what Lambda gives it with one chain, ${share(10)} % with ten`
    console.log(`a monitor: ${(cpu * 1_000).toFixed(0)} ms CPU a second (${of}), ${mb.toFixed(0)} MB resident`)
  }
}

function formatHosts({ seconds, requests, cloudwatchCalls }: HostUsage): void {
  console.log(`\n# two monitors on hosts: requests an hour, counted for ${seconds.toFixed(0)} s`)
  const hourly = (calls: number) => ((calls * 3_600) / seconds).toFixed(0).padStart(6)
  for (const [name, { calls, units }] of requests)
    console.log(`${name.padEnd(30)} ${hourly(calls)}   ${(units / calls).toFixed(1)} units each`)
  console.log(`${'cloudwatch PutMetricData'.padEnd(30)} ${hourly(cloudwatchCalls)}`)
}

function formatBill(usage: Usage, access: Access, hosts?: HostUsage): void {
  for (const headKb of SIZES) formatSize(usage, { access, headKb, hosts })
  console.log('\nnot in these sums:')
  for (const { what, once } of byChoice) console.log(`${once.toFixed(2).padStart(7)}  ${what}`)
}

type Sized = Pick<Plan, 'access' | 'hosts'> & { readonly headKb: (typeof SIZES)[number] }

function formatSize(usage: Usage, { access, headKb, hosts }: Sized): void {
  const [one, ten] = [1, 10].map((chains) => billOf(usage, { access, chains, headKb, hosts })) as [
    BillLine[],
    BillLine[],
  ]
  const first = total(one, 1)
  const further = (total(ten, 10) - first) / 9
  const variant = hosts ? 'sidecar, monitor on hosts' : access
  console.log(`\n## ${usage.blockTime} s blocks of ${headKb} kB, ${variant}: dollars a month (${HOURS_A_MONTH} h)`)
  const dollars = ({ once, eachChain }: BillLine) => once + eachChain
  for (const line of one.toSorted((a, b) => dollars(b) - dollars(a))) {
    const share = line.once > 0 ? (line.eachChain > 0 ? 'both' : 'once') : 'each chain'
    console.log(`${dollars(line).toFixed(2).padStart(7)}  ${line.what} (${share})`)
  }
  const goals: { first?: number; further?: number; firstOf20Kb?: number } = GOALS[hosts ? 'hosts' : access]
  const of = (goal: number | undefined, value: number) =>
    usage.blockTime === 2 && goal !== undefined ? ` (goal: ${goal}; ${value <= goal ? 'met' : 'missed'})` : ''
  const goalOfFirst = headKb === 1 ? goals.first : headKb === 20 ? goals.firstOf20Kb : undefined
  console.log(`${first.toFixed(2).padStart(7)}  for the first chain${of(goalOfFirst, first)}`)
  console.log(
    `${further.toFixed(2).padStart(7)}  for each of nine more${of(headKb === 1 ? goals.further : undefined, further)}`,
  )
  console.log(
    `${total(ten, 10).toFixed(2).padStart(7)}  for ten${hosts ? '' : `, with a monitor of ${monitorMemory(10)} MB`}`,
  )
}
