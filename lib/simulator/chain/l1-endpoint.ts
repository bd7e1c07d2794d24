import { numberToHex } from 'viem'
import type { Batcher } from './batcher.ts'
import type { Clock } from './clock.ts'
import type { SimulatedL1 } from './l1.ts'
import { Process } from './process.ts'
import { invalidParams, type Methods, RpcServer } from './rpc-server.ts'

/** The addresses of the simulated rollup on L1. */
export const batcherAddress = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
export const inboxAddress = '0xff00000000000000000000000000000000000901'

/** An RPC endpoint of L1 itself, for Baton's calls: blocks, and the batcher's account as of any of them. */
export function l1Endpoint(clock: Clock, l1: SimulatedL1, batcher: Batcher): RpcServer {
  const process = new Process(clock)
  process.start()
  const methods = l1Methods(l1, batcher)
  return new RpcServer({ process, methods, port: 0, reachable: () => true, delayMs: () => 0, denies: () => false })
}

function l1Methods(l1: SimulatedL1, batcher: Batcher): Methods {
  const sentUpTo = (number: bigint) => batcher.sent.filter((at) => at <= number).length
  return {
    eth_blockNumber: () => numberToHex(l1.head.number),
    eth_getBlockByNumber: ([tag]) => {
      const number = tag === 'latest' ? l1.head.number : quantity(tag)
      if (number > l1.head.number) return null
      const { hash, timestamp } = l1.block(number)
      const { hash: parentHash } = l1.block(number - 1n)
      const transactions = batcher.sent.includes(number) ? [{ from: batcherAddress, to: inboxAddress }] : []
      return { number: numberToHex(number), hash, parentHash, timestamp: numberToHex(timestamp), transactions }
    },
    eth_getTransactionCount: ([, at]) => numberToHex(sentUpTo(quantity(at))),
    eth_getBalance: ([, at]) => {
      const unspent = BigInt(batcher.sent.length - sentUpTo(quantity(at)))
      return numberToHex(batcher.balanceWei + unspent * batcher.feeWei)
    },
  }
}

function quantity(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]+$/.test(value)) throw invalidParams('invalid argument 0')
  return BigInt(value)
}
