import { runMonitor } from '../../lib/monitor/run.ts'
import { gateMetrics } from '../../lib/prometheus/gate-metrics.ts'
import { openMetrics } from '../../lib/prometheus/registry.ts'
import { leaderFeed } from '../../lib/serve/leader-feed.ts'
import { observeMonitor } from '../../lib/serve/observe-monitor.ts'
import { blockOf, envelopeOf } from '../gate/payloads.ts'
import { commitAs, rig, send } from '../gate/rig.ts'
import { virtualFleet } from '../monitor/virtual-fleet.ts'

/** A monitor of three nodes on virtual time, with 1 s blocks, and what it exposes. */
export async function watchedFleet() {
  const fleet = virtualFleet()
  await fleet.begin()
  const { chain, heads, leases, clock } = fleet.ports
  const metrics = openMetrics(chain.id, ['monitor'])
  const observed = observeMonitor(fleet.ports, metrics, leaderFeed({ chain: chain.id, heads, leases, clock }))
  const { onTick, onFailed } = observed
  void runMonitor(observed.ports, { owner: 'm', signal: new AbortController().signal, onTick, onFailed })
  return { fleet, scrape: async () => (await metrics.scrape()).text }
}

/** What a gate exposes after a commit, the same once more, a conflict, a commit of a standby and two other calls. */
export async function usedGate(): Promise<string> {
  const metrics = openMetrics('901', ['gate'])
  const { gate } = await rig({ metrics: gateMetrics(metrics) })
  await commitAs(gate, 'a', envelopeOf(blockOf(11)))
  await commitAs(gate, 'a', envelopeOf(blockOf(11)))
  await commitAs(gate, 'a', envelopeOf(blockOf(11, 1)))
  await commitAs(gate, 'b', envelopeOf(blockOf(12)))
  await send(gate, 'a', '{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}')
  await send(gate, 'a', '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
  return (await metrics.scrape()).text
}
