import * as v from 'valibot'
import { keccak256, stringToHex } from 'viem'
import type { Envelope } from '../../chain/envelope.ts'
import { hash } from '../../chain/schema.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { L1Block } from '../../protocol/observation.ts'
import type { ConsensusClient } from './consensus.ts'
import type { L1View } from './l1.ts'
import { batcherAddress, inboxAddress } from './l1-endpoint.ts'
import type { SimulatedBlock } from './payload.ts'
import { invalidParams, type Methods } from './rpc-server.ts'

const zeroHash = `0x${'00'.repeat(32)}`
const zeroL1 = { hash: zeroHash, number: 0, parentHash: zeroHash, timestamp: 0 }
const zeroL2 = { ...zeroL1, l1origin: { hash: zeroHash, number: 0 }, sequenceNumber: 0 }

const envelope = v.looseObject({
  executionPayload: v.looseObject({ blockHash: hash, transactions: v.array(v.string()) }),
})

export type RollupFacts = {
  readonly chainId: number
  readonly blockTimeMs: number
  readonly genesis: SimulatedBlock
  readonly maxDriftMs: number | undefined
  /** L1 blocks. */
  readonly window: bigint | undefined
}

/** What an op-node reports about itself. */
export type Self = { readonly name: string; readonly version: string | undefined }

/** op-node's RPC methods, as far as a sequencer's neighbours call them. */
export function consensusMethods(client: ConsensusClient, l1: L1View, rollup: RollupFacts, self: () => Self): Methods {
  return {
    optimism_syncStatus: () => syncStatus(client, l1),
    optimism_rollupConfig: () => ({
      genesis: {
        l1: id(l1.genesis),
        l2: id(rollup.genesis),
        l2_time: Number(rollup.genesis.timestamp),
        system_config: { batcherAddr: batcherAddress, gasLimit: 60_000_000 },
      },
      block_time: Math.max(1, Math.round(rollup.blockTimeMs / 1000)),
      l1_chain_id: 900,
      l2_chain_id: rollup.chainId,
      isthmus_time: 0,
      seq_window_size: Number(rollup.window ?? 3_600n),
      max_sequencer_drift: Math.ceil((rollup.maxDriftMs ?? 1_800_000) / 1000),
      batch_inbox_address: inboxAddress,
    }),
    optimism_version: () => (client.kona ? '1.12.0' : ['simulated', self().version].filter(Boolean).join(' ')),
    opp2p_self: () => {
      const nodeID = keccak256(stringToHex(`${self().name} of ${rollup.chainId}`)).slice(2)
      return { peerID: `16Uiu2HAm${nodeID.slice(0, 44)}`, nodeID, userAgent: '', connectedness: 0, chainID: 0 }
    },
    opp2p_peerStats: () => {
      const connected = client.peers.length
      return {
        connected,
        table: 0,
        blocksTopic: 0,
        blocksTopicV2: 0,
        blocksTopicV3: 0,
        blocksTopicV4: connected,
        banned: 0,
        known: connected,
      }
    },
    admin_sequencerActive: () => client.sequencer.active,
    admin_conductorEnabled: () => true,
    admin_startSequencer: async ([head]) => {
      await client.sequencer.start(client.kona ? '0x' : parse(hash, head))
      return null
    },
    admin_stopSequencer: () => client.sequencer.stop(),
    admin_postUnsafePayload: ([payload]) => {
      parse(envelope, payload)
      client.post(payload as Envelope)
      return null
    },
    admin_resetDerivationPipeline: async () => {
      await client.resetDerivation()
      return null
    },
    admin_overrideLeader: () => {
      client.conductor.overridden = true
      return null
    },
  }
}

function syncStatus(client: ConsensusClient, l1: L1View) {
  const { heads } = client
  const block = (of: SimulatedBlock | undefined) => (of ? l2Ref(of) : zeroL2)
  const l1Ref = (number: bigint) => (heads ? l1BlockRef(l1, l1.block(number)) : zeroL1)
  const head = l1.head.number
  return {
    current_l1: l1Ref(client.derivedL1),
    current_l1_finalized: l1Ref(head - 2n),
    head_l1: l1Ref(head),
    safe_l1: l1Ref(head - 1n),
    finalized_l1: l1Ref(head - 2n),
    unsafe_l2: block(heads?.unsafe),
    safe_l2: block(heads?.safe),
    finalized_l2: block(heads?.finalized),
    pending_safe_l2: block(heads?.safe),
    cross_unsafe_l2: block(heads?.unsafe),
    local_safe_l2: block(heads?.safe),
  }
}

function l1BlockRef(l1: L1View, block: L1Block) {
  return { ...id(block), parentHash: l1.block(block.number - 1n).hash, timestamp: Number(block.timestamp) }
}

function l2Ref({ parentHash, timestamp, l1Origin, sequenceNumber, ...block }: SimulatedBlock) {
  return { ...id(block), parentHash, timestamp: Number(timestamp), l1origin: id(l1Origin), sequenceNumber }
}

const id = ({ hash, number }: BlockId) => ({ hash, number: Number(number) })

function parse<schema extends v.GenericSchema>(schema: schema, value: unknown): v.InferOutput<schema> {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success) throw invalidParams(`invalid argument 0: ${parsed.issues[0].message}`)
  return parsed.output
}
