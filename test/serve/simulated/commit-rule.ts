import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'vitest'
import { type Envelope, l1Origin } from '../../../lib/chain/envelope.ts'
import type { Block } from '../../../lib/protocol/block.ts'
import { seedHead } from '../../../lib/protocol/bootstrap.ts'
import { commit, judgeRefusal } from '../../../lib/protocol/commit.ts'
import { fence } from '../../../lib/protocol/grant.ts'
import { memoryHeads } from '../../../lib/store/memory/stores.ts'

const CHAIN = '901'

export type Request = { readonly path: string; readonly authorization: string | undefined; readonly method: string }
export type Commit = { readonly at: number; readonly node: string; readonly block: Block; readonly envelope: Envelope }

/** The smallest gate: the commit rule over the memory store, on a real port, without credentials. */
export async function startCommitRule({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const heads = memoryHeads()
  const requests: Request[] = []
  const commits: Commit[] = []
  let term = 0
  let fault: 'none' | 'store down' | 'silent' = 'none'

  const call = async (node: string, method: string, params: readonly unknown[]): Promise<unknown> => {
    if (fault === 'store down') throw new Error('store unavailable')
    if (method === 'conductor_leader') return (await heads.read(CHAIN))?.leader === node
    const [envelope] = params as [Envelope]
    const block = blockOf(envelope)
    const written = await heads.commit(CHAIN, commit(node, block, { payload: new Uint8Array() }, Date.now()))
    if (!written.applied) {
      const { outcome } = judgeRefusal(node, block, written.old)
      if (outcome !== 'repeated') throw new Error(outcome)
    } else commits.push({ at: Date.now(), node, block, envelope })
    return null
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { id, method, params = [] } = JSON.parse(Buffer.concat(chunks).toString())
    const path = request.url ?? ''
    requests.push({ path, authorization: request.headers.authorization, method })
    if (fault === 'silent') return
    const node = path.split('/').at(-1) ?? ''
    const answer = await call(node, method, params).then(
      (result) => ({ result }),
      (error: Error) => ({ error: { code: -32000, message: error.message } }),
    )
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  return {
    requests,
    commits,
    url: (node: string) => `http://${node}:s3cret%2F${node}@127.0.0.1:${port}/v1/chains/901/nodes/${node}`,
    head: () => heads.read(CHAIN),
    fail(kind: typeof fault) {
      fault = kind
    },
    async seed(block: Block) {
      const { number, hash, parentHash, timestamp } = block
      await heads.write(CHAIN, seedHead({ number, hash, parentHash, timestamp }, term, Date.now()))
    },
    /** Makes a node the leader of the next term and returns the head it must build on. */
    async grant(node: string): Promise<Block> {
      term += 1
      const written = await heads.write(CHAIN, fence(node, term, Date.now()))
      if (!written.applied) throw new Error('not fenced')
      return written.item
    },
  }
}

export type CommitRule = Awaited<ReturnType<typeof startCommitRule>>

function blockOf({ executionPayload: payload }: Envelope): Block {
  const origin = l1Origin(payload.transactions[0])
  return {
    number: BigInt(payload.blockNumber),
    hash: payload.blockHash,
    parentHash: payload.parentHash,
    timestamp: BigInt(payload.timestamp),
    ...(origin && { l1Origin: origin }),
  }
}
