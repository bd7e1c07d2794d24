import { type FindSecrets, route } from '../gate/auth.ts'
import type { Gate } from '../gate/handle.ts'
import type { Log } from '../log.ts'
import type { ReadParameters } from '../store/parameters.ts'
import { type Cached, cached } from './cached.ts'
import { readChainConfig } from './chain-config.ts'
import { type ChainSecrets, readChainSecrets } from './chain-secrets.ts'
import type { Environment } from './environment.ts'

/** The secrets of every chain a gate serves. */
export type GateSecrets = {
  readonly find: FindSecrets
  /** Reads what is past half its life again, beside the answer to a call. */
  renew(): Promise<void>
  /** A gate that reads a chain's secrets again, once in a while, before it refuses one: new secrets work at once. */
  guard(gate: Gate): Gate
}

/**
 * Secrets from the Parameter Store, kept in memory for a minute. While the store is away the last
 * ones stay valid; a chain the function does not serve is not looked up at all, and wrong secrets
 * lead to one read per chain and five seconds, so that nobody can flood the store with them.
 */
export function gateSecrets({ chains, parameters: prefix }: Environment, read: ReadParameters, log: Log): GateSecrets {
  const byChain = new Map<string, Cached<ChainSecrets>>(
    chains.map((chain) => {
      const onFailure = (error: unknown) => log.error('secrets not read; the last ones stay valid', { chain, error })
      const load = async (last: ChainSecrets | undefined) => {
        const { nodes } = await readChainConfig(read, prefix, chain, log)
        const names = nodes.map(({ name }) => name)
        return readChainSecrets(read, { prefix, chain }, names, last, log)
      }
      return [chain, cached(load, { onFailure })]
    }),
  )
  return {
    find: async (chain, node) => (await byChain.get(chain)?.get())?.get(node),
    renew: async () => {
      await Promise.all([...byChain.values()].map((secrets) => secrets.renew()))
    },
    guard: (gate) => async (request) => {
      const answer = await gate(request)
      if (answer.status !== 401) return answer
      const found = route(request.method, request.path)
      const secrets = found.to === 'node' ? byChain.get(found.caller.chain) : undefined
      return (await secrets?.again()) ? gate(request) : answer
    },
  }
}
