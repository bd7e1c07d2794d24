import { type Behaviour, type Chain, COST, type ModelBlock, seal, sha } from './model.ts'

/** Builds one batch of the stream onto the chain, split where counters overflow; returns into how many. */
export function rebuild(
  chain: Chain,
  batch: number,
  originals: ModelBlock[],
  how: Behaviour & { reuse: boolean },
): number {
  const { limit, mutation } = how
  const first = batch === how.first
  let parts = 1
  let number = (chain.batches.at(-1)?.number ?? 0) + 1
  let used = 0
  const close = () => chain.batches.push({ number, closed: true })
  for (const original of mutate(originals, first, mutation)) {
    let transactions: string[] = []
    const put = () => {
      const infoIndex = how.reuse ? original.infoIndex : 99
      const timestamp = original.timestamp + (first && mutation === 'P2' ? 1 : 0)
      const block = seal(chain, { timestamp, transactions, batch: number, infoIndex })
      if (first && mutation === 'P7') block.parentHash = sha('stranger')
      if (mutation === 'P8') block.hash = sha(block.hash)
      transactions = []
    }
    for (const transaction of original.transactions) {
      if (used + COST > limit) {
        if (transactions.length > 0) put()
        close()
        number++
        parts++
        used = 0
      }
      used += COST
      transactions.push(transaction)
    }
    if (transactions.length > 0 || original.transactions.length === 0) put()
  }
  close()
  return parts
}

/** What a node with a fault makes of a batch; only of the first one that is rebuilt. */
function mutate(blocks: ModelBlock[], first: boolean, mutation?: string): ModelBlock[] {
  if (!first) return blocks
  const [a, b, ...rest] = blocks
  if (!a || !b) return blocks
  const full = blocks.find(({ transactions }) => transactions.length > 1)
  if (mutation === 'P1') return [{ ...a, transactions: [...a.transactions, ...b.transactions] }, ...rest]
  if (mutation === 'P3') {
    return blocks.map((block) => (block === full ? { ...block, transactions: block.transactions.toReversed() } : block))
  }
  if (mutation === 'P6') {
    return blocks.map((block) => (block === full ? { ...block, transactions: block.transactions.slice(0, -1) } : block))
  }
  return blocks
}
