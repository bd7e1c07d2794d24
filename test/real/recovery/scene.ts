import { expect } from 'vitest'
import { inspectChain } from '../../../lib/context/inspect.ts'
import { lastOf } from '../../../lib/context/record.ts'
import { renderReason } from '../../../lib/protocol/reason.ts'
import type { HistoryRecord } from '../../../lib/protocol/records.ts'
import type { Rig } from '../baton/rig.ts'
import type { Host } from '../devnet/host.ts'
import { rpc } from '../devnet/rpc.ts'
import { until } from '../devnet/wait.ts'

/** An account every OP chain has from its genesis. */
const PROBED = '0x4200000000000000000000000000000000000016'

/** The number of the committed head. */
export async function committed(rig: Rig): Promise<number> {
  return Number((await rig.ports.heads.read('901'))?.number ?? 0n)
}

/** The newest block of a host's execution client. */
export async function latest(host: Host): Promise<number> {
  return Number(await rpc<string>(host.executionUrl, 'eth_blockNumber'))
}

/** Waits for so many more committed blocks. */
export async function blocks(rig: Rig, count: number): Promise<void> {
  const now = await committed(rig)
  await until(`${count} more blocks`, async () => (await committed(rig)) >= now + count, { within: 120_000 })
}

/** What Baton says of a host now. */
export async function verdictOn(rig: Rig, host: Host) {
  return (await inspectChain(rig.ports)).decision.verdicts.find(({ node }) => node === host.name)
}

/** What the history says of a host since then, oldest first; a series counts by its last act. */
export async function history(rig: Rig, host: Host, since: number): Promise<HistoryRecord[]> {
  const records = await rig.ports.history.list('901', { limit: 300 })
  return records.filter((each) => each.node === host.name && lastOf(each) >= since).reverse()
}

/** Waits until a host could take over, its state read at its head; returns how long it took (ms). */
export async function eligible(rig: Rig, host: Host, since: number, within = 120_000): Promise<number> {
  await until(
    `${host.name} is an eligible standby`,
    async () => {
      const verdict = await verdictOn(rig, host)
      return (verdict?.eligible || verdict?.role === 'leading') && (await latest(host)) >= (await committed(rig)) - 2
    },
    { within, every: 200 },
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await reported(rig, host, since)}`)
  })
  await rpc(host.executionUrl, 'eth_getBalance', [PROBED, 'latest'])
  return Date.now() - since
}

/** Waits until the history names a recovery of this host, proves it by looking, and prints what was done. */
export async function recovered(rig: Rig, host: Host, since: number) {
  const ends = new Set(['recovered', 'recovery-failed'])
  const done = await until(
    `${host.name} is recovered`,
    async () => (await history(rig, host, since)).find(({ what }) => ends.has(what)),
    { within: 150_000, every: 200, hint: rig.devnet.folder.logs },
  )
  const steps = (await history(rig, host, since)).flatMap(({ what, reasons: [first] }) =>
    what === 'recovery-step' && first ? [first.evidence] : [],
  )
  console.log(`${host.name}:`, steps.map(({ method, ms, outcome }) => `${method} ${ms} ms (${outcome})`).join('; '))
  expect(done).toMatchObject({ what: 'recovered' })
  expect(done.reasons[0]?.evidence.canary).toMatch(/^block \d+ built on it and dropped$/)
  await eligible(rig, host, since)
  return { done, methods: steps.map(({ method }) => method) }
}

/** What Baton says of a host and did to it, for a test that fails. */
export async function reported(rig: Rig, host: Host, since: number): Promise<string> {
  const { eligible, role, reasons = [], damage = [] } = (await verdictOn(rig, host)) ?? {}
  const lines = [
    `now ${role}, ${eligible ? 'eligible' : 'not eligible'}: ${[...reasons, ...damage].map(renderReason).join('; ')}`,
  ]
  const records = (await rig.ports.history.list('901', { limit: 300 })).filter(({ at }) => at >= since).reverse()
  for (const { at, what, node = '', reasons } of records) {
    lines.push(`${((at - since) / 1_000).toFixed(1)} s ${what} ${node}: ${reasons.map(renderReason).join('; ')}`)
  }
  return lines.join('\n')
}
