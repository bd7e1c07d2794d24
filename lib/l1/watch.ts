import { getBlock, getBlockHash } from '../chain/block.ts'
import type { NodeClient } from '../chain/client.ts'
import { classify } from '../chain/failure.ts'
import type { RollupConfig } from '../chain/rollup-config.ts'
import { FJORD_DRIFT_S } from '../chain/rollup-config.ts'
import type { Hash } from '../protocol/block.ts'
import type { L1Limits, L1Sample, L1View, Tip } from '../protocol/l1.ts'
import type { L1Block } from '../protocol/observation.ts'
import { observeL1, type Sampled, type Watched } from './observe.ts'

/** The L1 settings of a chain's configuration. */
export type L1Settings = {
  /** An endpoint that no node uses: its answers must be independent of theirs. */
  readonly rpc: string
  /** Time between two L1 blocks (s). */
  readonly blockTime: number
  /** Absent = the batcher at the rollup's genesis. */
  readonly batcher?: `0x${string}`
  readonly proposer?: `0x${string}`
  /** Absent = from the rollup's configuration. */
  readonly batchInbox?: `0x${string}`
}

/** The monitor's port to L1. */
export type L1Port = {
  /** Returns the current view, and starts a new sample if the last one is old; never waits for it. */
  latest(tip: Tip | undefined): L1View | undefined
  /** Samples now and waits for the result; never throws. */
  observe(tip: Tip | undefined): Promise<L1View | undefined>
  /** The current L1 head. Throws when the endpoint does not answer. */
  head(): Promise<L1Block>
  /** The current L1 hash at a number; `null` = none yet. Throws when the endpoint does not answer. */
  hashAt(number: bigint): Promise<Hash | null>
}

type Parts = {
  readonly settings: L1Settings
  readonly client: NodeClient
  /** Called until it succeeds once: any node's `optimism_rollupConfig`. */
  readonly rollup: () => Promise<RollupConfig>
  readonly now: () => number
  /** A monotonic clock in ms, independent of clock changes. */
  readonly monotonic: () => number
}

/** Sampling interval in ms; a shorter slot overrides it. */
const EVERY_MS = 4_000

/**
 * Watches L1 outside the monitor's turns: a hanging L1 endpoint must not delay a failover, so a turn uses the last
 * sample.
 */
export function watchL1({ settings, client, rollup, now, monotonic }: Parts): L1Port {
  const slotMs = settings.blockTime * 1_000
  const everyMs = Math.min(EVERY_MS, slotMs)
  let rollupConfig: RollupConfig | undefined
  let known: Sampled['known'] = {}
  let newest: L1Sample | undefined
  let failure: L1View['failure']
  let running: Promise<void> | undefined
  let beganAt = Number.NEGATIVE_INFINITY

  const sampleOnce = async (tip: Tip | undefined) => {
    try {
      rollupConfig ??= await rollup()
      const sampled = await observeL1(client, { ...watchedOf(settings, rollupConfig), slotMs }, tip, known, now)
      known = sampled.known
      newest = sampled.sample
      failure = undefined
    } catch (error) {
      failure = { since: failure?.since ?? now(), message: classify(error).message }
    }
  }
  const begin = (tip: Tip | undefined) => {
    beganAt = monotonic()
    running ??= sampleOnce(tip).finally(() => {
      running = undefined
    })
    return running
  }
  const view = (): L1View | undefined => {
    if (!rollupConfig) return undefined
    return {
      limits: limitsOf(rollupConfig, slotMs, now()),
      ...(newest && { sample: newest }),
      ...(failure && { failure }),
    }
  }
  return {
    latest(tip) {
      if (monotonic() - beganAt >= everyMs) void begin(tip)
      return view()
    },
    async observe(tip) {
      await begin(tip)
      return view()
    },
    async head() {
      const latest = await getBlock(client, { tag: 'latest' })
      if (!latest) throw new Error('it has no latest block')
      return latest
    },
    hashAt: (number) => getBlockHash(client, number),
  }
}

function watchedOf({ batcher, proposer, batchInbox }: L1Settings, rollup: RollupConfig) {
  const address = batcher ?? rollup.batcher
  const to = batchInbox ?? rollup.batchInbox
  const watched: Watched | undefined = address && { address, ...(to && { to }) }
  return { ...(watched && { batcher: watched }), ...(proposer && { proposer: { address: proposer } }) }
}

/** The rollup's limits at a time (Unix ms), with op-node's defaults for values its configuration lacks. */
function limitsOf(rollup: RollupConfig, slotMs: number, now: number): L1Limits {
  const { seqWindowSize = 3_600n, maxSequencerDrift = 600n, fjordTime } = rollup
  const fjord = fjordTime !== undefined && Number(fjordTime) * 1_000 <= now
  return { window: seqWindowSize, maxDriftS: fjord ? FJORD_DRIFT_S : Number(maxSequencerDrift), slotMs }
}
