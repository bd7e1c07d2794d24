import { type Address, type Hex, toHex } from 'viem'
import { mnemonicToAccount, privateKeyToAddress } from 'viem/accounts'

// The phrase every development chain funds; worthless everywhere else.
const PHRASE = 'test test test test test test test test test test test junk'

/** An account funded on L1 and on L2. */
export type Account = { readonly address: Address; readonly key: Hex }

function account(addressIndex: number): Account {
  const { address, getHdKey } = mnemonicToAccount(PHRASE, { addressIndex })
  return { address, key: toHex(getHdKey().privateKey ?? new Uint8Array()) }
}

/** Writes the batches on L1. */
export const BATCHER: Account = account(0)

/** Proposes outputs on L1. */
export const PROPOSER: Account = account(6)

/** Free for tests to spend from. */
export const FUNDED: readonly Account[] = [1, 2, 3, 4, 5].map(account)

/** Signs blocks in gossip: one key, shared by all sequencers of the chain. */
export const SEQUENCER_KEY: Hex = `0x${'5e'.repeat(32)}`

/** Whose blocks the peers accept. */
export const SEQUENCER_ADDRESS: Address = privateKeyToAddress(SEQUENCER_KEY)
