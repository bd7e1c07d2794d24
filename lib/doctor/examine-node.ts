import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { createNodeClient, type NodeClient } from '../chain/client.ts'
import { getConductorEnabled, getPeerCount, getSequencerActive, getSyncStatus, getVersion } from '../chain/consensus.ts'
import { type EngineClient, engineTimeouts } from '../chain/engine/client.ts'
import { exchangeCapabilities } from '../chain/engine/versions.ts'
import { answer } from '../chain/failure.ts'
import { getConsensusIdentity, getExecutionIdentity } from '../chain/identity.ts'
import { getRollupConfig } from '../chain/rollup-config.ts'
import { refusesWrongHash, stopSequencer, tryConductor } from '../chain/sequencer.ts'
import type { ConfiguredNode } from '../config/chain-config.ts'
import { withTimeout } from '../with-timeout.ts'

/** Patience with one answer, in ms: a doctor may take longer than a monitor. */
const TIMEOUT_MS = 3_000

/** What was asked of one node; every answer may be a failure. */
export type Examined = Awaited<ReturnType<typeof examineNode>>

/**
 * Asks a node everything that can be asked without changing anything. `wired` also lets a stopped node ask its conductor
 * for the lead, by a start that cannot succeed.
 */
export async function examineNode({ name, consensus: url, execution: executionUrl }: ConfiguredNode, wired: boolean) {
  const consensus = createNodeClient(url, { timeoutMs: TIMEOUT_MS, batch: false })
  const execution = createNodeClient(executionUrl, { timeoutMs: TIMEOUT_MS, batch: false })
  const [status, rollup, active, conductor, peers, version, identity, chain, executionVersion, clock] =
    await Promise.all([
      answer(getSyncStatus(consensus)),
      answer(getRollupConfig(consensus)),
      answer(getSequencerActive(consensus)),
      answer(getConductorEnabled(consensus)),
      answer(getPeerCount(consensus)),
      answer(getVersion(consensus, 'optimism_version')),
      getConsensusIdentity(consensus),
      getExecutionIdentity(execution),
      answer(getVersion(execution, 'web3_clientVersion')),
      clockOf(url),
    ])
  const reach = wired && active.ok && !active.value && version.ok ? await reachOf(consensus, version.value) : undefined
  return { name, status, rollup, active, conductor, peers, version, identity, chain, executionVersion, clock, reach }
}

/** A client that starts where it must not is stopped at once: nothing may be changed. */
async function reachOf(consensus: NodeClient, version: string) {
  if (!refusesWrongHash(version)) return undefined
  const found = await tryConductor(consensus)
  if (found.reach !== 'ignores-hash') return found
  const stopped = await answer(stopSequencer(consensus))
  return { ...found, stopped: stopped.ok }
}

/** How far a machine's clock is ahead of ours (ms): the `Date` of an answer counts seconds. `undefined` = not known. */
function clockOf(url: string): Promise<{ readonly aheadMs: number; readonly uncertainMs: number } | undefined> {
  const target = new URL(url)
  const open = target.protocol === 'https:' ? secure : plain
  return new Promise((resolve) => {
    const began = Date.now()
    const request = open(target, { method: 'HEAD', timeout: TIMEOUT_MS }, ({ headers }) => {
      const now = Date.now()
      const there = Date.parse(headers.date ?? '')
      request.destroy()
      // The date was cut to its second.
      const tripMs = now - began
      resolve(
        Number.isNaN(there)
          ? undefined
          : { aheadMs: there + 500 - (began + tripMs / 2), uncertainMs: 500 + tripMs / 2 },
      )
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.end()
  })
}

/** Whether an engine takes its secret. */
export const examineEngine = (engine: EngineClient) =>
  answer(withTimeout(engineTimeouts.exchangeCapabilities, () => exchangeCapabilities(engine)))
