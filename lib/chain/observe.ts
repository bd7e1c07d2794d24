import type { BlockId } from '../protocol/block.ts'
import type { Answer, ConsensusView, ExecutionView, Observation } from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'
import { getBlock, getBlockHash } from './block.ts'
import type { NodeClient } from './client.ts'
import {
  getConductorEnabled,
  getPeerCount,
  getSdmOptIn,
  getSequencerActive,
  getSyncStatus,
  getVersion,
} from './consensus.ts'
import { getSyncing, probeState } from './execution.ts'
import { answer } from './failure.ts'

/** The two processes of a sequencer. */
export type NodeClients = { readonly consensus: NodeClient; readonly execution: NodeClient }

export type ObserveOptions = {
  /** The committed head's number: the execution client is asked for its hash there. */
  readonly at?: bigint | undefined
  /** The clock (Unix ms). */
  readonly now: () => number
  /** Leave out what only people look at and what hardly changes: peers and versions. */
  readonly brief?: boolean | undefined
}

/**
 * Looks at a node once: both processes side by side, one HTTP request each (two or three of an execution client
 * that is behind). Never throws, and takes no longer than the clients' timeout (default 500 ms) for
 * each; a refused connection shows within milliseconds. A failing side call, such as peers, only leaves its field out.
 */
export async function observe(
  node: NodeName,
  { consensus, execution }: NodeClients,
  { at, now, brief = false }: ObserveOptions,
): Promise<Observation> {
  const [consensusView, executionView] = await Promise.all([
    observeConsensus(consensus, brief),
    observeExecution(execution, at, brief),
  ])
  return { node, at: now(), consensus: consensusView, execution: await again(execution, executionView, consensusView) }
}

/**
 * The newest block once more, of an execution client that seems to lack what op-node names: it may have got it between
 * the two answers. What it still lacks was lost.
 */
async function again(
  client: NodeClient,
  execution: Answer<ExecutionView>,
  consensus: Answer<ConsensusView>,
): Promise<Answer<ExecutionView>> {
  if (!execution.ok || !consensus.ok || execution.value.latest.number >= consensus.value.unsafe.number) return execution
  const newest = await answer(getBlock(client, { tag: 'latest' }))
  if (!newest.ok || newest.value === null || newest.value.number <= execution.value.latest.number) return execution
  const { stored: _, ...view } = execution.value
  return { ok: true, value: { ...view, latest: { number: newest.value.number, hash: newest.value.hash } } }
}

async function observeConsensus(client: NodeClient, brief: boolean): Promise<Answer<ConsensusView>> {
  const [status, sequencing, conductor, peers, version, sdm] = await Promise.all([
    answer(getSyncStatus(client)),
    answer(getSequencerActive(client)),
    answer(getConductorEnabled(client)),
    brief ? undefined : answer(getPeerCount(client)),
    brief ? undefined : answer(getVersion(client, 'optimism_version')),
    brief ? undefined : answer(getSdmOptIn(client)),
  ])
  if (!status.ok) return status
  if (!sequencing.ok) return sequencing
  return {
    ok: true,
    value: {
      ...status.value,
      sequencing: sequencing.value,
      ...(conductor.ok && conductor.value !== undefined && { conductor: conductor.value }),
      ...(peers?.ok && { peers: peers.value }),
      ...(version?.ok && { version: version.value }),
      ...(sdm?.ok && { sdm: sdm.value }),
    },
  }
}

async function observeExecution(
  client: NodeClient,
  at: bigint | undefined,
  brief: boolean,
): Promise<Answer<ExecutionView>> {
  const [latest, state, hashAt, syncing, version, sdm] = await Promise.all([
    answer(getBlock(client, { tag: 'latest' })),
    answer(probeState(client)),
    at === undefined ? undefined : answer(getBlockHash(client, at)),
    answer(getSyncing(client)),
    brief ? undefined : answer(getVersion(client, 'web3_clientVersion')),
    brief ? undefined : answer(getSdmOptIn(client)),
  ])
  if (!latest.ok) return latest
  if (latest.value === null) return { ok: false, failure: 'other', message: 'it has no latest block' }
  const { number, hash } = latest.value
  const stored = at !== undefined && at > number ? await storedAbove(client, number) : undefined
  return {
    ok: true,
    value: {
      latest: { number, hash },
      ...(stored && { stored }),
      ...(syncing.ok && { syncing: syncing.value.syncing }),
      ...(syncing.ok && syncing.value.mark !== undefined && { syncMark: syncing.value.mark }),
      ...(syncing.ok && syncing.value.blocks && { syncBlocks: syncing.value.blocks }),
      ...(version?.ok && { version: version.value }),
      ...(sdm?.ok && { sdm: sdm.value }),
      ...(at !== undefined && hashAt?.ok && { at: { number: at, hash: hashAt.value } }),
      state: state.ok ? { ok: true } : { ok: false, message: state.message },
    },
  }
}

/**
 * The block stored right above the newest one, if there is one: asked only of a client that is behind.
 * The newest is asked for again after it, in the same request, so that a client that just moved on is
 * not taken for one that lost its state.
 */
async function storedAbove(client: NodeClient, latest: bigint): Promise<BlockId | undefined> {
  const [above, again] = await Promise.all([
    answer(getBlock(client, { number: latest + 1n })),
    answer(getBlock(client, { tag: 'latest' })),
  ])
  const stands = again.ok && again.value?.number === latest
  return above.ok && above.value && stands ? { number: above.value.number, hash: above.value.hash } : undefined
}
