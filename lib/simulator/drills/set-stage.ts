import { chainPorts, gateProbe } from '../../context/chain-ports.ts'
import { type ChainPorts, systemClock } from '../../context/ports.ts'
import { freePortOr } from '../../free-port.ts'
import { createGate } from '../../gate/handle.ts'
import { serveGate } from '../../gate/serve.ts'
import { silentLog } from '../../log.ts'
import { defaultPolicy, type Policy } from '../../protocol/policy.ts'
import { chainArchive } from '../../store/archive.ts'
import { archiveCommits } from '../../store/archive-commits.ts'
import { StoreUnavailableError } from '../../store/errors.ts'
import { memoryObjects, memoryStores } from '../../store/memory/stores.ts'
import type { HeadStore, Stores } from '../../store/stores.ts'
import { type SimulatedChain, startSimulatedChain } from '../chain/chain.ts'
import { realClock } from '../chain/clock.ts'
import { l1Endpoint } from '../chain/l1-endpoint.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from '../start-simulated.ts'
import { direct } from './direct.ts'
import type { Acknowledged, Stage, StageOptions, Trouble } from './stage.ts'

/** Short slots, so that a drill takes seconds. Measurements are in slots. */
export const BLOCK_TIME_MS = 500

/** The default policy, its waits cut to what short slots need. */
const policy: Policy = {
  ...defaultPolicy(BLOCK_TIME_MS),
  stallMs: 1_500,
  verifyMs: 2_000,
  leaseMs: 1_500,
  holdMs: 3_000,
  cooldownMs: 4_000,
  l1FrozenMs: 4_000,
}

/** Sets up a chain for one drill, healthy and led by its first node unless `untouched`. */
export async function setStage(options: StageOptions = {}): Promise<{ stage: Stage; close: () => Promise<void> }> {
  const { nodes = simulatedNodes, l1BlockTimeMs = 1_000, maxDriftMs, window } = options
  const gatePort = await freePortOr(0)
  const secrets = simulatedSecrets(nodes)
  const chain = await startSimulatedChain({
    conductorUrl: (node) => `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`,
    blockTimeMs: BLOCK_TIME_MS,
    l1BlockTimeMs,
    nodes,
    ...(maxDriftMs !== undefined && { maxDriftMs }),
    ...(window !== undefined && { window }),
  })
  const ownL1 = window === undefined ? undefined : l1Endpoint(realClock, chain.l1, chain.batcher)
  await ownL1?.listen()
  const trouble: Trouble = { storeGone: false, frontGone: false, outlaws: new Set() }
  const objects = memoryObjects()
  const stores = switchedStores(memoryStores(), () => trouble.storeGone)
  const acknowledged: Acknowledged[] = []
  const archiving = archiveCommits(
    noting(stores.heads, acknowledged),
    (id) => chainArchive(objects, id),
    () => {},
  )
  const gate = await serveGate(
    createGate({
      heads: archiving,
      objects,
      findSecrets: (_, node) => (secrets[node] ? [secrets[node]] : undefined),
      readyChain: '901',
      version: 'drill',
    }),
    { port: gatePort },
  )
  const l1 = ownL1 && { rpc: ownL1.url, blockTime: l1BlockTimeMs / 1_000 }
  const config = { ...simulatedConfig(chain, secrets, gatePort), ...(l1 && { l1 }) }
  const portsOf = (clockOffMs: number): ChainPorts => ({
    ...chainPorts(config, { stores, objects }, silentLog, {
      ...systemClock,
      now: () => Date.now() + clockOffMs,
    }),
    policy: { ...policy, ...options.policy },
    // Port 2 has no listener.
    gate: () => gateProbe(trouble.frontGone ? 'http://127.0.0.1:2' : gate.url)(),
  })
  const { stage, end } = direct({ chain, portsOf, acknowledged, trouble })
  const close = async () => {
    trouble.storeGone = false
    await end()
    await gate.close()
    await archiving.settled()
    await ownL1?.close()
    await chain.stop()
  }
  try {
    if (!options.untouched) await raiseCurtain(stage, chain)
  } catch (error) {
    await close()
    throw error
  }
  return { stage, close }
}

/** A healthy chain, as before the outage. */
async function raiseCurtain(stage: Stage, chain: SimulatedChain): Promise<void> {
  stage.monitor()
  const first = chain.nodes[0]?.name
  const fine = async () => {
    const lease = await stage.ports.leases.read(stage.ports.chain.id)
    return lease?.leader === first && lease?.armedAt !== 0 && stage.acknowledged.length > 3
  }
  if (!(await stage.within(40, fine))) throw new Error('the chain of the drill did not come up')
}

/** Records each committed block with the node that offered it. */
function noting(heads: HeadStore, acknowledged: Acknowledged[]): HeadStore {
  return {
    ...heads,
    async commit(id, write) {
      const committed = await heads.commit(id, write)
      const head = committed.applied ? await heads.read(id).catch(() => undefined) : undefined
      if (head && head.hash === write.set.hash) {
        acknowledged.push({ ...head, node: head.leader, term: head.committedTerm, at: Date.now() })
      }
      return committed
    },
  }
}

/** The same stores behind a network that can be down. */
export function switchedStores(stores: Stores, gone: () => boolean): Stores {
  const guard = <T extends object>(store: T): T =>
    new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...input: unknown[]) => {
          if (gone()) throw new StoreUnavailableError(String(name), 'drill', new Error('the region is down'))
          return Reflect.apply(method, target, input)
        }
      },
    })
  return {
    heads: guard(stores.heads),
    leases: guard(stores.leases),
    history: guard(stores.history),
    monitorLease: guard(stores.monitorLease),
  }
}
