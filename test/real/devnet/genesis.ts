import { type Address, type Hex, pad } from 'viem'
import { BATCHER, FUNDED } from './accounts.ts'

export const L1_CHAIN_ID = 900
export const L2_CHAIN_ID = 901

/** The contract op-node reads the system configuration from; here an empty address with one slot set. */
export const SYSTEM_CONFIG: Address = '0x00000000000000000000000000000000005c0f19'

const FEES = { eip1559Elasticity: 6, eip1559Denominator: 50, eip1559DenominatorCanyon: 250 }
const GAS_LIMIT = 30_000_000

/**
 * The last of the chain's forks; all are active from genesis. Isthmus adds a field to payloads, Jovian one to blocks'
 * fees, Karst a version to the engine's methods.
 */
export type Fork = 'ecotone' | 'fjord' | 'granite' | 'isthmus' | 'jovian' | 'karst'

/** The newest fork that the programs built here know. */
export const NEWEST_FORK: Fork = 'karst'

/** Each fork with what it adds to op-geth's configuration, and to op-node's. */
const LATER: Readonly<Record<Fork, { execution: object; rollup: object; extraData: Hex }>> = {
  // Before Fjord the drift is the rollup's own to choose.
  ecotone: {
    execution: { fjordTime: undefined, graniteTime: undefined },
    rollup: { fjord_time: undefined, granite_time: undefined },
    extraData: '0x',
  },
  fjord: { execution: { graniteTime: undefined }, rollup: { granite_time: undefined }, extraData: '0x' },
  granite: { execution: {}, rollup: {}, extraData: '0x' },
  isthmus: {
    execution: { holoceneTime: 0, isthmusTime: 0, pragueTime: 0 },
    rollup: { holocene_time: 0, isthmus_time: 0 },
    extraData: '0x00000000fa00000006',
  },
  jovian: {
    execution: { holoceneTime: 0, isthmusTime: 0, pragueTime: 0, jovianTime: 0 },
    rollup: { holocene_time: 0, isthmus_time: 0, jovian_time: 0 },
    extraData: '0x01000000fa000000060000000000000000',
  },
  karst: {
    execution: { holoceneTime: 0, isthmusTime: 0, pragueTime: 0, jovianTime: 0, karstTime: 0, osakaTime: 0 },
    rollup: { holocene_time: 0, isthmus_time: 0, jovian_time: 0, karst_time: 0 },
    extraData: '0x01000000fa000000060000000000000000',
  },
}

/** The fork of a chain for which none is named: the newest, or `FORK` for programs that do not know it. */
export function defaultFork(env = process.env): Fork {
  const fork = env.FORK ?? NEWEST_FORK
  if (!Object.hasOwn(LATER, fork)) throw new Error(`FORK is "${fork}": write one of ${Object.keys(LATER).join(', ')}`)
  return fork as Fork
}

/** A block by number and hash. */
export type BlockId = { readonly number: number; readonly hash: Hex }

const ETHEREUM_BLOCKS = {
  homesteadBlock: 0,
  eip150Block: 0,
  eip155Block: 0,
  eip158Block: 0,
  byzantiumBlock: 0,
  constantinopleBlock: 0,
  petersburgBlock: 0,
  istanbulBlock: 0,
  muirGlacierBlock: 0,
  berlinBlock: 0,
  londonBlock: 0,
  arrowGlacierBlock: 0,
  grayGlacierBlock: 0,
  mergeNetsplitBlock: 0,
  shanghaiTime: 0,
  cancunTime: 0,
  terminalTotalDifficulty: 0,
}

/** The execution clients' genesis: no contracts. */
export function l2Genesis(timestamp: number, fork: Fork) {
  const rich = Object.fromEntries(
    [BATCHER, ...FUNDED].map(({ address }) => [address, { balance: '0x21e19e0c9bab2400000' }]),
  )
  return {
    config: {
      chainId: L2_CHAIN_ID,
      ...ETHEREUM_BLOCKS,
      terminalTotalDifficultyPassed: true,
      bedrockBlock: 0,
      regolithTime: 0,
      canyonTime: 0,
      ecotoneTime: 0,
      fjordTime: 0,
      graniteTime: 0,
      ...LATER[fork].execution,
      optimism: FEES,
    },
    timestamp: `0x${timestamp.toString(16)}`,
    gasLimit: `0x${GAS_LIMIT.toString(16)}`,
    difficulty: '0x0',
    baseFeePerGas: '0x3b9aca00',
    extraData: LATER[fork].extraData,
    nonce: '0x0',
    blobGasUsed: '0x0',
    excessBlobGas: '0x0',
    alloc: {
      ...rich,
      '0x4200000000000000000000000000000000000015': contract('0x7'),
      // op-node proves this account's storage root; from Isthmus on an empty one is not carried over.
      '0x4200000000000000000000000000000000000016': contract('0x0'),
    },
  }
}

/** The least that keeps a slot: with storage alone an account counts as empty, and the first block would delete it. */
function contract(slot: Hex) {
  return { balance: '0x1', nonce: '0x1', code: '0x00', storage: { [pad(slot)]: pad('0x1') } }
}

/** op-node's view of the chain, as in rollup.json. */
export type RollupConfig = ReturnType<typeof rollupConfig>

/** The rollup that starts at this L1 block with this L2 block. */
export function rollupConfig(l1: BlockId, l2Hash: Hex, timestamp: number, blockTime: number, fork: Fork) {
  return {
    genesis: {
      l1: { hash: l1.hash, number: l1.number },
      l2: { hash: l2Hash, number: 0 },
      l2_time: timestamp,
      system_config: {
        batcherAddr: BATCHER.address,
        overhead: pad('0x0'),
        scalar: pad('0x01', { dir: 'right' }),
        gasLimit: GAS_LIMIT,
      },
    },
    block_time: blockTime,
    max_sequencer_drift: 600,
    // Long enough not to run out while no batcher runs: running out rewrites the unsafe chain.
    seq_window_size: 3600,
    channel_timeout: 300,
    l1_chain_id: L1_CHAIN_ID,
    l2_chain_id: L2_CHAIN_ID,
    regolith_time: 0,
    canyon_time: 0,
    delta_time: 0,
    ecotone_time: 0,
    fjord_time: 0,
    granite_time: 0,
    ...LATER[fork].rollup,
    batch_inbox_address: '0xff00000000000000000000000000000000000901',
    deposit_contract_address: '0x00000000000000000000000000000000000de905',
    l1_system_config_address: SYSTEM_CONFIG,
    chain_op_config: FEES,
  }
}

/** What op-node must know of an L1 it was not built with. */
export function l1ChainConfig() {
  const cancun = { target: 3, max: 6, baseFeeUpdateFraction: 3338477 }
  return { config: { chainId: L1_CHAIN_ID, ...ETHEREUM_BLOCKS, blobSchedule: { cancun } } }
}
