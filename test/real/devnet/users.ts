import { privateKeyToAccount } from 'viem/accounts'
import { FUNDED } from './accounts.ts'
import type { Devnet } from './devnet.ts'
import { rpc } from './rpc.ts'
import { pause } from './wait.ts'

const EVERY_MS = 50
const HANDED_MS = 1_000

/** Users of the chain: a transaction every 50 ms, handed to every node, since sequencers here share no pool. */
export function startUsers({ hosts }: Devnet): { stop: () => Promise<number>; included: () => Promise<number> } {
  const account = privateKeyToAccount(FUNDED[0]?.key ?? '0x')
  const ended = new AbortController()
  let nonce = 0
  const included = async () =>
    Number(await rpc(hosts[0]?.executionUrl ?? '', 'eth_getTransactionCount', [account.address, 'latest'], HANDED_MS))
  const send = async () => {
    const transaction = await account.signTransaction({
      chainId: 901,
      nonce: nonce++,
      to: '0x00000000000000000000000000000000000000ff',
      value: 1n,
      gas: 21_000n,
      maxFeePerGas: 20n * 10n ** 9n,
      maxPriorityFeePerGas: 10n ** 6n,
    })
    const handed = hosts.map(({ executionUrl }) =>
      rpc(executionUrl, 'eth_sendRawTransaction', [transaction], HANDED_MS),
    )
    await Promise.allSettled(handed)
  }
  const done = (async () => {
    while (!ended.signal.aborted) {
      // A killed node forgets its pool: what it alone had is sent again.
      const behind = await included().catch(() => nonce)
      if (nonce - behind > 200) nonce = behind
      for (let i = 0; i < 20 && !ended.signal.aborted; i++) {
        await send()
        await pause(EVERY_MS)
      }
    }
  })()
  return {
    included,
    async stop() {
      ended.abort()
      await done
      return nonce
    },
  }
}
