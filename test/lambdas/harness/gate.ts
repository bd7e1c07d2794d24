import { seedHead } from '../../../lib/protocol/bootstrap.ts'
import { fence } from '../../../lib/protocol/grant.ts'
import { blockOf, envelopeOf } from '../../gate/payloads.ts'
import { type Account, openAccount } from './aws.ts'
import { rpc } from './events.ts'
import { type Running, start } from './invoke.ts'

/** What a function behind the API answers. */
export type Response = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** The chain of these tests: nodes a and b, head 10, held by a in term 2. */
export const CHAIN = '901'

/** A running gate and its account. It serves a second chain, too, that nobody has configured. */
export type GateRig = { readonly account: Account; readonly gate: Running; close(): Promise<void> }

/** Starts the gate in an account with a chain. */
export async function openGate(env: Readonly<Record<string, string>> = {}): Promise<GateRig> {
  const account = await openAccount([CHAIN, '902'])
  const nodes = ['a', 'b'].map((name) => ({
    name,
    zone: name,
    consensus: `http://127.0.0.1:1/${name}`,
    execution: `http://127.0.0.1:2/${name}`,
  }))
  const config = { chain: { id: 901, name: 'test', blockTime: 2 }, nodes }
  await account.putParameter(`/chains/${CHAIN}/config`, JSON.stringify(config))
  await account.putParameter(`/chains/${CHAIN}/nodes/a/secrets`, '["secret-of-a"]')
  await account.putParameter(`/chains/${CHAIN}/nodes/b/secrets`, '["secret-of-b", "next-secret-of-b"]')
  await account.stores.heads.write(CHAIN, seedHead(blockOf(10), 1, 1_000))
  await account.stores.heads.write(CHAIN, fence('a', 2, 1_001))
  const gate = await start('gate', { ...account.env, ...env })
  return {
    account,
    gate,
    async close() {
      await gate.kill()
      await account.close()
    },
  }
}

/** The body of a commit. */
export function commitBody(number: number, transactions: readonly string[] = ['0x02c0']): string {
  return rpc('conductor_commitUnsafePayload', [envelopeOf(blockOf(number), { transactions })])
}
