import { getBlock, getBlockHash } from '../chain/block.ts'
import type { NodeClient } from '../chain/client.ts'
import { classify } from '../chain/failure.ts'
import type { RollupConfig } from '../chain/rollup-config.ts'
import { FJORD_DRIFT_S } from '../chain/rollup-config.ts'
import type { Hash } from '../protocol/block.ts'
import type { L1Limits, L1Sample, L1View, Tip } from '../protocol/l1.ts'
import type { L1Block } from '../protocol/observation.ts'
import { type Looked, observeL1, type Watched } from './observe.ts'

/** L1 as a chain's configuration names it. */
export type L1Settings = {
  /** An endpoint none of the nodes uses: what it says must not be what they say. */
  readonly rpc: string
  /** Time between two L1 blocks (s). */
  readonly blockTime: number
  /** Absent = the batcher the rollup began with. */
  readonly batcher?: `0x${string}`
  readonly proposer?: `0x${string}`
  /** Absent = as the rollup's configuration says. */
  readonly batchInbox?: `0x${string}`
}

/** The monitor's port to L1. */
export type L1Port = {
  /** What is known now; begins another look if the last one is old, and never waits for it. */
  latest(tip: Tip | undefined): L1View | undefined
  /** Looks now, and waits for it; never throws. */
  observe(tip: Tip | undefined): Promise<L1View | undefined>
  /** L1's newest block right now. Throws when the endpoint does not answer. */
  head(): Promise<L1Block>
  /** The hash L1 has at a number right now; `null` = none yet. Throws when the endpoint does not answer. */
  hashAt(number: bigint): Promise<Hash | null>
}

type Parts = {
  readonly settings: L1Settings
  readonly client: NodeClient
  /** Asked until it answers once: any node's `optimism_rollupConfig`. */
  readonly rollup: () => Promise<RollupConfig>
  readonly now: () => number
  /** ms since some moment, which goes on whatever the clock is set to. */
  readonly monotonic: () => number
}

/** Looks are at most this far apart (ms), or a slot if that is shorter. */
const EVERY_MS = 4_000

/**
 * Watches L1 beside the monitor's turns: an L1 endpoint that hangs must not delay a failover, so a
 * turn takes what the last look found.
 */
export function watchL1({ settings, client, rollup, now, monotonic }: Parts): L1Port {
  const slotMs = settings.blockTime * 1_000
  const everyMs = Math.min(EVERY_MS, slotMs)
  let rollupConfig: RollupConfig | undefined
  let known: Looked['known'] = {}
  let newest: L1Sample | undefined
  let failure: L1View['failure']
  let running: Promise<void> | undefined
  let beganAt = Number.NEGATIVE_INFINITY

  const sampleOnce = async (tip: Tip | undefined) => {
    try {
      rollupConfig ??= await rollup()
      const sampled = await observeL1(client, { ...watchedOf(settings, rollupConfig), slotMs }, tip, known, now)
      known = sampled.known
      newest = sampled.look
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

/** What the rollup allows at a time (Unix ms). op-node's default where its configuration does not tell. */
function limitsOf(rollup: RollupConfig, slotMs: number, now: number): L1Limits {
  const { seqWindowSize = 3_600n, maxSequencerDrift = 600n, fjordTime } = rollup
  const fjord = fjordTime !== undefined && Number(fjordTime) * 1_000 <= now
  return { window: seqWindowSize, maxDriftS: fjord ? FJORD_DRIFT_S : Number(maxSequencerDrift), slotMs }
}
