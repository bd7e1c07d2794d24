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
  /** The committed head's number: reads the execution client's hash there. */
  readonly at?: bigint | undefined
  /** The clock (Unix ms). */
  readonly now: () => number
  /** Omits peers and versions, which hardly change and only people read. */
  readonly brief?: boolean | undefined
}

/**
 * Samples a node once: both processes in parallel, one HTTP request each (two or three to an execution client that is
 * behind). Never throws, and takes at most the clients' timeout (default 500 ms) for each; a refused connection shows
 * within milliseconds. A failing side call, such as peers, only omits its field.
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
 * Reads the newest block once more, when the execution client seems to lack the block op-node names: it may have
 * received it between the two answers. A block still missing was lost.
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
 * The block stored right above the newest one, if any; read only from a client that is behind. The same request reads
 * the newest block again, so that a client that just advanced is not mistaken for one that lost its state.
 */
async function storedAbove(client: NodeClient, latest: bigint): Promise<BlockId | undefined> {
  const [above, again] = await Promise.all([
    answer(getBlock(client, { number: latest + 1n })),
    answer(getBlock(client, { tag: 'latest' })),
  ])
  const stands = again.ok && again.value?.number === latest
  return above.ok && above.value && stands ? { number: above.value.number, hash: above.value.hash } : undefined
}
