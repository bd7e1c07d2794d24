import { fromEnv } from '@aws-sdk/credential-provider-env'

// What the bundles of the functions have in place of parts of the AWS SDK that no function uses: see lib/cdk/bundling.ts.

/**
 * In place of the default chain of credentials: Lambda always gives them in the environment. The chain would bring
 * 100 kB of single sign-on, profiles and metadata services that a function never asks.
 */
export const defaultProvider = () => fromEnv()

/**
 * In place of the cache of discovered endpoints: discovery is off, as it is unless a variable asks for it, so nothing
 * is ever put here or found.
 */
export class EndpointCache {
  get(): undefined {
    return undefined
  }
  getEndpoint(): undefined {
    return undefined
  }
  has(): false {
    return false
  }
  set(): void {}
  delete(): void {}
}
