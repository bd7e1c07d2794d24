import { fromEnv } from '@aws-sdk/credential-provider-env'

// Replacements in the functions' bundles for parts of the AWS SDK that no function uses: see lib/cdk/bundling.ts.

/**
 * Replaces the default credentials chain: Lambda always provides credentials in the environment. The chain would add
 * 100 kB of single sign-on, profiles and metadata services that no function uses.
 */
export const defaultProvider = () => fromEnv()

/**
 * Replaces the cache of discovered endpoints: discovery is off unless a variable enables it, so the cache stays empty.
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
