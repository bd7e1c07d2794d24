/**
 * Stands in for the SDK's cache of discovered endpoints in the bundles: discovery is off, as it is
 * unless a variable asks for it, so nothing is ever put here or found.
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
