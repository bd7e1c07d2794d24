import { numberToHex } from 'viem'
import { blockJson } from './block-json.ts'
import { type ExecutionClient, missingState } from './execution.ts'
import type { SimulatedBlock } from './payload.ts'
import { invalidParams, type Methods, RpcError } from './rpc-server.ts'

/** The execution client's RPC methods, as far as a sequencer's neighbours call them. */
export function executionMethods(client: ExecutionClient, chainId: number, version: () => string | undefined): Methods {
  const json = (block: SimulatedBlock | undefined, full: unknown) => {
    if (block === undefined) return null
    const { transactions, ...header } = blockJson(block.envelope)
    return {
      ...header,
      transactions: full === true ? transactions : transactions.map((transaction) => transaction.hash),
    }
  }
  return {
    eth_blockNumber: () => numberToHex(client.head.number),
    eth_chainId: () => numberToHex(chainId),
    eth_syncing: () => client.syncing(),
    // As op-reth answers it: no error, no effect.
    debug_setHead: () => null,
    miner_setMaxDASize: ([transaction, block]) => {
      client.maxDASize = [parseHex(transaction), parseHex(block)]
      return true
    },
    web3_clientVersion: () => `Simulated/${version() ?? 'v0.1.0'}`,
    eth_getBlockByNumber: ([number, full]) => json(select(client, number), full),
    eth_getBlockByHash: ([hash, full]) => json(client.byHash(parseHex(hash)), full),
    eth_getBalance: ([, number]) => {
      const block = select(client, number ?? 'latest')
      if (block === undefined) throw new RpcError(-32000, 'header not found')
      if (block === client.head && !client.hasState) throw new RpcError(-32000, missingState(block))
      return '0x1'
    },
  }
}

function select(client: ExecutionClient, number: unknown): SimulatedBlock | undefined {
  switch (number) {
    case 'latest':
    case 'pending':
      return client.head
    case 'safe':
      return client.safe
    case 'finalized':
      return client.finalized
    case 'earliest':
      return client.at(0n)
    default:
      return client.at(BigInt(parseHex(number)))
  }
}

function parseHex(value: unknown): `0x${string}` {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]+$/.test(value)) {
    throw invalidParams('invalid argument 0: hex string expected')
  }
  return value.toLowerCase() as `0x${string}`
}
