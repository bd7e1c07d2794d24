import type { Chain, ModelBlock } from './model.ts'

type Call = { id: number; method: string; params: [string?] }

const hex = (n: number) => `0x${n.toString(16)}`

/** The RPC of a node that has this chain, as in docs/resequence.md. */
export function answer(calls: Call[], chain: Chain): object[] {
  return calls.map(({ id, method, params }) => {
    const result = one(method, params[0], chain)
    const error = { code: -32000, message: `could not find block or method: ${method}` }
    return result === undefined ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result }
  })
}

function one(method: string, word: string | undefined, { blocks, batches }: Chain): unknown {
  const byNumber = word === 'latest' ? blocks.at(-1) : blocks[Number(word)]
  switch (method) {
    case 'web3_clientVersion':
      return 'cdk-erigon-model/1'
    case 'eth_getBlockByNumber':
      return byNumber ? header(byNumber) : null
    case 'eth_getBlockByHash':
      return header(blocks.find(({ hash }) => hash === word))
    case 'zkevm_getFullBlockByNumber':
      return header(byNumber)
    case 'zkevm_batchNumber':
      return hex(batches.at(-1)?.number ?? 0)
    case 'zkevm_getBatchByNumber': {
      const found = batches.find(({ number }) => number === Number(word))
      const hashes = blocks.filter(({ batch }) => batch === found?.number).map(({ hash }) => hash)
      return found ? { ...found, number: hex(found.number), blocks: hashes.length > 0 ? hashes : null } : null
    }
    default:
      return undefined
  }
}

function header(block: ModelBlock | undefined) {
  return block && { ...block, number: hex(block.number), timestamp: hex(block.timestamp) }
}
