import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { toFunctionSelector } from 'viem'
import { highest, read } from './model.ts'

const word = (n: number | bigint) => n.toString(16).padStart(64, '0')
const words = (...numbers: (number | bigint)[]) => `0x${numbers.map(word).join('')}`

/** `SequenceBatches(uint64,bytes32)`. */
const SEQUENCED = '0x3e54d0825ed78523037d00a81759237eb436ce774bd546993ee67a1b67b6e766'

export const admin = '0x00000000000000000000000000000000000000ad'
export const manager = '0x00000000000000000000000000000000000000aa'
export const rollup = '0x00000000000000000000000000000000000000bb'

/** L1 as the rollup manager shows it, and the sequence sender: while it is active, every batch is sent. */
export type L1 = {
  readonly url: string
  readonly state: { sequenced: number; verified: number; batchesInSequence: number; admin: string; asked: number }
  /** What the rollup's admin does when asked. */
  rollBack(to: number): void
  close(): void
}

export async function startL1(folder: string): Promise<L1> {
  const state = { sequenced: 0, verified: 0, batchesInSequence: 1, admin, asked: 0 }
  let block = 100
  const rollbacks: { batch: number; block: number }[] = []
  const sequences: { batch: number; block: number }[] = []
  const selector = (signature: string) => toFunctionSelector(signature)

  function send(): void {
    if (readFileSync(join(folder, 'l1-clients'), 'utf8').trim() !== 'active') return
    const tip = highest(read(join(folder, 'data', 'chaindata', 'mdbx.dat')))
    const last = tip - (tip % state.batchesInSequence)
    for (let end = state.sequenced + state.batchesInSequence; end <= last; end += state.batchesInSequence)
      sequences.push({ batch: end, block: block++ })
    state.sequenced = Math.max(state.sequenced, last)
  }

  function call({ to, data, from }: { to: string; data: string; from?: string }): string {
    const number = Number(`0x${data.slice(-16)}`)
    switch (data.slice(0, 10)) {
      case selector('rollupAddressToID(address)'):
        return words(to === manager && data.endsWith(rollup.slice(2)) ? 1 : 0)
      case selector('rollupIDToRollupData(uint32)'):
        send()
        return words(BigInt(rollup), 1, 0, 12, 0, state.sequenced, state.verified, 0, 0, 0, 1, 0)
      case selector('getRollupSequencedBatches(uint32,uint64)'):
        return words(1, 1, Math.floor((number - 1) / state.batchesInSequence) * state.batchesInSequence)
      case selector('admin()'):
        return words(BigInt(state.admin))
      case '0x8fd88cc2':
        if (from !== admin) throw new Error('execution reverted: NotAllowedAddress()')
        return '0x'
      default:
        throw new Error('execution reverted')
    }
  }

  function answer(method: string, params: never[]): unknown {
    block++
    state.asked++
    if (method === 'eth_call') return call(params[0] as never)
    if (method === 'eth_getBlockByNumber') {
      const number = params[0] === ('latest' as never) ? block : block - 4
      return { number: `0x${number.toString(16)}` }
    }
    const { topics, fromBlock } = params[0] as unknown as { topics: string[]; fromBlock: string }
    const events = topics[0] === SEQUENCED ? sequences : rollbacks
    return events
      .filter((one) => (topics[1] === undefined || one.batch === Number(topics[1])) && one.block >= Number(fromBlock))
      .map((one) => ({ blockNumber: `0x${one.block.toString(16)}` }))
  }

  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      const calls = JSON.parse(body) as { id: number; method: string; params: never[] }[]
      const answers = calls.map(({ id, method, params }) => {
        try {
          return { jsonrpc: '2.0', id, result: answer(method, params) }
        } catch (error) {
          return { jsonrpc: '2.0', id, error: { code: 3, message: (error as Error).message } }
        }
      })
      response.end(JSON.stringify(answers))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    rollBack(to) {
      state.sequenced = to
      rollbacks.push({ batch: to, block })
    },
    close: () => server.close(),
  }
}
